"""Words of messages: of the hand that wrote them, or of the template of the step in the tone of the customer."""

from odoo import models

from ..dunning_core.letters.placeholders import fill


class BssDunningActionSmsWords(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    def _bss_sms_text(self, gateway):
        """Steps with a text of their own keep it."""
        desk = self._bss_desk()
        text = desk.text(self)
        if not text.sms:
            return super()._bss_sms_text(gateway)
        filled = fill(text.sms, self._bss_text_values(desk, text))
        body = "\n".join(line.strip() for line in filled.strip().split("\n"))
        return gateway._bss_text(body) if gateway else body
