"""The settlement ledger: movements, links, scopes, rights."""

from datetime import date, timedelta
from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .settlement_common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlement(SettlementCommon):
    def test_movements_in_order_with_running_balance_and_links(self):
        march, may = date(2026, 3, 1), date(2026, 5, 1)
        first = self.invoice(100.0, march)
        second = self.invoice(50.0, date(2026, 4, 1))
        money = self.payment(120.0, may)
        (first | second | money).reconcile()
        rows = self.rows()
        self.assertEqual(
            self.short(rows),
            [
                ("invoice", "100.00", "0", "100.00", "0.00"),
                ("invoice", "50.00", "0", "150.00", "30.00"),
                ("payment", "0", "120.00", "30.00", "0.00"),
            ],
        )
        self.assertEqual([row["state"] for row in rows], ["settled", "partial", "settled"])
        self.assertEqual(rows[0]["number"], first.move_id.name)
        self.assertEqual((rows[0]["date_issue"], rows[0]["date_due"]), (march, march + timedelta(days=14)))
        links = self.env["bss.settlement.link"].with_context(settlement_account_ids=self.account.ids)._bss_rows()
        seen = {(row["line_id"], row["other_line_id"], row["amount"]) for row in links}
        both = {(first.id, money.id, "100.00"), (second.id, money.id, "20.00")}
        self.assertEqual(seen, both | {(other, line, amount) for line, other, amount in both})
        screen = self.env["bss.settlement"].with_context(settlement_account_ids=self.account.ids).search([])
        self.assertIn(money.move_id.name, screen[0].settled_with)
        self.assertIn(second.move_id.name, screen[2].settled_with)

    def test_as_of_a_day_later_settlements_do_not_count(self):
        item = self.invoice(100.0, date(2026, 3, 1))
        (item | self.payment(100.0, date(2026, 5, 1))).reconcile()
        (row,) = self.rows(settlement_date_to="2026-04-30")
        self.assertEqual((row["amount_open"], row["overdue_days"]), ("100.00", 46))
        self.assertEqual([row["amount_open"] for row in self.rows(settlement_date_to="2026-05-01")], ["0.00", "0.00"])

    def test_earlier_movements_are_the_opening_balance(self):
        self.invoice(100.0, date(2026, 3, 1))
        self.payment(40.0, date(2026, 3, 31))
        self.invoice(7.0, date(2026, 4, 1))
        rows = self.rows(settlement_date_from="2026-04-01")
        self.assertEqual(
            self.short(rows),
            [("opening_balance", "60.00", "0", "60.00", "60.00"), ("invoice", "7.00", "0", "67.00", "7.00")],
        )
        self.assertEqual(rows[0]["date"], date(2026, 3, 31))

    def test_order_is_that_of_time_and_turns_round_as_a_whole(self):
        day = date(2026, 3, 1)
        for amount in (100.0, 10.0, 1.0):
            self.invoice(amount, day)
        self.payment(50.0, date(2026, 3, 2))
        ledger = self.env["bss.settlement"].with_context(settlement_account_ids=self.account.ids)
        self.assertEqual(ledger.search([]).mapped("balance"), [100.0, 110.0, 111.0, 61.0])
        # what the list asks for on a click on its column "Date"
        turned = ledger.web_search_read([], {"balance": {}}, order="date desc, id asc")["records"]
        self.assertEqual([row["balance"] for row in turned], [61.0, 111.0, 110.0, 100.0])
        # also below another column, and however it is written
        within = ledger.search([], order="kind desc, date DESC, id")
        self.assertEqual(within.mapped("balance"), [61.0, 111.0, 110.0, 100.0])
        self.assertEqual(
            [one.balance for one in self._statement().movements],
            [Decimal(text) for text in ("100", "110", "111", "61")],
        )

    def _statement(self):
        wizard = self.env["bss.settlement.statement"].create(
            {"account_id": self.account.id, "company_id": self.company.id}
        )
        return wizard._bss_statement()

    def test_cells_without_an_amount_stay_blank(self):
        arch = self.env["bss.settlement"].get_view(view_type="list")["arch"]
        for name in ("debit", "credit", "amount_open", "overdue_days"):
            self.assertRegex(arch, rf'name="{name}"[^>]*invisible="not {name}"')

    def test_kinds_of_documents(self):
        day = date(2026, 3, 1)
        self.invoice(100.0, day)
        self.invoice(10.0, day, move_type="out_refund")
        self.payment(5.0, day)
        self.payment(-5.0, day)
        self.entry(-3.0, day, self.expense)
        self.entry(4.0, day, self._book("income"))
        self.entry(6.0, day, self._book("income"), bss_settlement_kind="interest_note")
        self.entry(8.0, day, self._book("equity_unaffected") or self._book("equity"))
        self.entry(9.0, day, self._book("liability_current"))
        self.assertEqual(
            [row["kind"] for row in self.rows()],
            [
                "invoice",
                "correction",
                "payment",
                "refund",
                "write_off",
                "debit_note",
                "interest_note",
                "opening",
                "entry",
            ],
        )

    def test_deposits_are_named(self):
        contract = self.env["bss.contract"].create({"account_id": self.account.id})
        self.invoice(30.0, date(2026, 3, 1))
        deposit = self.env["bss.deposit"].create(
            {"contract_id": contract.id, "amount": 200.0, "date": date(2026, 3, 2)}
        )
        deposit.action_due()
        demand = deposit.sudo()._bss_demand()
        (demand | self.payment(200.0, date(2026, 3, 3))).reconcile()
        deposit._bss_set_off(date(2026, 3, 4))
        deposit._bss_return(date(2026, 3, 5))
        rows = self.rows()
        self.assertEqual(
            [row["kind"] for row in rows], ["invoice", "deposit", "payment", "deposit_set_off", "deposit_return"]
        )
        self.assertEqual(rows[-1]["balance"], "-170.00")

    def test_payment_that_names_no_account_counts_as_far_as_it_settles(self):
        item = self.invoice(100.0, date(2026, 3, 1))
        money = self.payment(150.0, date(2026, 3, 5), account=False)
        (item | money).reconcile()
        self.assertEqual(
            self.short(self.rows()),
            [("invoice", "100.00", "0", "100.00", "0.00"), ("payment", "0", "100.00", "0.00", "0")],
        )
        self.assertEqual(self.account.amount_due, 0.0)
        customer = self.rows(settlement_partner_ids=self.account.partner_id.ids)
        self.assertEqual(
            self.short(customer),
            [("invoice", "100.00", "0", "100.00", "0.00"), ("payment", "0", "150.00", "-50.00", "-50.00")],
        )

    def test_payment_of_another_account_is_a_transfer(self):
        other = self.env["bss.account"].create(
            {"partner_id": self.account.partner_id.id, "bill_cycle_id": self.cycle.id}
        )
        item = self.invoice(100.0, date(2026, 3, 1))
        (item | self.payment(100.0, date(2026, 3, 5), account=other)).reconcile()
        self.assertEqual([row["kind"] for row in self.rows()], ["invoice", "transfer"])
        self.assertEqual(self.rows()[-1]["balance"], "0.00")
        self.assertEqual(
            self.short(self.rows(other)),
            [("payment", "0", "100.00", "-100.00", "0.00"), ("transfer", "100.00", "0", "0.00", "0")],
        )
        both = self.rows(settlement_partner_ids=self.account.partner_id.ids)
        self.assertEqual([row["kind"] for row in both], ["invoice", "payment"])

    def test_foreign_currency_is_shown_in_the_currency_of_the_company(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "name": date(2026, 1, 1),
                "inverse_company_rate": 4.0,
                "company_id": self.company.id,
            }
        )
        self.invoice(100.0, date(2026, 3, 1), currency_id=euro.id)
        (row,) = self.rows()
        self.assertEqual((row["debit"], row["amount_currency"]), ("400.00", "100.00"))
        self.assertEqual(row["foreign_currency_id"], euro.id)

    def test_without_a_scope_there_is_nothing(self):
        self.invoice(100.0, date(2026, 3, 1))
        self.assertFalse(self.env["bss.settlement"].search([]))

    def test_the_screen_searches_groups_and_opens(self):
        self.invoice(100.0, date(2026, 3, 1))
        (self.invoice(50.0, date(2026, 4, 1)) | self.payment(50.0, date(2026, 4, 2))).reconcile()
        action = self.account.action_view_settlements()
        ledger = self.env["bss.settlement"].with_context(**action["context"])
        late = ledger.search([("overdue_days", ">", 0)])
        self.assertEqual(late.mapped("debit"), [100.0])
        groups = ledger._read_group([], ["kind"], ["debit:sum", "credit:sum", "amount_open:sum"])
        self.assertEqual(
            {kind: (debit, credit, left) for kind, debit, credit, left in groups},
            {"invoice": (150.0, 0.0, 100.0), "payment": (0.0, 50.0, 0.0)},
        )
        opened = late.action_open_document()
        self.assertEqual((opened["res_model"], opened["res_id"]), ("account.move", late.move_id.id))
        for button in (
            late.move_id.action_view_bss_settlements(),
            self.account.partner_id.action_view_bss_settlements(),
        ):
            same = self.env["bss.settlement"].with_context(**button["context"])._bss_rows()
            self.assertEqual(same, ledger._bss_rows())
            # what the web client does after a reload: the stored action with the id in the address
            stored = self.env["ir.actions.act_window"].browse(button["id"])
            context = safe_eval(stored.context, {"active_id": button["context"]["active_id"]})
            self.assertEqual(self.env["bss.settlement"].with_context(**context)._bss_rows(), same)
            defaults = ledger.with_context(**button["context"]).action_statement()["context"]
            self.assertTrue(defaults["default_account_id"] or defaults["default_partner_id"])


@tagged("post_install", "-at_install")
class TestSettlementRights(SettlementCommon):
    def test_roles(self):
        self.invoice(100.0, date(2026, 3, 1))
        scope = {"settlement_account_ids": self.account.ids}
        roles = {
            role: f"bss_catalog.group_bss_{role}" for role in ("viewer", "clerk", "collector", "billing_manager")
        } | {"accountant": "account.group_account_user", "auditor": "account.group_account_readonly"}
        for role, group in roles.items():
            with self.subTest(role=role):
                user = new_test_user(self.env, f"settlement_{role}", groups=group, company_id=self.company.id)
                ledger = self.env["bss.settlement"].with_user(user).with_context(**scope)
                row = ledger.search([])
                shown = row.read(["number", "debit", "balance", "amount_open", "settled_with", "state"])
                self.assertEqual(shown[0]["amount_open"], 100.0)
                # what other addons let a role read decides
                reads_entries = self.env["account.move"].with_user(user).has_access("read")
                wanted = "account.move" if reads_entries else "bss.document"
                self.assertEqual(row.action_open_document()["res_model"], wanted)
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(ledger.has_access(operation))
        outsider = new_test_user(self.env, "settlement_outsider", groups="base.group_user", company_id=self.company.id)
        ledger = self.env["bss.settlement"].with_user(outsider).with_context(**scope)
        with self.assertRaises(AccessError):
            ledger.search([])
        with self.assertRaises(AccessError):
            ledger._bss_rows()

    def test_companies_keep_their_books_apart(self):
        self.invoice(100.0, date(2026, 3, 1))
        other = self.env["res.company"].with_context(install_mode=True).create({"name": "Inna spółka"})
        user = new_test_user(
            self.env, "settlement_other", groups="bss_catalog.group_bss_billing_manager", company_id=other.id
        )
        scope = {"settlement_partner_ids": self.account.partner_id.ids, "allowed_company_ids": other.ids}
        foreign = self.env["bss.settlement"].with_user(user).with_context(**scope)
        self.assertFalse(foreign.search([]))
        self.assertFalse(foreign._bss_rows())

    def test_plan_reaches_the_items_by_index(self):
        """At any size of the ledger: with sequential scans priced out none of the two big tables is read whole."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for scope in (
            {"settlement_account_ids": self.account.ids},
            {"settlement_partner_ids": self.account.partner_id.ids},
        ):
            ledger = self.env["bss.settlement"].with_context(**scope)
            plan = self.env.execute_query(SQL("EXPLAIN SELECT * FROM %s AS source", ledger._table_sql))
            text = "\n".join(row[0] for row in plan)
            self.assertIn("Index Cond", text)
            for table in ("account_move_line", "account_partial_reconcile", "account_move"):
                self.assertNotIn(f"Seq Scan on {table} ", text)
