from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import SQL

from ..models import bss_dunning_kpi_part as parts
from .common import DunningCommon

DAY = date(2026, 11, 20)


@tagged("post_install", "-at_install")
class TestMeasuresRefresh(DunningCommon):
    """What is counted at night is what the books say, however it is cut into ranges."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Kpi = cls.env["bss.dunning.kpi"]
        cls.Effect = cls.env["bss.dunning.effect.report"]
        cls.Pattern = cls.env["bss.dunning.pattern"]

    def payers(self):
        """Accounts that were dunned and paid little, much and nothing."""
        accounts = self.env["bss.account"]
        for name, paid in (("Trochę", 30.0), ("Wszystko", 100.0), ("Nic", 0.0)):
            account = self.debtor(name, amount=100.0)
            self.run_on(date(2026, 10, 8))
            if paid:
                self.pay(account.invoice_ids, paid, date(2026, 10, 12))
            accounts |= account
        return accounts

    def effects(self, accounts):
        rows = self.Effect.search([("account_id", "in", accounts.ids)])
        return {row.account_id: (row.amount, row.recovered, row.cured) for row in rows}

    def patterns(self, accounts):
        names = ["document_count", "amount", "amount_on_time", "days_late", "share_on_time", "last_payment"]
        rows = self.Pattern.search([("account_id", "in", accounts.ids)])
        return {row.account_id: tuple(row[name] for name in [*names, "usual_day", "journal_id"]) for row in rows}

    @freeze_time(DAY)
    def test_ranges_of_one_record_count_like_one_range(self):
        little, much, nothing = accounts = self.payers()
        self.Kpi._bss_refresh(self.company, DAY)
        effects, patterns = self.effects(accounts), self.patterns(accounts)
        self.assertEqual(effects, {little: (100.0, 30.0, 0), much: (100.0, 100.0, 1), nothing: (100.0, 0.0, 0)})
        self.assertEqual({account: row[:2] for account, row in patterns.items()}, {little: (1, 30.0), much: (1, 100.0)})
        accounts.dunning_case_ids.action_ids.sudo().write({"recovered": 7.0})
        self.env.cr.execute("DELETE FROM bss_dunning_pattern")
        self.Pattern.invalidate_model()
        with patch.object(parts, "RANGE", 1):
            self.Kpi._bss_refresh(self.company, DAY)
        self.assertEqual((self.effects(accounts), self.patterns(accounts)), (effects, patterns))
        self.assertEqual(self.company.bss_dunning_measured_on, DAY)
        self.assertEqual(set(self.Effect.search([("account_id", "in", accounts.ids)]).mapped("as_of")), {DAY})

    @freeze_time(DAY)
    def test_a_payment_taken_back_is_counted_no_more(self):
        little, much, _nothing = accounts = self.payers()
        self.Kpi._bss_refresh(self.company, DAY)
        receivable = much.invoice_ids.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        receivable.remove_move_reconcile()
        self.Kpi._bss_refresh(self.company, DAY)
        self.assertEqual(self.effects(accounts)[much], (100.0, 0.0, 0))
        self.assertEqual(self.patterns(accounts).keys(), {little})

    @freeze_time(DAY)
    def test_chosen_accounts_are_counted_at_once(self):
        little, much, _nothing = accounts = self.payers()
        self.Kpi._bss_refresh(self.company, DAY)
        before = self.patterns(accounts)
        for account in little | much:
            move = self.make_invoice(account, 40.0, date(2026, 11, 10), invoice_date=date(2026, 10, 20))
            self.pay(move, 40.0, date(2026, 11, 10))
        collector = new_test_user(
            self.env,
            "windykator.wzory",
            groups="base.group_user,bss_catalog.group_bss_collector",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.Pattern.with_user(collector).search([("account_id", "=", little.id)]).action_refresh()
        after = self.patterns(accounts)
        self.assertEqual((after[little][:2], after[much]), ((2, 70.0), before[much]))

    @freeze_time(DAY)
    def test_the_button_leaves_histories_to_a_job(self):
        with trap_jobs() as trap:
            self.Kpi.with_company(self.company).action_snapshot()
        trap.assert_jobs_count(1)

    @freeze_time(DAY)
    def test_ageing_lists_the_open_items_of_accounts(self):
        account = self.make_subscriber("Otwarty", "consumer")
        for late in (-3, 5, 100):
            due = DAY - timedelta(days=late)
            self.make_invoice(account, 10.0 + late, due, invoice_date=due - timedelta(days=14))
        self.make_payment(account, 5.0, DAY)
        self.env.flush_all()
        books = self.env.execute_query(
            SQL(
                """
                SELECT line.id, line.amount_residual, move.bss_account_id, account.partner_id
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN bss_account account ON account.id = move.bss_account_id
                  JOIN account_account ledger ON ledger.id = line.account_id
                 WHERE account.company_id = %s AND ledger.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted' AND line.amount_residual <> 0 AND line.reconciled IS NOT TRUE
                """,
                self.company.id,
            )
        )
        rows = self.env["bss.dunning.ageing.report"].search([("company_id", "=", self.company.id)])
        found = {(row.id, row.amount, row.account_id.id, row.partner_id.id) for row in rows}
        self.assertEqual(found, {(line, float(amount), owner, partner) for line, amount, owner, partner in books})
        self.assertEqual(len(rows.filtered(lambda row: row.account_id == account)), 4)
