"""Journal of letters that came back or were confirmed, as clerks scanned them."""

from datetime import date, datetime

from odoo import fields, models

from .bss_document_returned import RETURN_REASONS

MODES = [("delivered", "Delivered"), ("returned", "Came back"), ("posted", "Posted")]
# what a scan may change, kept as it was before
LETTER = (
    "state",
    "sent_at",
    "delivered_at",
    "delivery_proof",
    "delivery_note",
    "delivery_user_id",
    "delivery_recorded_at",
    "delivery_error",
    "tracking_no",
    "return_reason",
    "returned_on",
)
LINE = ("state", "sent_on", "tracking_no", "delivered_on", "returned_on", "return_reason")


class BssDunningScan(models.Model):
    """One letter scanned by a person, with what it changed; clerks use it through the screen only."""

    _name = "bss.dunning.scan"
    _inherit = ["bss.dunning.guard.mixin"]
    _description = "Scan of a Letter"
    _order = "id desc"
    _rec_name = "document_id"
    _check_company_auto = True

    document_id = fields.Many2one(
        "bss.document",
        string="Letter",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        readonly=True,
    )
    company_id = fields.Many2one(related="document_id.company_id", store=True, index=True, precompute=True)
    partner_id = fields.Many2one(related="document_id.partner_id", string="Customer")
    user_id = fields.Many2one(
        "res.users", string="Scanned By", required=True, index=True, readonly=True, ondelete="restrict"
    )
    scanned_at = fields.Datetime(string="Scanned", required=True, readonly=True)
    code = fields.Char(string="Scanned Code", readonly=True)
    mode = fields.Selection(MODES, string="Recorded", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    return_reason = fields.Selection(RETURN_REASONS, readonly=True)
    tracking_no = fields.Char(string="Posting Number", readonly=True)
    undone_at = fields.Datetime(string="Undone", readonly=True)
    # For undoing
    before = fields.Json(readonly=True)
    after = fields.Json(readonly=True)
    hold_ids = fields.Many2many("bss.dunning.hold", "bss_dunning_scan_hold_rel", "scan_id", "hold_id", readonly=True)
    activity_ids = fields.Many2many(
        "mail.activity", "bss_dunning_scan_activity_rel", "scan_id", "activity_id", readonly=True
    )
    replaced_hold = fields.Boolean(readonly=True, help="It took the place of an older hold and is not undone.")

    def _bss_guard_words(self):
        return self.env._("Scans are recorded by the screen for scanning letters.")

    def _bss_facts(self, document):
        """What is written of a letter now, as JSON, and which steps its cases took."""
        line, actions = document.print_line_ids, document.dunning_action_ids.case_id.action_ids
        return {
            "letter": _plain(document, LETTER),
            "line": _plain(line, LINE) if line else {},
            "batch": line.batch_id.state or "",
            "steps": sorted(actions.filtered(lambda action: action.state == "done").ids),
        }


def _plain(record, names):
    values = {name: record._fields[name].convert_to_write(record[name], record) for name in names}
    return {name: str(value) if isinstance(value, date | datetime) else value for name, value in values.items()}
