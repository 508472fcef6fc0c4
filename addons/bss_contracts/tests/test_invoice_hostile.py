"""Invoices that ordinary months do not make: what is printed of them, and what is copied."""

import random
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import AccessError, ConcurrencyError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .. import bulk
from ..bulk.prepare import Setting
from .bulk_common import DAY, BulkCommon


def grosz(text):
    """Grosz of a printed amount."""
    return int(text.replace("\u2212", "-").replace("\u00a0", "").removesuffix("zł").replace(",", ""))


@tagged("post_install", "-at_install")
class TestInvoiceHostile(BulkCommon):
    def posted(self, *lines, account=None, count=1):
        requests = [self.bulk_request(number, account or self.accounts[0], lines) for number in range(1, count + 1)]
        return self.orm_invoices(requests)

    def content(self, *lines):
        return self.posted(*lines)._bss_invoice_document_data()

    def overpay(self, account, amount):
        """Money on the account before the invoices."""
        receivable = account.partner_id.property_account_receivable_id
        other = self.env["account.account"].search(
            [("account_type", "=", "asset_current"), ("company_ids", "in", self.company.id)], limit=1
        )
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1
        )
        entry = self.env["account.move"].create(
            {
                "date": DAY,
                "journal_id": journal.id,
                "line_ids": [
                    (0, 0, {"account_id": receivable.id, "partner_id": account.partner_id.id, "credit": amount}),
                    (0, 0, {"account_id": other.id, "debit": amount}),
                ],
            }
        )
        entry.action_post()
        entry.line_ids.filtered(lambda line: line.account_id == receivable).bss_account_id = account

    def test_parts_of_a_grosz_add_up_to_the_total(self):
        """Rounded line by line they would give 10.05, the invoice is of 10.04."""
        line = self.bulk_line("10.05", quantity=Decimal("0.333"))
        self.env.ref("uom.decimal_product_uom").digits = 3
        data = self.content(line, line, line)
        self.assertEqual(sum(grosz(row["net"]) for row in data["lines"]), grosz(data["totals"]["net"]))
        self.assertEqual(sum(grosz(row["net"]) for row in data["taxes"]), grosz(data["totals"]["net"]))

    def test_price_is_after_the_discount(self):
        """Without a column for discounts the unit price must be the reduced one (art. 106e of the VAT act)."""
        [row] = self.content(self.bulk_line("100.00", quantity=Decimal(2), discount=Decimal(10)))["lines"]
        self.assertEqual((row["price"], row["net"]), ("90,00", "180,00"))

    def test_price_below_a_grosz_is_printed(self):
        self.env.ref("product.decimal_price").digits = 4
        [row] = self.content(self.bulk_line("0.0049", quantity=Decimal(1000)))["lines"]
        self.assertEqual((row["price"], row["net"]), ("0,0049", "4,90"))

    def test_overpayment_settles_once(self):
        """Two invoices of one account on one day do not both live on the same credit."""
        account = self.accounts[0]
        self.overpay(account, 100.0)
        moves = self.posted(self.bulk_line("60.00"), account=account, count=3)
        data = [moves._bss_invoice_documents()[move.id] for move in moves]
        due = [grosz(one["totals"]["due"]) for one in data]
        self.assertEqual(due, [0, 2 * 7380 - 10000, 7380])
        self.assertEqual([one["totals"]["gross"] for one in data], ["73,80"] * 3)

    def test_engine_and_closed_form_on_hostile_lines(self):
        dice = random.Random(7)
        bad = []
        seen = 0
        for method in ("round_globally", "round_per_line"):
            self.company.tax_calculation_rounding_method = method
            setting = Setting(self.env, self.bulk_run)
            for number in range(700):
                gross = number % 2 == 0
                names = ["23", "8", "5", "0"]
                lines = []
                for _place in range(dice.choice((1, 2, 3, 7, 40))):
                    price = Decimal(dice.choice((dice.randrange(-9_999, 9_999), dice.randrange(-60, 60)))) / 100
                    lines.append(
                        self.bulk_line(
                            price,
                            dice.choice(names),
                            gross,
                            quantity=Decimal(dice.choice((0, 1, 1, 1, 2, 3, 100, "0.5", "-1"))),
                            discount=Decimal(dice.choice((0, 0, 0, 10, 50, 100, "33.33"))),
                        )
                    )
                request = self.bulk_request(number, lines=lines)
                setting.learn([request])
                found = bulk.closed_form(request.lines, setting.rules, setting.engine.per_line)
                if found:
                    seen += 1
                    asked = setting.engine.ask(request.lines).amounts
                    if found != asked:
                        bad.append((method, gross, len(lines), found, asked))
        self.assertGreater(seen, 300)
        self.assertFalse(bad, f"{len(bad)} of {seen}: {bad[:2]}")

    def test_copy_of_hostile_requests(self):
        names = ("\\N", "\\.", "a\u2028b\u0085c\x0b\x0cd", "\t\r\n", "{0}{x}", "'; DROP TABLE x; --", "\\x41\\101")
        accounts = self.accounts.filtered(lambda one: one.partner_id.name.startswith("Jan"))
        for account, name in zip(accounts, ("\\.", "\\N", "a\u2028b\u0085c", "x\\"), strict=False):
            account.partner_id.name = name
        requests = []
        for number in range(1, 25):
            lines = [
                self.bulk_line("50.00", name=names[number % len(names)]),
                self.bulk_line("0.00", "23", name="zero"),
                self.bulk_line("70.00", "8", quantity=Decimal(0)),
                self.bulk_line("5.00", "8", discount=Decimal(100)),
                self.bulk_line("-40.00", "23"),
                self.bulk_line("-0.01", "0", quantity=Decimal(1)),
                self.bulk_line("12.00", "8", quantity=Decimal("-0.50"), name=""),
                self.bulk_line("16.00", "8"),
            ]
            requests.append(self.bulk_request(number, accounts[number % len(accounts)], lines))
        prepared = bulk.prepare(self.env, self.bulk_run, requests)
        self.assertFalse(prepared.problems)
        part = prepared.tier("copy")
        self.assertEqual(len(part.ready), 24, prepared.tiers)
        expected = self.orm_pictures([one.request for one in part.ready])
        first = bulk.Number(f"{self.billing_journal.code}/2025/", 1)
        ids = bulk.write_copy(self.env, part, first)
        for move_id, (_name, theirs) in zip(ids, expected, strict=True):
            self.assertEqual(bulk.differences(bulk.canonical(self.env, move_id), theirs), [])

    def test_rows_of_an_account_with_several_invoices(self):
        """The credit that the first one uses is not there for the second; every choice of a canary agrees."""
        accounts = self.accounts.filtered(lambda one: one.partner_id.name.startswith("Jan"))
        self.overpay(accounts[0], 100.0)
        requests = [
            self.bulk_request(number, accounts[number % 2], [self.bulk_line("60.00")]) for number in range(1, 13)
        ]
        part = bulk.prepare(self.env, self.bulk_run, requests).tier("copy")
        self.assertEqual(len(part.ready), 12)
        ids = bulk.write_copy(
            self.env, part, bulk.Number(f"{self.billing_journal.code}/2025/", 1), canaries=len(requests)
        )
        moves = self.env["account.move"].browse(ids).sudo()
        of_first = moves.filtered(lambda move: move.bss_account_id == accounts[0])
        due = [grosz(move.bss_document_data["totals"]["due"]) for move in of_first]
        self.assertEqual(due, [0, 2 * 7380 - 10000, *[7380] * 4])

    def test_portal_prints_only_its_own_invoices(self):
        own, other = self.accounts[:2]
        moves = self.posted(self.bulk_line("60.00"), account=own) | self.posted(self.bulk_line("60.00"), account=other)
        user = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "hostile_portal",
                "partner_id": own.partner_id.id,
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        moves._bss_archive_invoices()
        report = self.env["ir.actions.report"].with_user(user)
        for number, move in enumerate(moves):
            self.env.flush_all()
            self.env.invalidate_all()
            if number:
                with self.assertRaises(AccessError):
                    report._render_qweb_pdf("account.account_invoices", move.ids)
                self.env.invalidate_all()
                attachment = self.env["bss.document"].sudo().search([("res_id", "=", move.id)]).attachment_id
                with self.assertRaises(AccessError):
                    attachment.with_user(user).check_access("read")
            else:
                pdf, _kind = report._render_qweb_pdf("account.account_invoices", move.ids)
                self.assertEqual(pdf[:4], b"%PDF")
                # what was read before as somebody else gives no right
                moves.mapped("bss_account_id.name")
                with self.assertRaises(AccessError):
                    report._render_qweb_pdf("account.account_invoices", moves[1].ids)

    def test_document_archived_by_somebody_else_meanwhile(self):
        """Two clicks of a customer: the second request is begun anew and finds the document, no error page."""
        move = self.posted(self.bulk_line("60.00"))
        document = move._bss_archive_invoices()
        blind = patch.object(type(document), "search", lambda self, *_args, **_options: self.browse())
        with (
            self.assertRaises(ConcurrencyError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
            blind,
        ):
            move._bss_archive_invoices()
        self.assertEqual(move._bss_archive_invoices(), document)

    def test_bookkeeper_makes_no_invoice_of_a_bill_run(self):
        """It would pass the guard of the journal and take a number that is reserved."""
        clerk = new_test_user(self.env, "hostile_bookkeeper", "account.group_account_invoice")
        vals = bulk.move_vals(self.bulk_run, self.bulk_request(1))
        with self.assertRaises(AccessError):
            self.env["account.move"].with_user(clerk).create(vals)
