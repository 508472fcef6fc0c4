from odoo import api, fields, models
from odoo.exceptions import ValidationError

ENVELOPES = [("DL", "DL"), ("C5", "C5"), ("C4", "C4")]
# sheets that fit the envelope; more go into the next one
ROOM = {"DL": 5, "C5": 10, "C4": 60}


class ResCompanyLetter(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_letter_window = fields.Selection(
        [("frame", "Right, as all documents"), ("right", "Right, by measure"), ("left", "Left, by measure")],
        string="Address window",
        default="frame",
        required=True,
        help="Where the window of the envelope stands on letters about debts.",
    )
    bss_letter_window_x = fields.Integer(string="Window from the left edge (mm)", default=109)
    bss_letter_window_y = fields.Integer(string="Window from the top (mm)", default=42)
    bss_letter_window_width = fields.Integer(string="Width of the window (mm)", default=85)
    bss_letter_window_height = fields.Integer(string="Height of the window (mm)", default=30)
    bss_letter_compensation = fields.Boolean(
        string="Compensation in letters",
        help="Demands to businesses name the compensation of 40, 70 or 100 EUR for recovery costs.",
    )
    bss_print_duplex = fields.Boolean(string="Print on both sides", default=True)
    bss_print_envelope = fields.Selection(ENVELOPES, string="Envelope", default="DL", required=True)
    bss_print_inserts = fields.Char(string="Inserts", help="Codes of leaflets, as agreed with the print house.")
    bss_print_part_size = fields.Integer(string="Letters per file", default=500)

    _bss_print_part_positive = models.Constraint(
        "CHECK(bss_print_part_size BETWEEN 1 AND 5000)", "A file of the print house holds 1 to 5000 letters."
    )

    @api.constrains(
        "bss_letter_window",
        "bss_letter_window_x",
        "bss_letter_window_y",
        "bss_letter_window_width",
        "bss_letter_window_height",
    )
    def _check_bss_letter_window(self):
        """Inside the margins of the sheet and below its head."""
        for company in self.filtered(lambda one: one.bss_letter_window != "frame"):
            x, y = company.bss_letter_window_x, company.bss_letter_window_y
            width, height = company.bss_letter_window_width, company.bss_letter_window_height
            if x < 20 or y < 32 or width < 50 or height < 20 or x + width > 194 or y + height > 130:
                raise ValidationError(
                    self.env._(
                        "Address window of %(company)s: at least 20 mm from the left, 32 mm from the top, 50 × 20 mm"
                        " large, and not beyond 194 mm across or 130 mm down.",
                        company=company.name,
                    )
                )

    def _bss_letter_window_box(self):
        """Measures of the window in mm, None where all documents have it."""
        self.ensure_one()
        if self.bss_letter_window == "frame":
            return None
        return {
            "x": self.bss_letter_window_x,
            "y": self.bss_letter_window_y,
            "width": self.bss_letter_window_width,
            "height": self.bss_letter_window_height,
        }

    def _bss_print_envelope_for(self, sheets):
        """The smallest envelope from the usual one on that takes so many sheets."""
        names = list(ROOM)
        fitting = [name for name in names[names.index(self.bss_print_envelope) :] if ROOM[name] >= sheets]
        return fitting[0] if fitting else names[-1]
