from datetime import timedelta

from odoo.fields import Command

from .common import ContractsCommon


class SettlementCommon(ContractsCommon):
    """Postings of receivables by hand, and the ledger as text amounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.make_account()
        cls.receivable = cls.account.partner_id.with_company(cls.company).property_account_receivable_id
        cls.expense = cls._book("expense")
        cls.misc_journal = cls._bss_journal("general")

    @classmethod
    def _book(cls, kind):
        return cls.env["account.account"].search(
            [("account_type", "=", kind), ("company_ids", "in", cls.company.ids)], limit=1
        )

    def invoice(self, amount, day, account=None, move_type="out_invoice", **vals):
        """Posted invoice of ``amount`` gross, without tax."""
        account = account or self.account
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": account.partner_id.id,
                "bss_account_id": account.id,
                "invoice_date": day,
                "invoice_payment_term_id": False,
                "invoice_date_due": day + timedelta(days=14),
                "journal_id": self.billing_journal.id,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "x", "price_unit": amount, "tax_ids": False, "account_id": self._book("income").id}
                    )
                ],
                **vals,
            }
        )
        move._post(soft=False)
        return self.items(move)

    def entry(self, amount, day, counterpart, account=None, journal=None, partner=None, **vals):
        """Posted entry that moves the receivable by ``amount``; ``account`` False: names no billing account."""
        account = self.account if account is None else account
        partner = partner or (account or self.account).partner_id
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "journal_id": (journal or self.misc_journal).id,
                "bss_account_id": account and account.id,
                "line_ids": [
                    Command.create({"account_id": self.receivable.id, "balance": amount, "partner_id": partner.id}),
                    Command.create({"account_id": counterpart.id, "balance": -amount}),
                ],
                **vals,
            }
        )
        move._post(soft=False)
        return self.items(move)

    def payment(self, amount, day, account=None, **vals):
        """Money of the customer; negative: given back to him."""
        return self.entry(
            -amount, day, self.bank_journal.default_account_id, account, journal=self.bank_journal, **vals
        )

    def items(self, move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    def rows(self, account=None, **scope):
        if not scope.keys() & {"settlement_partner_ids", "settlement_account_ids"}:
            scope["settlement_account_ids"] = (account or self.account).ids
        return self.env["bss.settlement"].with_context(**scope)._bss_rows()

    def short(self, rows):
        return [(row["kind"], row["debit"], row["credit"], row["balance"], row["amount_open"]) for row in rows]
