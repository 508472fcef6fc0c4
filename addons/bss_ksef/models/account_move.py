from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..ksef_core import mode
from .bss_ksef_document import INVOICING_MODES

STATES = [
    ("not_applicable", "Not applicable"),
    ("to_send", "To send"),
    ("late", "Late"),
    ("queued", "Queued"),
    ("sent", "Sent"),
    ("accepted", "Accepted"),
    ("rejected", "To correct"),
    ("unknown", "Answer unknown"),
]
# from here on the frozen XML may be in KSeF: the invoice can no longer change
LOCKED = ("queued", "sent", "accepted", "unknown")
STORED = ("bss_ksef_state", "bss_ksef_number", "bss_ksef_qr_url", "bss_ksef_mode", "bss_ksef_late_by")


class AccountMove(models.Model):
    _inherit = "account.move"

    bss_ksef_state = fields.Selection(STATES, string="KSeF State", default="not_applicable", readonly=True, copy=False)
    bss_ksef_number = fields.Char(string="Number in KSeF", readonly=True, copy=False, index="btree_not_null")
    bss_ksef_qr_url = fields.Char(string="KSeF Verification Link", readonly=True, copy=False)
    bss_ksef_mode = fields.Selection(
        INVOICING_MODES, string="KSeF Mode", readonly=True, copy=False, help="As what KSeF took the invoice."
    )
    bss_ksef_late_by = fields.Many2one(
        "res.users",
        string="Late Sending Decided By",
        readonly=True,
        copy=False,
        help="Decided to send the invoice although its day of issue is over.",
    )
    bss_ksef_document_ids = fields.One2many(
        "bss.ksef.document", "move_id", string="KSeF Documents", readonly=True, copy=False
    )
    bss_ksef_document_count = fields.Integer(compute="_compute_bss_ksef_document_count", string="KSeF Attempts")
    bss_ksef_error = fields.Text(compute="_compute_bss_ksef_error", string="KSeF Reason")

    _bss_ksef_states = models.Index("(bss_ksef_state, company_id) WHERE bss_ksef_state != 'not_applicable'")

    @api.depends("bss_ksef_document_ids")
    def _compute_bss_ksef_document_count(self):
        counted = dict(
            self.env["bss.ksef.document"].sudo()._read_group([("move_id", "in", self.ids)], ["move_id"], ["__count"])
        )
        for move in self:
            move.bss_ksef_document_count = counted.get(move._origin, 0)

    @api.depends("bss_ksef_state", "invoice_date", "bss_ksef_document_ids.error_text")
    def _compute_bss_ksef_error(self):
        for move in self:
            if move.bss_ksef_state == "late":
                move.bss_ksef_error = self.env._(
                    "Not sent: the invoice was issued on %(date)s and that day is over. KSeF would mark it Offline: such an "
                    "invoice is due in KSeF by the end of the next working day and should have been handed over with "
                    "both QR codes. Send it despite the delay, or issue it anew with today's date.",
                    date=format_date(self.env, move.invoice_date),
                )
            elif move.bss_ksef_state in ("queued", "rejected", "unknown"):
                move.bss_ksef_error = move.sudo()._bss_ksef_documents()[:1].error_text
            else:
                move.bss_ksef_error = False

    @api.depends("bss_ksef_state")
    def _compute_show_reset_to_draft_button(self):  # pylint: disable=missing-return
        super()._compute_show_reset_to_draft_button()
        for move in self.filtered(lambda m: m.bss_ksef_state in LOCKED):
            move.show_reset_to_draft_button = False

    # ------------------------------------------------------------------ life of the invoice

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        posted._bss_ksef_mark()
        return posted

    def _bss_ksef_mark(self):
        """Posted documents that belong into KSeF and were never marked start to wait."""
        due = self.filtered(
            lambda m: m.state == "posted" and m.bss_ksef_state == "not_applicable" and m._bss_ksef_applies()
        )
        due._bss_ksef_set(state="to_send")

    @api.model
    def _bss_bulk_compatible_modules(self):
        """Bulk invoicing of billing accounts may write our invoices as rows (see ``_bss_bulk_profile``)."""
        beside = getattr(super(), "_bss_bulk_compatible_modules", set)
        return beside() | {"bss_ksef"}

    @api.model
    def _bss_bulk_profile(self, partners):
        """{partner id: tuple}: whether its invoices belong into KSeF, which is their state from the start."""
        beside = getattr(super(), "_bss_bulk_profile", None)
        profiles = beside(partners) if beside else dict.fromkeys(partners.ids, ())
        company = self.env.company
        if not company.bss_ksef_enabled or company.bss_ksef_include_consumers:
            return profiles
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.id, TRIM(COALESCE(head.vat, '')) NOT IN ('', '/')
                  FROM res_partner partner
                  JOIN res_partner head ON head.id = partner.commercial_partner_id
                 WHERE partner.id = ANY(%s)
                """,
                partners.ids,
            )
        )
        return {**profiles, **{partner_id: (*profiles[partner_id], has_vat) for partner_id, has_vat in rows}}

    def button_draft(self):
        locked = self.filtered(lambda m: m.bss_ksef_state in LOCKED)
        if locked:
            raise UserError(
                self.env._(
                    "These invoices are in KSeF or on their way there and can only be corrected by a credit note: %(names)s",
                    names=", ".join(locked.mapped("name")),
                )
            )
        result = super().button_draft()
        self.filtered(lambda m: m.bss_ksef_state != "not_applicable")._bss_ksef_set(
            state="not_applicable", bss_ksef_late_by=None
        )
        return result

    def _bss_ksef_applies(self):
        """Whether this posted document belongs into KSeF at all."""
        self.ensure_one()
        if self.move_type not in ("out_invoice", "out_refund") or not self.company_id.bss_ksef_enabled:
            return False
        if self.company_id.bss_ksef_include_consumers or any(self._bss_ksef_originals().mapped("bss_ksef_number")):
            return True
        return (self.commercial_partner_id.vat or "").strip() not in ("", "/")

    def _bss_ksef_originals(self):
        """Invoices that this one corrects; corrections of billing accounts are recognised when the model has them."""
        self.ensure_one()
        if "bss_correction_id" in self._fields and self.bss_correction_id:
            return self.sudo().bss_correction_id.original_ids
        return self.reversed_entry_id

    def _bss_ksef_is_late(self, day):
        """Whether it may not go on `day` by itself, because KSeF would mark it Offline."""
        self.ensure_one()
        allowed = self.bss_ksef_late_by or self.company_id.bss_ksef_send_late
        return not allowed and mode.is_late(self.invoice_date, day)

    def _bss_ksef_set(self, state=None, **values):
        """Writes our stored columns in one statement: `write` on a thousand posted invoices would check them all."""
        if state:
            values["bss_ksef_state"] = state
        if not self:
            return
        self.flush_recordset(STORED)
        columns = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items())
        self.env.cr.execute(SQL("UPDATE account_move SET %s WHERE id = ANY(%s)", columns, list(self.ids)))
        self.invalidate_recordset(STORED, flush=False)

    # ------------------------------------------------------------------ actions

    def action_bss_ksef_send(self):
        """Marks the chosen invoices for sending and queues the jobs, one per company."""
        self.check_access("write")
        wanted = self.filtered(
            lambda m: m.state == "posted" and m.bss_ksef_state not in LOCKED and m._bss_ksef_applies()
        )
        if not wanted:
            raise UserError(self.env._("None of the chosen documents can be sent to KSeF."))
        wanted.bss_ksef_document_ids.sudo()._bss_supersede()
        sessions = self.env["bss.ksef.session"].sudo()
        day = sessions._bss_day()
        late = wanted.filtered(lambda m: m._bss_ksef_is_late(day))
        late._bss_ksef_set(state="late")
        wanted -= late
        wanted._bss_ksef_set(state="to_send")
        for company, moves in wanted.grouped("company_id").items():
            sessions._bss_queue(company, moves)
        messages = []
        if wanted:
            messages.append(self.env._("%(count)s documents are on their way to KSeF.", count=len(wanted)))
        if late:
            messages.append(
                self.env._(
                    "%(count)s documents were not sent: their day of issue is over (see “Send despite the delay”).",
                    count=len(late),
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": " ".join(messages),
                "type": "warning" if late else "info",
                "sticky": bool(late),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_bss_ksef_send_late(self):
        """The accountant takes the decision: these go, and KSeF will mark them Offline."""
        self.check_access("write")
        day = self.env["bss.ksef.session"]._bss_day()
        late = self.filtered(
            lambda m: m.state == "posted" and m.bss_ksef_state in ("late", "to_send") and m._bss_ksef_is_late(day)
        )
        if not late:
            raise UserError(self.env._("None of the chosen documents is late."))
        late._bss_ksef_set(bss_ksef_late_by=self.env.uid)
        late._message_log_batch(
            bodies=dict.fromkeys(
                late.ids,
                self.env._("Sent to KSeF although the day of issue is over (offline24): decided deliberately."),
            )
        )
        return late.action_bss_ksef_send()

    def _bss_ksef_documents(self):
        """Attempts, the newest first (the cache keeps a new record at the end)."""
        return self.bss_ksef_document_ids.sorted("id", reverse=True)

    def _bss_ksef_accepted_document(self):
        self.ensure_one()
        return self._bss_ksef_documents().filtered(lambda d: d.state == "accepted")[:1]

    def action_bss_ksef_open_documents(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_ksef.action_bss_ksef_document")
        action["domain"] = [("move_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_bss_ksef_download_xml(self):
        self.ensure_one()
        return self._bss_ksef_documents().filtered("sha256")[:1].action_download_xml()

    def action_bss_ksef_download_upo(self):
        self.ensure_one()
        return self._bss_ksef_accepted_document().action_download_upo()
