from odoo import api, models

from .. import polish_day


class BssNumberedMixin(models.AbstractModel):
    """Records named by the next number of a sequence, unless they are given a name."""

    _name = "bss.numbered.mixin"
    _description = "Numbered by a Sequence"

    def _compute_display_name(self):
        """A record that is not saved has no number yet: the web client names it by itself."""
        result = super()._compute_display_name()
        for record in self.filtered(lambda one: not one.ids and one.name == "/"):
            record.display_name = False
        return result

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = self._bss_next_name(vals)
        return super().create(vals_list)

    @api.model
    def _bss_next_name(self, vals):
        """The next number of the company; its year is Poland's on the night of New Year's Eve too."""
        numbers = self.env["ir.sequence"].with_company(self._bss_number_company(vals))
        numbers = numbers.with_context(ir_sequence_date=polish_day.today())
        return numbers.next_by_code(self._bss_sequence_code(vals)) or "/"

    @api.model
    def _bss_sequence_code(self, vals):
        """Code of the sequence; that of the model where there is one for all."""
        return self._name

    @api.model
    def _bss_number_company(self, vals):
        """Company whose numbers these are."""
        return self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
