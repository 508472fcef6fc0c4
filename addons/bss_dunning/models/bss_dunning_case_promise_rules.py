"""Which promises a case takes: the limits of its company, what became of promises before, and the words for it."""

from odoo import models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError
from odoo.tools import format_date

from .. import adapters, adapters_agreement
from ..dunning_core.policy import promise as kernel

MANAGER = "bss_catalog.group_bss_billing_manager"


class BssDunningCasePromiseRules(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def _bss_promise_rules(self, override=False):
        """Kernel rules of the company; without its limits for a manager who overrides them."""
        self.ensure_one()
        rules = adapters_agreement.promise_rules(self.sudo().company_id)
        if not override:
            return rules
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a billing manager takes a promise in spite of the limits."))
        return rules.without_limits()

    def _bss_promises_before(self):
        """Kernel facts about promises of this case and of its account."""
        self.ensure_one()
        promises = self.env["bss.dunning.promise"].sudo()
        groups = promises._read_group(
            [("account_id", "=", self.account_id.id), ("state", "in", ("open", "broken"))],
            ["case_id", "state"],
            ["__count", "date_decided:max"],
        )
        own = {state: count for case, state, count, _day in groups if case == self}
        broken = [day for _case, state, _count, day in groups if state == "broken" and day]
        return kernel.PastPromises(own.get("open", 0), own.get("broken", 0), max(broken, default=None))

    def _bss_promise_failure(self, data, rules):
        """Why a promise is not taken, as the kernel says it; None when it is."""
        return kernel.refusal(data, self._bss_promises_before(), adapters.to_money(self.amount_demanded), rules)

    def _bss_promise_closed(self):
        """Why no promise is taken now whatever its amount, in words; empty when one may be made."""
        self.ensure_one()
        failure = kernel.closed(polish_day.today(), self._bss_promises_before(), self._bss_promise_rules())
        return self._bss_promise_refusal(failure) if failure else ""

    def _bss_promise_limits(self):
        """What a form may offer: (least amount, last day or None)."""
        self.ensure_one()
        rules, owed = self._bss_promise_rules(), adapters.to_money(self.amount_demanded)
        return kernel.smallest(owed, rules), kernel.latest(polish_day.today(), rules)

    def _bss_promise_refusal(self, failure):
        day = failure.params.get("day")
        values = {
            "case": self.name,
            "owed": self._bss_text_amount(self.amount_demanded),
            "least": self._bss_text_amount(failure.params.get("least")),
            "day": format_date(self.env, day) if day else "",
            "limit": failure.params.get("limit", ""),
            "days": failure.params.get("days", ""),
            "count": failure.params.get("count", ""),
        }
        texts = {
            "PROMISE_NO_AMOUNT": lambda: self.env._("%(case)s: a promise needs an amount above zero.", **values),
            "PROMISE_ABOVE_DEBT": lambda: self.env._(
                "%(case)s: no more than the demanded %(owed)s can be promised.", **values
            ),
            "PROMISE_TOO_SMALL": lambda: self.env._(
                "%(case)s: a promise is at least %(least)s of the demanded %(owed)s.", **values
            ),
            "PROMISE_DAY_OVER": lambda: self.env._("%(case)s: %(day)s is over already, choose a later day.", **values),
            "PROMISE_TOO_LATE": lambda: self.env._(
                "%(case)s: %(day)s is too far away, promises reach %(days)s days ahead at most."
                " Agree on instalments for a longer time.",
                **values,
            ),
            "PROMISE_TOO_MANY": lambda: self.env._(
                "%(case)s: open promises: %(count)s, allowed: %(limit)s. Cancel one or wait until it is decided.",
                **values,
            ),
            "PROMISE_BROKEN_LATELY": lambda: self.env._(
                "%(case)s: a promise was broken lately, no new one is taken until %(day)s.", **values
            ),
            "PROMISE_BROKEN_TOO_OFTEN": lambda: self.env._(
                "%(case)s: broken promises: %(count)s, no new one is taken.", **values
            ),
        }
        return texts[failure.code]()
