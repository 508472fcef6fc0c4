"""May a change grant its promotions? The answer is that of the catalogue, as for a sale."""

from odoo import models
from odoo.addons.bss_catalog.adapters import promotion_facts
from odoo.addons.bss_catalog.catalog_core import choose

from .. import adapters


class BssContractChange(models.Model):
    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    def _bss_why_no_promotion(self, promotion, line):
        """Words against granting ``promotion`` with ``line``; empty = it may be granted."""
        counts = line.promotion_ids.sudo()._bss_grant_counts()
        facts = [
            promotion_facts(one.sudo(), counts.get(one.id, 0) + self._bss_promised_before(one, line))
            for one in line.promotion_ids
        ]
        choice = choose(facts, adapters.promotion_request(line))
        for refused in choice.refused:
            if refused.promotion_id == promotion.id:
                return self._bss_promotion_words(refused.reasons[0], promotion, line)
        for lost in choice.lost:
            if lost.promotion_id == promotion.id:
                names = {one.id: one.name for one in line.promotion_ids}
                return self._bss_inside(self.env["bss.price.words"]._bss_lost(lost, names))
        return ""

    def _bss_promised_before(self, promotion, line):
        """Lines of this change that take a grant of ``promotion`` before ``line`` does."""
        lines = self.line_ids.filtered(lambda one: promotion in one.promotion_ids)
        return lines.ids.index(line.id) if line in lines else len(lines)

    def _bss_promotion_words(self, reason, promotion, line):
        """The reason of the catalogue within a sentence; what a clerk can mend in the change is said more exactly."""
        if reason.code == "PROMO_NOT_ON_SALE" and promotion.state == "withdrawn":
            return self.env._("it was withdrawn; running ones go on, new ones are not granted")
        if reason.code in ("PROMO_NOT_YET", "PROMO_NO_LONGER"):
            return self.env._("it was not on sale on %(day)s", day=self._bss_day(self.date_signed))
        if reason.code == "PROMO_OTHER_TARGET":
            return self.env._("it concerns the activation fee")
        if reason.code == "PROMO_OTHER_OFFERING":
            return self.env._("it is not for %(offering)s", offering=line.product_id.display_name)
        if reason.code == "PROMO_CUSTOMER_STATUS":
            return self.env._("it is for new customers only")
        if reason.code in ("PROMO_TERM_SHORT", "PROMO_TERM_LONG"):
            months = self._bss_new_term_months()
            return self.env._("it needs another term than %(months)s months", months=months)
        return self._bss_inside(self.env["bss.price.words"]._bss_reason(reason))

    @staticmethod
    def _bss_inside(sentence):
        return sentence[:1].lower() + sentence[1:].removesuffix(".")

    def _bss_new_term_months(self):
        """Months of the term the promotions are granted for."""
        return self.contract_id.term_months
