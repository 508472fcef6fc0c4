"""What payments settled, as customers are told: on the portal and on confirmations."""

from odoo import models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

CONFIRMATION = "bss_payments_pl.document_payment_confirmation"


class BssPaymentMatch(models.Model):
    _inherit = "bss.payment.match"  # pylint: disable=consider-merging-classes-inherited

    def _bss_paid_domain(self, accounts):
        """Journal items that are payments, or payments taken back, of billing accounts."""
        return (
            Domain("bss_account_id", "in", accounts.ids)
            & Domain("account_id.account_type", "=", "asset_receivable")
            & Domain("parent_state", "=", "posted")
            & Domain("statement_line_id", "!=", False)
        )

    def _bss_paid_rows(self, accounts, limit=None, offset=0):
        """Booked payments of billing accounts, the newest first.

        Of a payment that was split over several customers only the part of these accounts is told.

        :return: [{"match", "date", "account", "amount", "left", "documents": [(number, amount)]}]; a payment
            taken back has a negative amount
        """
        lines = self.env["account.move.line"].sudo()
        lines = lines.search(self._bss_paid_domain(accounts), order="date desc, id desc", limit=limit, offset=offset)
        return self._bss_rows_of(lines)

    def _bss_rows_of(self, lines):
        settled = self._bss_settled(lines)
        return [
            {
                "match": line.statement_line_id.bss_match_ids[:1],
                "date": line.date,
                "account": line.bss_account_id,
                "amount": -line.balance,
                "left": -line.amount_residual,
                "documents": settled.get(line.id, []),
            }
            for line in lines
        ]

    def _bss_settled(self, lines):
        """{id of a payment's journal item: [(number of the document, amount)]}"""
        if not lines:
            return {}
        self.env["account.partial.reconcile"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT own.id, document.name, sum(part.amount)
                  FROM account_partial_reconcile part
                  JOIN account_move_line own ON own.id IN (part.credit_move_id, part.debit_move_id)
                  JOIN account_move_line other
                    ON other.id IN (part.credit_move_id, part.debit_move_id) AND other.id != own.id
                  JOIN account_move document ON document.id = other.move_id
                 WHERE own.id = ANY(%(ids)s)
                   AND (part.credit_move_id = ANY(%(ids)s) OR part.debit_move_id = ANY(%(ids)s))
                   AND document.move_type IN ('out_invoice', 'out_refund')
                   AND other.bss_account_id = own.bss_account_id
              GROUP BY own.id, document.id
              ORDER BY own.id, min(other.date_maturity), document.id
                """,
                ids=list(lines.ids),
            )
        )
        settled = {}
        for line_id, number, amount in rows:
            settled.setdefault(line_id, []).append((number, float(amount)))
        return settled

    # --- confirmation

    def _bss_confirmation(self, accounts=None):
        """(file name, PDF bytes) of the confirmation that a payment arrived.

        :param accounts: billing accounts whose part is confirmed; without them the whole payment
        :raises UserError: nothing was booked, or for several customers
        """
        self.ensure_one()
        match = self.sudo()
        whole = lines = match._bss_receivable_items().filtered("bss_account_id")
        if accounts is not None:
            lines = lines.filtered(lambda line: line.bss_account_id in accounts)
        rows = self._bss_rows_of(lines)
        if match.state != "booked" or not rows or sum(row["amount"] for row in rows) <= 0:
            raise UserError(self.env._("Only booked payments are confirmed: %(name)s.", name=match.display_name))
        customer = lines.bss_account_id.partner_id
        if len(customer) > 1:
            raise UserError(
                self.env._("The payment was split over several customers; each of them gets it on the portal.")
            )
        number = match._bss_confirmation_number()
        values = {
            "match": match,
            # the title of a payment for several customers names the others' documents
            "title": match.title if lines == whole else "",
            "rows": rows,
            "accounts": lines.bss_account_id,
            "total": sum(row["amount"] for row in rows),
            "left": sum(row["left"] for row in rows),
            "documents": [document for row in rows for document in row["documents"]],
            "taken_back": bool(self.sudo().search_count([("reversed_id", "=", match.id)], limit=1)),
        }
        pdf = (
            self.env["bss.document"]
            .sudo()
            ._bss_letter_pdf(CONFIRMATION, "other", number, customer, match.company_id, values, polish_day.today())
        )
        return f"{number.replace('/', '-')}.pdf", pdf

    def _bss_confirmation_number(self):
        return f"PW/{self.date:%Y/%m}/{self.id}"

    def action_print_confirmation(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/bss/payment/{self.id}/confirmation.pdf", "target": "new"}

    def action_mail_confirmation(self):
        """Send the confirmation to the customer, with its PDF."""
        self.ensure_one()
        self._bss_check_may_book()
        customer = self.sudo().account_id.partner_id
        if not customer or not customer._bss_may_contact("billing", "email"):
            raise UserError(self.env._("The customer cannot be reached by e-mail."))
        name, pdf = self._bss_confirmation()
        file = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {"name": name, "raw": pdf, "mimetype": "application/pdf", "res_model": self._name, "res_id": self.id}
            )
        )
        template = self.env.ref("bss_payments_pl.mail_template_payment_confirmation").sudo()
        template.send_mail(self.id, email_values={"attachment_ids": file.ids})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The confirmation goes to %(email)s.", email=customer.email),
            },
        }
