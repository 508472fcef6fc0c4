from datetime import date
from unittest.mock import patch

from odoo.addons.bss_dunning.planning import load
from odoo.addons.bss_dunning.planning.scope import Scope
from odoo.addons.bss_dunning.planning.terms import Terms
from odoo.sql_db import Cursor
from odoo.tests import tagged

from .common import DunningCommon

REMINDED = date(2026, 10, 8)
# of the past of cases, of their notices, of their blocks
PAST = ("array_agg(channel", "action.notice_flaw", "MAX(block.done_at)")


@tagged("post_install", "-at_install")
class TestPlanningFresh(DunningCommon):
    """A first night: documents are read once, nothing is asked about cases that are only just made."""

    def statements(self, company, as_of):
        """Statements of looking at a company's accounts."""
        found = []
        execute = Cursor.execute

        def spied(cursor, query, *args, **kwargs):
            found.append(query if isinstance(query, str) else query.code)
            return execute(cursor, query, *args, **kwargs)

        self.env.flush_all()
        self.env.invalidate_all()
        with patch.object(Cursor, "execute", spied):
            self.Case._bss_refresh(company, as_of)
            self.env.flush_all()
        return found

    def test_the_past_of_new_cases_is_not_asked_for(self):
        accounts = [self.debtor("Pierwszy"), self.debtor("Drugi")]
        first = self.statements(self.company, REMINDED)
        self.assertEqual(len(self.Case.search([("account_id", "in", [account.id for account in accounts])])), 2)
        self.assertFalse([one for one in first if any(words in one for words in PAST)])
        again = self.statements(self.company, REMINDED)
        self.assertTrue([one for one in again if any(words in one for words in PAST)])

    def test_new_cases_are_not_read_record_by_record(self):
        self.debtor("Pierwszy")
        first = self.statements(self.company, REMINDED)
        self.assertTrue([one for one in first if "INSERT INTO bss_dunning_case" in one])
        self.assertFalse([one for one in first if '"bss_dunning_case"."next_code"' in one])

    def test_documents_are_loaded_oldest_first(self):
        """Whatever order they were made in; a disputed one is withheld, the others are not."""
        account = self.debtor(due=date(2026, 10, 5), amount=123.0)
        disputed = self.receivable(self.make_invoice(account, 20.0, date(2026, 10, 1)))
        disputed.no_followup = True
        oldest = self.receivable(self.make_invoice(account, 50.5, date(2026, 9, 30)))
        load.flush(self.env)
        scope = Scope.of_accounts(self.company.id, account.ids)
        book = load.load_accounts(self.env, scope, Terms(self.env, REMINDED))[account.id].book
        self.assertEqual(book.dues, (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 5)))
        self.assertEqual([item.key for item in book.items[:2]], [oldest.id, disputed.id])
        self.assertEqual([item.withheld for item in book.items], ["", "DISPUTED", ""])
        self.assertEqual([str(item.residual) for item in book.items], ["50.50", "20.00", "123.00"])
        self.assertEqual(str(book.overdue), "193.50")
