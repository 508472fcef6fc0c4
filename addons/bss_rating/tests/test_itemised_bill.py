"""The itemised bill: what it lists, that it comes to what is charged, who sees what."""

import csv
import io
from datetime import date
from decimal import Decimal

from odoo.addons.bss_contracts.tests.test_document import squeeze, text_of
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..report import itemised_bill
from ..report.itemised_bill import View
from .common import OCTOBER, RatingCommon

FULL = View(0, False, False)


class ItemisedCommon(RatingCommon):
    """October: 61 s and 30 s to Warsaw, 119 s to a mobile, the ambulance; billed in November."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.file = cls.load(
            cls.call(61, start="2026-10-14 12:00:00"),
            cls.call(30, start="2026-10-31 23:59:30"),
            cls.call(119, start="2026-10-15 08:00:00", dst="601234567"),
            cls.call(10, start="2026-10-16 08:00:00", dst="112"),
            cls.call(600, start="2026-10-17 08:00:00", dst="116111"),
        )

    @classmethod
    def rates(cls, **prices):
        cls.helpline = cls.make_zone("T-116", "free", ["48116"])
        return [*super().rates(**prices), {"zone_id": cls.helpline.id, "price_micro": 0}]

    @classmethod
    def billed(cls, account=None):
        """Rate, charge and bill October."""
        cls.rate(OCTOBER)._bss_make_charges()
        cls.bill()
        return (account or cls.account).invoice_ids.sorted("id")[-1:]

    def rows(self, bill):
        """Rows of the CSV as dictionaries by the English or Polish names of the columns."""
        file = io.StringIO()
        bill.write_csv(file)
        say = bill.say
        names = {label: name for name, label in reversed(say.items())}
        rows = list(csv.DictReader(io.StringIO(file.getvalue()), delimiter=";"))
        self.assertNotIn("\n\n", file.getvalue())
        self.assertEqual({len(row) for row in csv.reader(io.StringIO(file.getvalue()), delimiter=";")}, {len(rows[0])})
        return [{names[label]: value for label, value in row.items()} for row in rows]

    def amounts_of(self, rows, kind, name="amount"):
        return [Decimal(row[name].replace(",", ".")) for row in rows if row["row"] == kind]

    def listed(self, bill):
        return [row for row in self.rows(bill) if row["row"] == bill.say["row_event"]]


@tagged("post_install", "-at_install")
class TestItemisedBill(ItemisedCommon):
    def test_bill_of_an_invoice_ties_to_the_grosz(self):
        """0.2948 + 0.2900 = 0.5848 charged 0.58; 120 s at 0.29 a minute 0.58: 1.16 together."""
        invoice = self.billed()
        bill = self.account._bss_itemised_bill(FULL, move=invoice)
        rows, say = self.rows(bill), bill.say
        subtotals = [row for row in rows if row["row"] == say["row_subtotal"]]
        self.assertEqual(
            [
                (row["zone"], row["amount"], row["rounding"], row["charged"])
                for row in subtotals
                if row["charged"] > "0,0000"
            ],
            [("Zone T-FIX", "0,5848", "-0,0048", "0,5800"), ("Zone T-MOB", "0,5800", "0,0000", "0,5800")],
        )
        total = rows[-1]
        self.assertEqual(
            (total["row"], total["amount"], total["rounding"], total["charged"]),
            (say["row_total"], "1,1648", "-0,0048", "1,1600"),
        )
        charged = sum(
            self.env["bss.charge"].search([("move_id", "=", invoice.id), ("kind", "=", "usage")]).mapped("amount")
        )
        self.assertEqual(charged, 1.16)
        self.assertEqual(sum(self.amounts_of(rows, say["row_event"])), Decimal("1.1648"))

    def test_local_time_number_and_length_of_each_event(self):
        self.rate()
        rows = self.listed(self.account._bss_itemised_bill(FULL, first=OCTOBER[0], last=OCTOBER[1]))
        self.assertIn(
            ("2026-10-14", "12:00:00", "120", "48221234567", "61", "0,2948"),
            [tuple(row[name] for name in ("date", "time", "offset", "number", "units", "amount")) for row in rows],
        )
        # the last half minute of October in Poland is of October, after the change of the clock
        self.assertIn(("2026-10-31", "23:59:30", "60"), [(row["date"], row["time"], row["offset"]) for row in rows])
        self.assertEqual(len(rows), 5)

    def test_free_numbers_are_left_out_and_nothing_that_costs(self):
        self.billed()
        view = View(0, False, True)
        bill = self.account._bss_itemised_bill(view, first=OCTOBER[0], last=OCTOBER[1])
        self.assertEqual({row["number"] for row in self.listed(bill)}, {"48221234567", "48601234567"})

    def test_a_day_is_a_day_in_poland(self):
        self.rate()
        bill = self.account._bss_itemised_bill(FULL, first=date(2026, 10, 31), last=date(2026, 10, 31))
        self.assertEqual([row["time"] for row in self.listed(bill)], ["23:59:30"])

    def test_free_units_are_shown(self):
        self.give_minutes(1, [self.fixed])
        invoice = self.billed()
        rows = self.listed(self.account._bss_itemised_bill(FULL, move=invoice))
        taken = {row["time"]: (row["allowance_units"], row["amount"]) for row in rows}
        self.assertEqual(taken["12:00:00"], ("60", "0,0048"))
        self.assertEqual(taken["23:59:30"], ("0", "0,2900"))

    def test_usage_without_a_charge_is_listed_beside(self):
        """Calls that free units paid whole make no charge; the subscriber sees them on the bill all the same."""
        self.give_minutes(10, [self.cellular])
        invoice = self.billed()
        rows = self.listed(self.account._bss_itemised_bill(FULL, move=invoice))
        self.assertIn(
            ("48601234567", "0,0000", "120"), [(r["number"], r["amount"], r["allowance_units"]) for r in rows]
        )

    def test_other_accounts_are_never_listed(self):
        other = self.make_subscriber("Jan Kowalski", products=[self.mobile], msisdn="48501000009")
        other.service_ids.rate_plan_id = self.plan
        self.load(self.call(61, src="501000009", dst="225550000"))
        invoice = self.billed()
        for bill in (
            self.account._bss_itemised_bill(FULL, move=invoice),
            self.account._bss_itemised_bill(FULL, first=OCTOBER[0], last=OCTOBER[1]),
            self.account._bss_itemised_bill(FULL, services=other.service_ids, first=OCTOBER[0], last=OCTOBER[1]),
        ):
            self.assertNotIn("48225550000", {row["number"] for row in self.listed(bill)})

    def test_corrections_are_charged_elsewhere(self):
        """A price too high by half is rated again after the bill: the same events, the way to both charges is shown."""
        invoice = self.billed()
        version = self.plan.browse(self.plan.action_new_version()["res_id"])
        self.plan.action_withdraw()
        version.write({"date_start": self.plan.date_start, "date_end": self.plan.date_end})
        version.rate_ids.filtered(lambda rate: rate.zone_id == self.cellular).price_micro = 145_000
        version.action_activate()
        vals = {"date_start": OCTOBER[0], "date_end": OCTOBER[1], "reason": "Wrong price"}
        self.env["bss.rerating"].create(vals).action_rerate()
        bill = self.account._bss_itemised_bill(FULL, move=invoice)
        row = next(r for r in self.rows(bill) if r["zone"] == "Zone T-MOB" and r["row"] == bill.say["row_subtotal"])
        self.assertEqual(
            (row["amount"], row["elsewhere"], row["rounding"], row["charged"]),
            ("0,2900", "-0,2900", "0,0000", "0,5800"),
        )

    def test_two_bills_of_one_month_list_each_event_once(self):
        """Bills of a part of the month: each lists the days that it charges, though the events are of one group."""
        run = self.rate(OCTOBER)
        run._bss_make_charges(until_day=date(2026, 10, 15))
        self.bill(date_start=date(2026, 10, 15), date_end=date(2026, 11, 14))
        first = self.account.invoice_ids
        run._bss_make_charges()
        self.bill()
        second = self.account.invoice_ids - first
        listed = [self.listed(self.account._bss_itemised_bill(FULL, move=invoice)) for invoice in (first, second)]
        costly = [[(row["date"], row["amount"]) for row in rows if row["amount"] > "0,0000"] for rows in listed]
        self.assertEqual(costly, [[("2026-10-14", "0,2948")], [("2026-10-31", "0,2900"), ("2026-10-15", "0,5800")]])
        for invoice, charged in ((first, "0,2900"), (second, "0,8700")):
            total = self.rows(self.account._bss_itemised_bill(FULL, move=invoice))[-1]
            self.assertEqual((total["charged"], total["elsewhere"], total["later"]), (charged, "0,0000", "0,0000"))

    def test_late_usage_is_listed_with_what_was_charged_before(self):
        first = self.billed()
        self.load(self.call(30, start="2026-10-20 10:00:00"))
        second = self.billed()
        self.assertNotEqual(first, second)
        bill = self.account._bss_itemised_bill(FULL, move=second)
        self.assertIn("2026-10-20", {row["date"] for row in self.listed(bill)})
        total = self.rows(bill)[-1]
        amounts = {
            name: Decimal(total[name].replace(",", "."))
            for name in ("amount", "rounding", "elsewhere", "later", "charged")
        }
        self.assertEqual(amounts["charged"], Decimal("0.29"))
        self.assertEqual(
            amounts["amount"] + amounts["rounding"] - amounts["elsewhere"] - amounts["later"], amounts["charged"]
        )

    # --- PDF

    def test_pdf_says_it_in_polish(self):
        invoice = self.billed()
        text = squeeze(text_of(self.account._bss_itemised_bill(FULL, move=invoice).pdf()))
        for words in ("Billing szczegółowy", invoice.name, "14.10.2026", "12:00:00", "48221234567", "1:01", "0,2948",
                      "Zaokrąglenie do grosza", "−0,0048", "Na fakturze netto", "1,16"):  # fmt: skip
            self.assertIn(squeeze(words), text)

    def test_many_events_are_for_the_file(self):
        self.billed()
        self.patch(itemised_bill, "PDF_EVENTS", 2)
        bill = self.account._bss_itemised_bill(FULL, first=OCTOBER[0], last=OCTOBER[1])
        text = squeeze(text_of(bill.pdf()))
        self.assertIn(squeeze("wszystkie zdarzenia są w pliku CSV"), text)
        self.assertNotIn("48221234567", text)
        self.assertIn("0,5848", text, "the sums are printed")
        self.assertEqual(len(self.listed(bill)), 5)

    # --- who sees what

    def user(self, role):
        return new_test_user(
            self.env,
            f"t_itemised_{role}",
            groups=f"bss_catalog.group_bss_{role}",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def numbers(self, user, **vals):
        wizard = (
            self.env["bss.itemised.bill"]
            .with_user(user)
            .create({"account_id": self.account.id, "date_from": OCTOBER[0], "date_to": OCTOBER[1], **vals})
        )
        return {row["number"] for row in self.listed(wizard._bss_bill())}

    def test_numbers_are_shown_by_setting_and_by_right(self):
        self.rate()
        clerk, viewer = self.user("clerk"), self.user("viewer")
        self.assertEqual(self.numbers(clerk), {"48221234***", "48601234***"})
        self.assertEqual(self.numbers(clerk, full_numbers=True), {"48221234567", "48601234567"})
        self.account.itemised_full = True
        self.assertEqual(self.numbers(clerk), {"48221234567", "48601234567"})
        self.company.bss_itemised_mask_digits = 5
        self.account.itemised_full = False
        self.assertEqual(self.numbers(clerk), {"482212*****", "486012*****"})
        self.assertEqual(self.numbers(viewer, full_numbers=True, without_free=False), {"48221***567", "48601***567"})

    def test_every_file_is_written_down(self):
        self.rate()
        clerk = self.user("clerk")
        wizard = (
            self.env["bss.itemised.bill"]
            .with_user(clerk)
            .create({"account_id": self.account.id, "date_from": OCTOBER[0], "date_to": OCTOBER[1]})
        )
        for extension, start in (("csv", b"\xef\xbb\xbf"), ("pdf", b"%PDF")):
            name, file = wizard._bss_file(wizard._bss_bill(), extension)
            self.assertTrue(file.read().startswith(start))
            file.close()
            self.assertTrue(name.endswith(f".{extension}"))
            log = self.env["bss.usage.export"].search([], limit=1)
            self.assertEqual((log.user_id, log.kind, log.count), (clerk, "itemised", 5))
            self.assertEqual(log.field_names, f"{extension}: {self.account.name}")
            self.assertEqual(str(log.last_at), "2026-10-31 22:59:30")

    def test_form_refuses_a_period_that_is_none(self):
        form = Form(self.env["bss.itemised.bill"].with_context(default_account_id=self.account.id))
        form.date_from, form.date_to = OCTOBER[1], OCTOBER[0]
        with self.assertRaises(UserError):
            form.save()
        other = self.make_subscriber("Jan Kowalski", products=[self.mobile])
        with self.assertRaises(UserError):
            self.env["bss.itemised.bill"].create({"account_id": other.id, "move_id": self.billed().id})

    # --- with the invoice

    def test_archived_with_every_invoice_that_wants_it(self):
        self.account.itemised_bill = "invoice"
        invoice = self.billed()
        run = invoice.bss_bill_run_id.with_context(queue_job__no_delay=True)
        self.assertEqual((run.document_total, run.document_count), (2, 0))
        run._bss_prepare_documents()
        run.invalidate_recordset()
        self.assertEqual((run.document_total, run.document_count, run.document_state), (2, 2, "ready"))
        document = self.env["bss.document"].search([("kind", "=", "itemised")])
        self.assertEqual((document.res_id, document.account_id), (invoice.id, self.account))
        text = squeeze(text_of(document._bss_content()))
        self.assertIn("48221234***", text)
        self.assertNotIn("48221234567", text)
        self.assertEqual(run._bss_prepare_documents(), 0, "done once")
        invoice._bss_archive_invoices()
        self.assertEqual(self.env["bss.document"].search_count([("kind", "=", "itemised")]), 1)

    def test_not_archived_on_request(self):
        invoice = self.billed()
        invoice._bss_archive_invoices()
        self.assertFalse(self.env["bss.document"].search([("kind", "=", "itemised")]))
        self.assertEqual(invoice.bss_bill_run_id.document_total, 1)

    def test_archived_one_is_for_clerks(self):
        self.account.itemised_bill = "invoice"
        invoice = self.billed()
        invoice._bss_archive_invoices()
        document = self.env["bss.document"].search([("kind", "=", "itemised")])
        self.assertEqual(document.with_user(self.user("clerk")).attachment_id.raw[:4], b"%PDF")
        for role in ("viewer", "collector"):
            mine = document.with_user(self.user(role))
            self.assertFalse(mine.search([("kind", "=", "itemised")]))
            with self.assertRaises(AccessError):
                mine.attachment_id.with_user(mine.env.user).check_access("read")
            self.assertTrue(mine.search([("kind", "=", "invoice")]), "invoices stay open to them")

    def test_it_leaves_with_the_invoice(self):
        self.account.write({"itemised_bill": "invoice", "delivery_method": "email"})
        self.account.partner_id.email = "anna@example.com"
        invoice = self.billed()
        invoice.with_context(queue_job__no_delay=True).action_bss_deliver()
        document = self.env["bss.document"].search([("kind", "=", "itemised")])
        message = invoice.message_ids.filtered("attachment_ids")[:1]
        self.assertIn(document.attachment_id, message.sudo().attachment_ids)
        self.assertEqual((document.state, document.channel), ("sent", "email"))
        self.assertEqual(
            document.attachment_id.res_model, "bss.document", "still kept with the archive, and guarded as it"
        )
        mail = self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])
        self.assertIn(document.attachment_id, mail.attachment_ids)
