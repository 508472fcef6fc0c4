import json
from datetime import date
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestMeasuresPlan(DunningCommon):
    """How the database answers what is asked of all open items: what it looks up one by one would take minutes."""

    def tables(self, node):
        """Names of the tables that a plan reads."""
        own = {node["Relation Name"]} if "Relation Name" in node else set()
        return own.union(*(self.tables(part) for part in node.get("Plans", ())))

    def plan_of(self, query):
        self.env.flush_all()
        [(plan,)] = self.env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", query))
        return (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]

    def test_the_ageing_of_a_day_reads_no_moves(self):
        asked, own = [], type(self.env).execute_query

        def listening(env, query):
            asked.append(query)
            return own(env, query)

        with patch.object(type(self.env), "execute_query", listening):
            self.env["bss.dunning.kpi"]._bss_flows(self.company, date(2026, 9, 30), date(2026, 10, 20))
        (query,) = [query for query in asked if "WITH settled" in query.code]
        tables = self.tables(self.plan_of(query))
        self.assertIn("account_move_line", tables)
        self.assertNotIn("account_move", tables)

    def test_receivable_accounts_are_values_to_the_ageing_report(self):
        """Joined they are expected to hold a handful of the items, and customers are looked up one by one."""
        tables = self.tables(self.plan_of(self.env["bss.dunning.ageing.report"]._table_query))
        self.assertIn("account_move_line", tables)
        self.assertNotIn("account_account", tables)
