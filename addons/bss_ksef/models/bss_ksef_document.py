import logging
from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..freezing import MOVE_STATE
from ..ksef_core import states
from .res_company import ENVIRONMENTS

_logger = logging.getLogger(__name__)

ROWS_AT_ONCE = 5_000  # of one statement that writes results; a session has up to ten thousand
LIVE = ("queued", "sent", "unknown", "accepted")
# what KSeF marked the invoice as when it took it
INVOICING_MODES = [("online", "Online"), ("offline", "Offline")]


class BssKsefDocument(models.Model):
    """One attempt to deliver one frozen XML. Everything but its fate is fixed when it is made."""

    _name = "bss.ksef.document"
    _description = "KSeF Document"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="Invoice Number", required=True, readonly=True, index=True)
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(related="move_id.commercial_partner_id", string="Customer")
    invoice_date = fields.Date(related="move_id.invoice_date")
    environment = fields.Selection(ENVIRONMENTS, required=True, readonly=True)
    state = fields.Selection(
        [
            ("invalid", "Invalid"),
            ("queued", "Queued"),
            ("sent", "Sent"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
            ("returned", "Returned"),
            ("unknown", "Answer unknown"),
        ],
        required=True,
        readonly=True,
        index=True,
        group_expand=True,
    )
    xml_name = fields.Char(compute="_compute_xml_name")
    sha256 = fields.Char(string="SHA-256", readonly=True, index=True, help="Base64, over the exact bytes of the XML.")
    size = fields.Integer(string="Size (bytes)", readonly=True)
    session_id = fields.Many2one("bss.ksef.session", readonly=True, index=True, check_company=True)
    invoice_reference = fields.Char(string="KSeF Reference", readonly=True)
    ksef_number = fields.Char(string="KSeF Number", readonly=True, index="btree_not_null")
    qr_url = fields.Char(string="Verification Link", readonly=True)
    upo_attachment_id = fields.Many2one("ir.attachment", string="UPO", readonly=True, index="btree_not_null")
    error_code = fields.Char(readonly=True)
    error_element = fields.Char(string="Element", readonly=True)
    error_text = fields.Text(string="Reason", readonly=True)
    accepted_at = fields.Datetime(string="Number Given At", readonly=True)
    superseded = fields.Boolean(readonly=True, help="A later attempt took its place.")
    late = fields.Boolean(string="Sent Late", readonly=True, help="Sent after the day of issue.")
    late_sent_by = fields.Many2one(
        "res.users",
        string="Late Sending Decided By",
        readonly=True,
        help="Empty when the company sends late by itself.",
    )
    invoicing_mode = fields.Selection(INVOICING_MODES, string="KSeF Mode", readonly=True)

    _one_live = models.UniqueIndex(
        "(move_id, environment) WHERE state IN ('queued', 'sent', 'unknown', 'accepted')",
        "This invoice is already on its way to KSeF.",
    )

    @api.depends("name")
    def _compute_xml_name(self):
        for document in self:
            document.xml_name = f"FA3-{(document.name or '').replace('/', '_')}.xml"

    def write(self, vals):
        if {"xml", "sha256", "move_id"} & vals.keys():
            raise UserError(self.env._("A frozen KSeF document cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(document.state in LIVE for document in self):
            raise UserError(self.env._("A document that may be in KSeF cannot be deleted."))

    # ------------------------------------------------------------------ words

    def _bss_in_polish(self):
        """Reasons are for Polish invoice clerks, whoever's job found them."""
        installed = dict(self.env["res.lang"].get_installed())
        return self.with_context(lang="pl_PL") if "pl_PL" in installed else self

    # ------------------------------------------------------------------ fate

    def _bss_move_to(self, state, **values):
        """All of `self` to `state`, with their invoices; documents whose state does not allow it stay."""
        ready = self.filtered(lambda d: states.doc_may(d.state, state))
        if len(ready) < len(self):
            _logger.warning("%s KSeF documents cannot become %s", len(self) - len(ready), state)
        ready.write({"state": state, **values})
        ready.move_id._bss_ksef_set(state=MOVE_STATE[state])
        return ready

    def _bss_accept(self, facts):
        """`facts`: {document id: (KSeF number, given at (UTC, naive) or None, UPO attachment id or None, mode or None)}."""
        ready = self.filtered(lambda d: d.id in facts and states.doc_may(d.state, "accepted"))
        if not ready:
            return ready
        ready.flush_recordset()
        rows = [(document.id, document.move_id.id, document.qr_url, *facts[document.id]) for document in ready]
        self.env.cr.execute_values(
            """
            UPDATE bss_ksef_document d
               SET state = 'accepted', ksef_number = v.number, accepted_at = v.at::timestamp,
                   upo_attachment_id = v.upo::int4, invoicing_mode = v.mode, error_code = NULL, error_element = NULL, error_text = NULL,
                   write_date = NOW() AT TIME ZONE 'UTC'
              FROM (VALUES %s) AS v(id, move_id, url, number, at, upo, mode)
             WHERE d.id = v.id
            """,
            rows,
            page_size=ROWS_AT_ONCE,
        )
        ready.move_id.flush_recordset(["bss_ksef_state", "bss_ksef_number", "bss_ksef_qr_url", "bss_ksef_mode"])
        self.env.cr.execute_values(
            """
            UPDATE account_move m
               SET bss_ksef_state = 'accepted', bss_ksef_number = v.number, bss_ksef_qr_url = v.url, bss_ksef_mode = v.mode
              FROM (VALUES %s) AS v(id, move_id, url, number, at, upo, mode)
             WHERE m.id = v.move_id
            """,
            rows,
            page_size=ROWS_AT_ONCE,
        )
        self.env.invalidate_all()
        return ready

    def _bss_reject(self, reasons):
        """`reasons`: {document id: (code, text, reference in KSeF)} of documents that KSeF refused for good."""
        ready = self.filtered(lambda d: d.id in reasons and states.doc_may(d.state, "rejected"))
        if not ready:
            return ready
        ready.flush_recordset()
        self.env.cr.execute_values(
            """
            UPDATE bss_ksef_document d
               SET state = 'rejected', error_code = v.code, error_text = v.text, invoice_reference = v.reference,
                   write_date = NOW() AT TIME ZONE 'UTC'
              FROM (VALUES %s) AS v(id, code, text, reference)
             WHERE d.id = v.id
            """,
            [(document.id, *reasons[document.id]) for document in ready],
            page_size=ROWS_AT_ONCE,
        )
        ready.invalidate_recordset(flush=False)
        ready.move_id._bss_ksef_set(state=MOVE_STATE["rejected"])
        return ready

    def _bss_note_late(self):
        """Frozen in time, sent late: the decision is written down on each document."""
        for user, documents in self.grouped(lambda d: d.move_id.bss_ksef_late_by).items():
            documents.write({"late": True, "late_sent_by": user.id})

    def _bss_supersede(self):
        """These attempts ended; a new one will take their place."""
        self.filtered(lambda d: d.state not in LIVE).write({"superseded": True})

    # ------------------------------------------------------------------ actions

    def action_requeue(self):
        """After the fix: the invoices wait for the next sending."""
        ended = self.filtered(lambda d: d.state in ("invalid", "rejected", "returned") and not d.superseded)
        if not ended:
            raise UserError(self.env._("Only invalid or rejected documents can be queued again."))
        moves = ended.move_id.filtered(lambda m: m.state == "posted" and m.bss_ksef_state in ("rejected", "to_send"))
        moves.check_access("write")
        moves.bss_ksef_document_ids.sudo()._bss_supersede()
        moves._bss_ksef_set(state="to_send")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("%(count)s invoices wait for the next sending.", count=len(moves)),
                "type": "info",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_requeue_and_send(self):
        self.action_requeue()
        return self.move_id.action_bss_ksef_send()

    def action_open_move(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    def action_download_xml(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/xml/{self.xml_name}?download=true",
            "target": "download",
        }

    def action_download_upo(self):
        self.ensure_one()
        if not self.upo_attachment_id:
            raise UserError(self.env._("KSeF has not confirmed this document yet."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.upo_attachment_id.id}?download=true",
            "target": "download",
        }


def utc_naive(moment: datetime | None):
    """An aware moment as Odoo stores it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
