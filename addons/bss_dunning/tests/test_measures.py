from ast import literal_eval
from datetime import date, timedelta
from io import BytesIO

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged
from openpyxl import load_workbook

from .common import DunningCommon

DAY = date(2026, 11, 20)


@tagged("post_install", "-at_install")
class TestMeasures(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector = cls.user("windykator.liczby", "bss_catalog.group_bss_collector")
        cls.viewer = cls.user("podglad.liczby", "bss_catalog.group_bss_viewer")
        cls.Ageing = cls.env["bss.dunning.ageing.report"]
        cls.Effect = cls.env["bss.dunning.effect.report"]
        cls.Kpi = cls.env["bss.dunning.kpi"]

    @classmethod
    def user(cls, login, group, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login,
            groups=f"base.group_user,{group}",
            company_id=company.id,
            company_ids=company.ids,
            context={"no_reset_password": True},
        )

    # Ageing

    @freeze_time(DAY)
    def test_ageing_adds_up_to_the_books(self):
        account = self.make_subscriber("Wiekowy", "consumer")
        for late, amount in ((-3, 10.0), (1, 20.0), (31, 40.0), (65, 80.0), (91, 160.0), (185, 320.0), (366, 640.0)):
            due = DAY - timedelta(days=late)
            self.make_invoice(account, amount, due, invoice_date=due - timedelta(days=14))
        self.make_payment(account, 5.0, DAY)
        rows = self.Ageing._read_group([("account_id", "=", account.id)], ["bucket"], ["amount:sum"])
        self.assertEqual(
            dict(rows),
            {
                "credit": -5.0, "not_due": 10.0, "1_30": 20.0, "31_60": 40.0, "61_90": 80.0, "91_180": 160.0,
                "181_365": 320.0, "365": 640.0,
            },
        )  # fmt: skip
        overdue = self.Ageing._read_group([("account_id", "=", account.id)], [], ["amount_overdue:sum"])[0][0]
        self.assertEqual(overdue, 1260.0)
        self.run_on(DAY)
        case = self.case_of(account)
        self.assertEqual(case.amount_overdue, overdue - 5.0)
        found = self.Ageing.search([("account_id", "=", account.id), ("amount_overdue", ">", 0)])
        self.assertEqual(found.case_id, case)
        self.assertEqual(found[0].action_open()["res_id"], case.id)

    @freeze_time(date(2026, 11, 16))
    def test_a_term_on_a_free_day_is_not_late_on_monday(self):
        account = self.make_subscriber("Sobotni", "consumer")
        self.make_invoice(account, 10.0, date(2026, 11, 14))
        self.assertEqual(self.Ageing.search([("account_id", "=", account.id)]).bucket, "not_due")
        with freeze_time(date(2026, 11, 17)):
            self.Ageing.invalidate_model()
            self.assertEqual(self.Ageing.search([("account_id", "=", account.id)]).bucket, "1_30")

    # Effect

    def taken(self, name="Skuteczny", amount=123.0):
        account = self.debtor(name, amount=amount)
        self.run_on(date(2026, 10, 8))
        action = self.case_of(account).action_ids
        self.assertEqual((action.state, action.date_done), ("done", date(2026, 10, 8)))
        return account, action

    def effect_of(self, action):
        self.Kpi._bss_refresh(self.company, DAY)
        return self.Effect.search([("action_id", "=", action.id)])

    def test_only_a_payment_after_the_step_and_within_the_days_counts(self):
        account, action = self.taken()
        self.company.bss_dunning_effect_days = 14
        self.assertEqual((self.effect_of(action).recovered, self.effect_of(action).cured), (0.0, 0))
        move = account.invoice_ids
        self.pay(move, 23.0, date(2026, 10, 8))
        self.assertEqual(self.effect_of(action).recovered, 0.0, "on the day of the step: it was under way already")
        self.pay(move, 50.0, date(2026, 10, 22))
        self.assertEqual(self.effect_of(action).recovered, 50.0)
        self.pay(move, 50.0, date(2026, 10, 23))
        self.assertEqual(self.effect_of(action).recovered, 50.0, "too late")
        self.company.bss_dunning_effect_days = 15
        self.assertEqual(self.effect_of(action).recovered, 100.0)

    def test_rates_of_a_group_are_those_of_its_sums(self):
        account, action = self.taken("Zapłacił", 100.0)
        _other, second = self.taken("Nie zapłacił", 300.0)
        self.pay(account.invoice_ids, 100.0, date(2026, 10, 12))
        (action | second).sudo().write({"cost": 2.0})
        self.Kpi._bss_refresh(self.company, DAY)
        [(count, cured, rate, recovery, per_zloty)] = self.Effect._read_group(
            [("action_id", "in", (action | second).ids)],
            [],
            ["__count", "cured:sum", "cure_rate:avg", "recovery_rate:avg", "cost_per_zloty:avg"],
        )
        self.assertEqual((count, cured, float(rate), float(recovery)), (2, 1, 50.0, 25.0))
        self.assertAlmostEqual(float(per_zloty), 0.04)
        self.assertEqual(self.effect_of(action).step_id, action.step_id)

    # Key figures

    def test_figures_of_a_month(self):
        account = self.make_subscriber("Miesięczny", "consumer")
        old = self.make_invoice(account, 100.0, date(2026, 10, 20), invoice_date=date(2026, 10, 6))
        self.make_invoice(account, 60.0, date(2026, 9, 10), invoice_date=date(2026, 8, 27))
        self.make_invoice(account, 40.0, date(2026, 12, 4), invoice_date=date(2026, 11, 20))
        self.pay(old, 70.0, date(2026, 11, 10))
        flows, closing = self.Kpi._bss_flows(self.company, date(2026, 10, 31), DAY)
        self.assertEqual(
            {code: float(amount) for code, amount in closing.items() if amount},
            {"31_60": 30.0, "61_90": 60.0, "not_due": 40.0},
        )
        row = self.Kpi._bss_snapshot(self.company, DAY)
        self.assertEqual((row.opening, row.sales, row.receivables, row.not_due), (160.0, 40.0, 130.0, 40.0))
        self.assertEqual(row.cei, 43.75, "70 of the 160 that could be collected")
        self.assertEqual((row.roll_1_30, row.roll_31_60), (30.0, 100.0))
        self.assertTrue(flows)

    def test_a_repetition_replaces_the_day(self):
        account = self.make_subscriber("Powtórny", "consumer")
        self.make_invoice(account, 100.0, date(2026, 11, 5))
        first = self.Kpi._bss_snapshot(self.company, DAY)
        before = first.receivables
        self.make_invoice(account, 11.0, date(2026, 11, 6))
        again = self.Kpi._bss_snapshot(self.company, DAY)
        self.assertEqual(first, again)
        self.assertEqual(again.receivables - before, 11.0)
        next_day = self.Kpi._bss_snapshot(self.company, DAY + timedelta(days=1))
        self.assertEqual((first.month_end, next_day.month_end), (False, True))
        other_month = self.Kpi._bss_snapshot(self.company, date(2026, 12, 1))
        self.assertTrue(next_day.month_end and other_month.month_end)

    @freeze_time(DAY)
    def test_nightly_figures(self):
        self.make_subscriber("Nocny", "consumer")
        with self.enter_registry_test_mode():
            self.env.ref("bss_dunning.cron_bss_dunning_kpi").method_direct_trigger()
        self.assertEqual(self.Kpi.search_count([("company_id", "=", self.company.id), ("date", "=", DAY)]), 1)

    # Payment pattern

    @freeze_time(DAY)
    def test_pattern_of_a_customer(self):
        account = self.make_subscriber("Regularny", "public", partner={"vat": "PL5260250274"})
        for month, late in ((8, 0), (9, 10), (10, 20)):
            due = date(2026, month, 14)
            self.pay(self.make_invoice(account, 100.0, due, invoice_date=date(2026, month, 1)), 100.0,
                     due + timedelta(days=late))  # fmt: skip
        self.Kpi._bss_refresh(self.company, DAY)
        pattern = self.env["bss.dunning.pattern"].search([("account_id", "=", account.id)])
        self.assertEqual((pattern.id, pattern.as_of), (account.id, DAY))
        self.assertEqual((pattern.document_count, pattern.amount), (3, 300.0))
        self.assertAlmostEqual(pattern.days_late, 10.0, 1)
        self.assertAlmostEqual(pattern.share_on_time, 33.3, 1)
        self.assertEqual(pattern.last_payment, date(2026, 11, 3))
        self.assertEqual(pattern.journal_id, self.bank_journal)
        answer = pattern.with_user(self.collector).action_print()
        number = int(answer["url"].split("/")[-1].partition("?")[0])
        sheet = self.env["ir.attachment"].with_user(self.collector).browse(number)
        self.assertTrue(sheet.raw.startswith(b"%PDF"))
        self.assertEqual(len(pattern._bss_print_rows(date(2026, 1, 1))), 3)
        self.env["res.lang"]._activate_lang("pl_PL")
        summary = pattern.with_context(lang="pl_PL")._bss_summary()
        self.assertIn("33,3%", summary)
        self.assertIn("300,00", summary)

    # Promises

    @freeze_time(date(2026, 10, 12))
    def test_promises_kept(self):
        account, action = self.taken("Obiecujący")
        case = action.case_id
        self.company.write({"bss_promise_min_percent": 0, "bss_promise_broken_days": 0})
        kept = case._bss_promise(50.0, date(2026, 10, 16))
        report = self.env["bss.dunning.promise.report"]
        self.assertEqual(report.search([("promise_id", "=", kept.id)]).decided, 0)
        figures = self.env["bss.dunning.today"].with_user(self.collector)
        with freeze_time(date(2026, 10, 16)):
            tile = next(one for one in figures.get_figures()["tiles"] if one["key"] == "promises")
            self.assertEqual(tile["count"], 1)
        kept._bss_finish("broken", date(2026, 10, 20))
        case._bss_promise(50.0, date(2026, 10, 16))._bss_finish("kept", date(2026, 10, 16))
        case._bss_promise(50.0, date(2026, 10, 16))._bss_finish("cancelled", date(2026, 10, 16))
        [(decided, share)] = report._read_group([("account_id", "=", account.id)], [], ["decided:sum", "kept_rate:avg"])
        self.assertEqual((decided, float(share)), (2, 50.0), "one that was taken back does not count")
        titles = [event["title"] for event in case.get_timeline()]
        self.assertEqual(sum(title.startswith(self.env._("Promise")) for title in titles), 3)

    # Workbook, dashboard

    @freeze_time(DAY)
    def test_workbook_holds_every_sheet(self):
        account = self.debtor("=Zuchwały", amount=777.0)
        self.run_on(DAY)
        self.Kpi._bss_snapshot(self.company, DAY)
        with self.env["bss.dunning.workbook"].with_user(self.collector)._bss_write() as handle:
            book = load_workbook(BytesIO(handle.read()))
        self.assertEqual(len(book.sheetnames), 6)
        cells = [cell for row in book.worksheets[4].iter_rows(values_only=True) for cell in row]
        self.assertIn(self.case_of(account).name, cells)
        self.assertIn(777.0, [float(cell) for cell in cells if isinstance(cell, (int, float))])
        kinds = {cell.data_type for row in book.worksheets[4].iter_rows() for cell in row}
        self.assertNotIn("f", kinds, "the name of a customer is no formula")
        formats = {cell.column: (cell.data_type, cell.number_format) for cell in book.worksheets[4][2]}
        self.assertEqual(formats[5], ("n", "#,##0.00"), "an amount is a number with its grosze")
        self.assertEqual(formats[7], ("d", "mm-dd-yy"), "format 14: the short date of the reader's language")
        with self.assertRaises(AccessError):
            self.env["bss.dunning.workbook"].with_user(self.viewer)._bss_write()

    @freeze_time(DAY)
    def test_dashboard_counts_what_its_lists_hold(self):
        self.debtor("Widoczny", amount=555.0)
        self.run_on(DAY)
        today = self.env["bss.dunning.today"].with_user(self.collector)
        figures = today.get_figures()
        cases = self.Case.with_user(self.collector).search(self.Case._bss_collected_domain())
        self.assertEqual(figures["head"]["cases"], len(cases))
        for tile in figures["tiles"]:
            action = today.open_tile(tile["key"])
            self.assertEqual(self.env[action["res_model"]].search_count(action["domain"]), tile["count"], tile["key"])
        for bucket in figures["buckets"]:
            action = today.open_bucket(bucket["key"])
            self.assertEqual(self.Case.search_count(action["domain"]), bucket["count"])
        self.assertEqual(sum(bucket["count"] for bucket in figures["buckets"]), len(cases))
        for stage in figures["stages"]:
            self.assertEqual(self.Case.search_count(today.open_stage(stage["id"])["domain"]), stage["count"])
        self.assertEqual(self.Case.search_count(today.open_head("")["domain"]), figures["head"]["cases"])
        self.Kpi._bss_snapshot(self.company, DAY)
        self.env["res.lang"]._activate_lang("pl_PL")
        head = today.with_context(lang="pl_PL").get_figures()["head"]
        self.assertRegex(head["dso"], r"^[\d\s]+,\d$", "figures in the words of the reader")
        self.assertRegex(head["cei"], r"^[\d\s]+,\d%$")
        self.assertEqual(self.env["bss.dunning.today"].with_context(lang="pl_PL")._bss_percent(33.33), "33,3%")
        nobody = new_test_user(self.env, "nikt.liczby", groups="base.group_user", context={"no_reset_password": True})
        for user in (self.viewer, nobody):
            with self.assertRaises(AccessError):
                self.env["bss.dunning.today"].with_user(user).get_figures()

    @freeze_time(DAY)
    def test_watched_cases_are_counted_in_a_tile_of_their_own(self):
        self.debtor("Pracowany", amount=555.0)
        self.debtor("Obserwowany", amount=1.0)
        self.run_on(DAY)
        self.assertTrue(self.Case.search_count([("watched", "=", True)]))
        today = self.env["bss.dunning.today"].with_user(self.collector)
        figures = today.get_figures()
        worklist = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_worklist_action")
        worked = self.Case.search_count(literal_eval(worklist["domain"]))
        self.assertEqual(figures["head"]["cases"], worked)
        for part in ("buckets", "stages"):
            self.assertEqual(sum(row["count"] for row in figures[part]), worked, part)
        watched = next(tile for tile in figures["tiles"] if tile["key"] == "watched")
        self.assertEqual(watched["count"] + worked, self.Case.search_count([("state", "!=", "closed")]))

    # Rights

    def test_numbers_are_for_collectors_of_the_company(self):
        _account, action = self.taken()
        self.Kpi._bss_snapshot(self.company, DAY)
        self.env.flush_all()
        other = self.env["res.company"].create({"name": "Trzeci Operator"})
        theirs = self.user("obcy.liczby", "bss_catalog.group_bss_collector", other)
        their_env = self.env(user=theirs, context={"allowed_company_ids": other.ids})
        for name in (
            "bss.dunning.ageing.report",
            "bss.dunning.effect.report",
            "bss.dunning.promise.report",
            "bss.dunning.kpi",
            "bss.dunning.pattern",
        ):
            self.assertFalse(their_env[name].search([]), name)
            with self.assertRaises(AccessError):
                self.env[name].with_user(self.viewer).search([])
        self.assertTrue(self.Effect.with_user(self.collector).search([("action_id", "=", action.id)]))
        with self.assertRaises(AccessError):
            self.Kpi.with_user(self.collector).create({"company_id": self.company.id, "date": DAY, "month": DAY})
        with self.assertRaises(AccessError):
            self.Kpi.with_user(self.viewer).action_snapshot()
