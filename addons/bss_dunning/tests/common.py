from datetime import date

from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.fields import Command


class DunningCommon(ContractsCommon):
    """Overdue accounts made by hand: posted invoices with their own due date, payments through the bank journal."""

    due = date(2026, 10, 5)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.household = cls.env.ref("bss_dunning.strategy_household")
        cls.business = cls.env.ref("bss_dunning.strategy_business")
        cls.Case = cls.env["bss.dunning.case"]
        cls.Action = cls.env["bss.dunning.action"]
        cls.env["res.partner.bank"].create(
            {"acc_number": "61109010140000071219812874", "partner_id": cls.company.partner_id.id}
        )

    @classmethod
    def make_invoice(cls, account, amount=123.0, due=None, **vals):
        """Posted invoice of ``amount`` gross."""
        due = due or cls.due
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": account.partner_id.id,
                "bss_account_id": account.id,
                "company_id": account.company_id.id,
                "invoice_date": min(date(2026, 9, 21), due),
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Abonament", "quantity": 1, "price_unit": amount, "tax_ids": [Command.clear()]}
                    )
                ],
                **vals,
            }
        )
        move.action_post()
        return move

    @classmethod
    def pay(cls, move, amount=None, day=date(2026, 10, 12)):
        """Entry of the bank journal set against an invoice; the transaction's end is played."""
        receivable = cls.receivable(move)
        amount = amount or receivable.amount_residual
        entry = cls.make_payment(move.bss_account_id, amount, day)
        (receivable | entry).reconcile()
        cls.end_transaction()
        return entry

    @classmethod
    def make_payment(cls, account, amount, day=date(2026, 10, 12)):
        """Open credit of an account."""
        ledger = account.partner_id.with_company(account.company_id).property_account_receivable_id
        bank = cls.env["account.account"].search(
            [("account_type", "=", "asset_cash"), ("company_ids", "in", account.company_id.ids)], limit=1
        )
        journal = cls.bank_journal
        move = cls.env["account.move"].create(
            {
                "date": day,
                "journal_id": journal.id,
                "bss_account_id": account.id,
                "line_ids": [
                    Command.create({"account_id": bank.id, "debit": amount, "partner_id": account.partner_id.id}),
                    Command.create({"account_id": ledger.id, "credit": amount, "partner_id": account.partner_id.id}),
                ],
            }
        )
        move.action_post()
        return cls.receivable(move)

    @classmethod
    def receivable(cls, move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    @classmethod
    def end_transaction(cls):
        cls.env.flush_all()
        cls.env.cr.precommit.run()

    @classmethod
    def run_on(cls, day):
        return cls.env["bss.dunning.run"]._bss_run(day)

    @classmethod
    def case_of(cls, account):
        return cls.Case.search([("account_id", "=", account.id), ("state", "!=", "closed")])

    def debtor(self, name="Jan Kowalski", kind="consumer", amount=123.0, due=None, **vals):
        vals["partner"] = {"phone": "+48 600 100 200", **vals.get("partner", {})}
        account = self.make_subscriber(name, kind, **vals)
        self.make_invoice(account, amount, due)
        return account
