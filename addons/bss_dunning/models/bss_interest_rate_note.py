"""A new rate makes draft notes anew; issued ones stay as they went out, open cases are calculated when looked at."""

from odoo import api, models

CHANNEL = "root.bss.dunning"
BATCH = 200


class BssInterestRate(models.Model):
    _inherit = "bss.interest.rate"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        rates._bss_renew_drafts()
        return rates

    def write(self, vals):
        result = super().write(vals)
        if {"regime", "date_start", "rate"} & set(vals):
            self._bss_renew_drafts()
        return result

    def unlink(self):
        result = super().unlink()
        self._bss_renew_drafts()
        return result

    def _bss_renew_drafts(self):
        """A few drafts at once, many by jobs: an administrator does not wait for them."""
        drafts = self.env["bss.dunning.note"].sudo().search([("state", "=", "draft"), ("kind", "=", "interest")])
        for start in range(0, len(drafts), BATCH):
            batch = drafts[start : start + BATCH]
            if len(drafts) > BATCH:
                batch = batch.with_delay(channel=CHANNEL, description=self.env._("Interest of draft notes anew"))
            batch._bss_recompute()
