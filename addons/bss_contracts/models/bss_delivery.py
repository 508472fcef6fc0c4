"""Issued invoices go to the customers, each in the way of its billing account."""

import hashlib
import logging

from odoo import models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError
from odoo.tools import SQL
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)

BATCH = 50
CHANNEL = "root.bss.billing"
KSEF_READY = ("not_applicable", "accepted")


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def action_bss_deliver(self):
        """Hand these invoices over to their customers; what left already stays as it is."""
        self.check_access("write")
        ready, waiting = self._bss_to_deliver()
        for start in range(0, len(ready), BATCH):
            batch = ready[start : start + BATCH]
            digest = hashlib.sha256(repr(batch.ids).encode()).hexdigest()[:16]
            batch.with_delay(
                channel=CHANNEL,
                identity_key=f"account.move:deliver:{digest}",
                description=self.env._("Delivery of %(count)s invoices", count=len(batch)),
            )._bss_deliver_batch()
        methods = ready.bss_account_id.grouped("delivery_method")
        post = len(ready.filtered(lambda move: move.bss_account_id in methods.get("post", ())))
        message = self.env._(
            "By e-mail: %(email)s, to print: %(post)s, waiting for KSeF: %(waiting)s.",
            email=len(ready) - post,
            post=post,
            waiting=len(waiting),
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"title": self.env._("Delivery of invoices"), "message": message, "type": "info"},
        }

    def _bss_to_deliver(self):
        """(invoices that may leave now, invoices that wait for KSeF); the portal shows its own by itself."""
        moves = self.filtered(
            lambda move: (
                move.state == "posted"
                and move._bss_prints_itself()
                and move.bss_account_id.delivery_method in ("email", "post")
            )
        )
        gone = self.env["bss.document"].sudo()
        gone = gone.search(
            [
                ("kind", "=", "invoice"),
                ("res_model", "=", self._name),
                ("res_id", "in", moves.ids),
                ("state", "!=", "issued"),
            ]
        )
        left = {(document.res_id, document.version) for document in gone}
        moves = moves.filtered(lambda move: (move.id, move.sudo().bss_document_version) not in left)
        waiting = moves.filtered(lambda move: not move._bss_may_leave())
        return moves - waiting, waiting

    def _bss_may_leave(self):
        """An invoice that belongs into KSeF leaves when KSeF has accepted it."""
        self.ensure_one()
        return "bss_ksef_state" not in self._fields or self["bss_ksef_state"] in (False, *KSEF_READY)

    def _bss_deliver_batch(self):
        """Job: one transaction; an invoice that cannot leave says why and does not hold the others."""
        moves = self.exists().sorted("id")
        if not moves:
            return
        self.env.cr.execute(
            SQL("SELECT id FROM account_move WHERE id IN %s ORDER BY id FOR NO KEY UPDATE", tuple(moves.ids))
        )
        moves.invalidate_recordset()
        for move in moves._bss_to_deliver()[0]:
            problem = ""
            try:
                with self.env.cr.savepoint():
                    document = move._bss_prepare_delivery()
                with self.env.cr.savepoint():
                    problem = move._bss_deliver(document)
            except (OperationalError, RetryableJobError):
                raise
            except Exception as error:  # noqa: BLE001 - whatever one invoice raises, the others leave
                _logger.info("Invoice %s is not delivered: %s", move.name, error)
                problem = str(error)
            documents = move.sudo().bss_document_ids.filtered(lambda one: one.state == "issued")
            documents.delivery_error = problem
            if problem and not documents:
                move.sudo()._message_log(body=problem)  # not even its document could be made

    def _bss_prepare_delivery(self):
        """The document that shall leave, with its way."""
        self.ensure_one()
        document = self._bss_archive_invoices().sudo()
        # a version without the KSeF number is not for the customer any more
        older = self.sudo().bss_document_ids.filtered(lambda one: one.kind == "invoice" and one.state == "issued")
        (older - document).channel = "none"
        document.channel = self.bss_account_id.delivery_method
        return document

    def _bss_deliver(self, document):
        """Let one invoice go; returns why not, or nothing."""
        method = document.channel
        problem = self.partner_id._bss_delivery_problem(method)
        if problem:
            return problem
        return self._bss_send_by_email(document) if method == "email" else ""

    def _bss_send_by_email(self, document):
        kept = self.sudo().invoice_pdf_report_id
        if kept and kept.raw != document._bss_content():
            kept.raw = document._bss_content()  # printed before the KSeF number came
        # queued, not sent within the job; elevated, because localisations read settings that only administrators see
        sender = self.env["account.move.send"].sudo().with_context(mail_notify_force_send=False)
        sender._generate_and_send_invoices(self.sudo(), sending_methods=["email"])
        if document.state == "issued":
            raise UserError(self.env._("No e-mail was made: the invoice has no recipient."))
        return ""


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"

    def action_deliver(self):
        moves = self.env["account.move"].search([("bss_bill_run_id", "in", self.ids), ("state", "=", "posted")])
        return moves.action_bss_deliver()
