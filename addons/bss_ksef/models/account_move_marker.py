"""Marker of an invoice in the sales register of JPK_V7M(3): its KSeF number, or why it has none."""

from odoo import api, fields, models
from odoo.fields import Domain

OFF, OUTSIDE, OTHER = "OFF", "BFK", "DI"
SALES = ("out_invoice", "out_refund")


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    bss_ksef_failure = fields.Boolean(
        string="Issued During a Failure of KSeF",
        copy=False,
        help="Issued in the failure mode that the Ministry announced (art. 106nf): marked OFF in JPK until it has its number.",
    )
    bss_ksef_jpk_marker = fields.Char(
        string="JPK Marker",
        compute="_compute_bss_ksef_jpk_marker",
        search="_search_bss_ksef_jpk_marker",
        help="What JPK_V7M says beside the document: the KSeF number; OFF without number after a failure of KSeF; BFK for "
        "an invoice outside KSeF; DI for other documents, and for invoices that belong into KSeF and have no number yet. "
        "An invoice that was filed as OFF or DI is corrected in JPK when its number comes.",
    )

    @api.depends("state", "move_type", "bss_ksef_number", "bss_ksef_state", "bss_ksef_failure", "company_id")
    def _compute_bss_ksef_jpk_marker(self):
        for move in self:
            move.bss_ksef_jpk_marker = move._bss_ksef_marker()

    def _bss_ksef_marker(self):
        if self.bss_ksef_number:
            return self.bss_ksef_number
        if self.state != "posted" or not self.company_id.sudo().bss_ksef_enabled or not self.is_sale_document(True):
            return False
        if self.move_type not in SALES:
            return OTHER
        if self.bss_ksef_failure:
            return OFF
        return OTHER if self.bss_ksef_state and self.bss_ksef_state != "not_applicable" else OUTSIDE

    def _search_bss_ksef_jpk_marker(self, operator, value):
        """Markers by equality, KSeF numbers in any way that texts are looked for."""
        if operator in ("=", "!="):
            operator, value = ("in" if operator == "=" else "not in"), [value]
        if operator in ("in", "not in"):
            found = Domain.OR(
                [self._bss_ksef_marked(one) or Domain("bss_ksef_number", "=", one) for one in value if one]
            )
            if any(not one for one in value):
                marked = Domain.OR([self._bss_ksef_marked(one) for one in (OFF, OUTSIDE, OTHER)])
                found |= ~marked & Domain("bss_ksef_number", "in", [False, ""])
            return found if operator == "in" else ~found
        if operator.endswith("like") and value:
            names = [one for one in (OFF, OUTSIDE, OTHER) if str(value).upper() in one]
            found = Domain.OR([self._bss_ksef_marked(one) for one in names])
            found |= Domain("bss_ksef_number", operator.removeprefix("not "), value)
            return ~found if operator.startswith("not ") else found
        return NotImplemented

    @api.model
    def _bss_ksef_marked(self, marker):
        """Domain of the documents with one of the letter markers; None for anything else."""
        nameless = (
            Domain("state", "=", "posted")
            & Domain("company_id.bss_ksef_enabled", "=", True)
            & Domain("bss_ksef_number", "in", [False, ""])
        )
        invoices = nameless & Domain("move_type", "in", SALES)
        applies = Domain("bss_ksef_state", "not in", [False, "not_applicable"])
        failed = Domain("bss_ksef_failure", "=", True)
        domains = {
            OFF: invoices & failed,
            OUTSIDE: invoices & ~failed & ~applies,
            OTHER: (invoices & ~failed & applies) | (nameless & Domain("move_type", "=", "out_receipt")),
        }
        return domains.get(marker)
