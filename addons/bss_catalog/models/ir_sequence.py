from odoo import models


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _create_date_range_seq(self, date):
        """The first number of a year, drawn by two transactions at once: the slower one loses a race and is repeated.

        Odoo lets it run into the unique key of the ranges, which nobody repeats: its record would fail for good. The write
        makes it wait for the faster one and then begin anew, as jobs and requests do with every lost race.
        """
        self.env.cr.execute(
            "UPDATE ir_sequence SET write_date = write_date WHERE id = %s", [self.id], log_exceptions=False
        )
        return super()._create_date_range_seq(date)
