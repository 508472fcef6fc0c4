"""The debt register a letter warns of: its name and seat, without which the warning is none."""

from odoo import fields, models

from ..dunning_core.letters.placeholders import without_dot


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_dunning_bureau = fields.Char(related="company_id.bss_dunning_bureau", readonly=False)


class BssDunningActionBureau(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    def _bss_refusal(self, channel, as_of):
        """No warning of a register goes out that does not name it (art. 14 and 15 of the act on registers)."""
        warns = channel in ("email", "letter") and "$bureau" in self._bss_desk().text(self).body
        if warns and not self.company_id.bss_dunning_bureau:
            return self.env._(
                "The letter warns of a debt register: write its name and seat in the settings of %(company)s.",
                company=without_dot(self.company_id.name),
            )
        return super()._bss_refusal(channel, as_of)
