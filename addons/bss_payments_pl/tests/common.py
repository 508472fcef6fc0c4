from datetime import date
from decimal import Decimal

from odoo.addons.bss_contracts.tests.common import ContractsCommon

from ..bank_core import nrb

BANK_NRB = nrb.check_digits("102055580000111122223333") + "102055580000111122223333"
PREFIX = "102055614444"
#: a payer's own bank account
PAYER = "38109010140000071219812900"
#: context of users made for a test
NO_MAIL = {"no_reset_password": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}


class PaymentsCommon(ContractsCommon):
    """A bank journal with an account and a pool; maker of PKO BP files, invoices and payments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank_account = cls.env["res.partner.bank"].create(
            {"acc_number": BANK_NRB, "partner_id": cls.company.partner_id.id, "company_id": cls.company.id}
        )
        cls.bank_journal.bank_account_id = cls.bank_account
        cls.pool = cls.env["bss.virtual.account.pool"].create(
            {"name": "Pool", "journal_id": cls.bank_journal.id, "prefix": PREFIX, "next_number": 101}
        )
        cls.Import = cls.env["bss.bank.import"]
        cls.Match = cls.env["bss.payment.match"]

    @classmethod
    def make_invoice(cls, account, amount, day=date(2026, 10, 1), due=None, name=None, currency=None):
        """Posted invoice of an exact gross amount."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": account.partner_id.id,
                "bss_account_id": account.id,
                "invoice_date": day,
                "invoice_date_due": due or day,
                "invoice_payment_term_id": False,
                "journal_id": cls.sale_journal.id,
                "currency_id": (currency or cls.currency).id,
                "invoice_line_ids": [(0, 0, {"name": "x", "price_unit": amount, "tax_ids": [(5,)]})],
            }
        )
        if name:
            move.name = name
        move.action_post()
        return move

    def entry(self, amount, title="", key="", ref=None, mark="C", payer="", name="", day="261120"):
        """One entry as PKO BP writes it."""
        self.entry_no = getattr(self, "entry_no", 0) + 1
        ref = ref or f"R{self.entry_no:06d}"
        pieces = [title[i : i + 27] for i in range(0, 162, 27)]
        rows = [f":61:{day}{day[2:]}{mark}{amount}N240NONREF//{ref}", "240 0", ":86:020~00240"]
        rows += [f"~2{i}{piece or chr(0x2D9)}" for i, piece in enumerate(pieces)]
        rows += [f"~32{name}", f"~38PL{payer}" if payer else "~38˙", f"~63SWRK {key}" if key else "~63˙"]
        return "\r\n".join(rows) + "\r\n"

    def statement(self, *entries, opening="0,00", closing=None, number=1, account=BANK_NRB, currency="PLN"):
        """A whole statement; the closing balance is counted from what can be read."""
        if closing is None:
            total = Decimal(opening.replace(",", "."))
            for row in entries:
                mark, amount = self._mark_and_amount(row)
                total += amount if mark in ("C", "RD") else -amount
            closing = f"{abs(total):.2f}".replace(".", ",")
            side = "D" if total < 0 else "C"
        else:
            side = "C"
        head = f":20:MT940\r\n:25:/PL{account}\r\n:28C:{number}\r\n:60F:C261120{currency}{opening}\r\n"
        foot = f":62F:{side}261120{currency}{closing}\r\n-\r\n"
        return (head + "".join(entries) + foot).encode("iso-8859-2")

    @staticmethod
    def _mark_and_amount(row):
        import re

        found = re.match(r":61:\d{10}(R?[CD])(\d+,\d\d)N", row)
        return (found.group(1), Decimal(found.group(2).replace(",", "."))) if found else ("C", Decimal(0))

    def receive(self, content, name="wb.sta"):
        return self.Import._bss_receive(self.bank_journal, name, content)

    def import_file(self, *entries, **kwargs):
        record = self.receive(self.statement(*entries, **kwargs))
        record._bss_import()
        return record

    def nrb_of(self, account):
        return account.virtual_account_ids.nrb

    def key_of(self, account):
        return self.nrb_of(account)[14:]

    def assert_conserved(self, record):
        """Credits of the file = booked + to decide + set aside, and every entry is in one list."""
        self.assertEqual(record.amount_difference, 0)
        self.assertEqual(
            record.count_entries,
            record.count_credits
            + record.count_debits
            + record.count_known
            + record.count_zero
            + len(record.match_ids.filtered(lambda m: m.reason == "UNREADABLE" and not m.statement_line_id)),
        )
        lines = self.env["account.bank.statement.line"].search([("statement_id.bss_import_id", "=", record.id)])
        self.assertEqual(len(lines), record.count_credits + record.count_debits)
        for line in lines:
            match = line.bss_match_ids
            liquidity, suspense, others = line._seek_for_lines()
            self.assertEqual(sum(liquidity.mapped("balance")), line.amount)
            if match.state == "booked":
                self.assertFalse(suspense)
                self.assertEqual(others.account_id.account_type, "asset_receivable")
                self.assertEqual(others.bss_account_id, match.account_id)
                self.assertEqual(line.move_id.bss_account_id, match.account_id)
            else:
                self.assertEqual(sum(suspense.mapped("balance")), -line.amount)
                self.assertFalse(line.move_id.bss_account_id)
