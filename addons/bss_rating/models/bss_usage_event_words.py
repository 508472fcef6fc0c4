import json
from decimal import Decimal

from markupsafe import Markup
from odoo import api, fields, models

from .. import rerating_store
from ..adapters import frozen
from ..rating_core import explain

UNITS_SHOWN = {"voice": "s", "premium": "s", "sms": "SMS", "mms": "MMS", "data": "B"}


def money(micro):
    """Exact amount of millionths with at least four decimals; thirds are cut at eight."""
    exact = Decimal(micro.numerator) / Decimal(micro.denominator) if hasattr(micro, "numerator") else Decimal(micro)
    shown = exact.scaleb(-6)
    places = max(4, min(8, -shown.normalize().as_tuple().exponent))
    return f"{shown:.{places}f}"


class BssUsageEvent(models.Model):
    """The way from what was used to the amount, in words."""

    _inherit = "bss.usage.event"  # pylint: disable=consider-merging-classes-inherited

    explanation_html = fields.Html(string="Calculation", compute="_compute_explanation_html", sanitize=False)

    earlier_html = fields.Html(string="Earlier Ratings", compute="_compute_earlier_html", sanitize=False)

    def _compute_earlier_html(self):
        """What the event cost before it was rated again, the newest first."""
        known = {}
        for event_id, *row in rerating_store.history_of(self.env.cr, self._origin.ids):
            known.setdefault(event_id, []).append(row)
        for event in self:
            lines = [event._bss_earlier_text(*row) for row in known.get(event._origin.id, [])]
            items = Markup().join(Markup("<li>%s</li>") % line for line in lines)
            event.earlier_html = Markup("<ul>%s</ul>") % items if lines else False

    def _bss_earlier_text(self, rerating_id, before, after, plan_id, zone_id):
        rerating = self.env["bss.rerating"].browse(rerating_id)
        return self.env._(
            "%(number)s: %(before)s → %(after)s (plan %(plan)s, zone %(zone)s before). %(reason)s",
            number=rerating.name,
            before=self._bss_amount_text(before or 0),
            after=self._bss_amount_text(after or 0),
            plan=self.env["bss.rate.plan"].browse(plan_id or []).display_name or "–",
            zone=self.env["bss.rate.zone"].browse(zone_id or []).display_name or "–",
            reason=rerating.reason or "",
        )

    @api.depends("explanation", "amount_e4", "rate_id")
    @api.depends_context("lang")
    def _compute_explanation_html(self):
        for event in self:
            lines = event._bss_explain() if event.explanation or event.rate_id else []
            items = Markup().join(Markup("<li>%s</li>") % line for line in lines)
            event.explanation_html = Markup("<ol>%s</ol>") % items if lines else False

    def _bss_explain(self):
        """One sentence per step of the calculation."""
        self.ensure_one()
        steps = explain(*frozen(self, json.loads(self.explanation or "null")))
        return [self._bss_step_text(step) for step in steps]

    def _bss_step_text(self, step):
        texts, code = self._bss_step_texts(), step.code
        if code == "ZONE":
            code = self._bss_zone_step()
        elif not step.params.get("connect_fee_micro", 1):
            # a fee of nothing explains nothing
            code = f"{code}_ALONE"
        return texts[code] % self._bss_step_params(step)

    def _bss_point(self):
        """The sign of decimals in the user's language."""
        return self.env["res.lang"]._get_data(code=self.env.lang or "en_US").decimal_point or "."

    def _bss_amount_text(self, e4):
        """An amount of ten-thousandths with its currency."""
        shown = f"{Decimal(e4).scaleb(-4):f}".replace(".", self._bss_point())
        return f"{shown}\N{NO-BREAK SPACE}{self.currency_id.symbol or ''}".rstrip()

    def _bss_zone_step(self):
        """What led to the zone: the called number, that it is one of ours, or a code."""
        if self.on_net and self.zone_id.kind == "on_net":
            return "ZONE_ON_NET"
        return "ZONE" if (self.prefix or "").isdigit() else "ZONE_CODE"

    def _bss_step_params(self, step):
        """Names for ids, amounts for millionths."""
        params = {"unit": UNITS_SHOWN.get(self.usage_kind, "")}
        point = self._bss_point()
        for name, value in step.params.items():
            if name == "allowance_id":
                params["allowance"] = self.env["bss.allowance"].browse(value).exists().display_name or value
            elif name == "band_id":
                band = self.env["bss.time.band"].browse(value or []).exists()
                params["band"] = band.display_name or self.env._("any other time")
            elif name == "multiplier_micro":
                params["multiplier"] = f"{Decimal(value or 0).scaleb(-6).normalize():f}".replace(".", point)
                params["markup"] = f"{(Decimal(value or 0).scaleb(-4) - 100).normalize():f}".replace(".", point)
            elif name == "micro" or name.endswith("_micro"):
                params[name.removesuffix("_micro")] = money(value or 0).replace(".", point)
            elif name in ("e4", "amount_e4"):
                params[name.removesuffix("_e4")] = self._bss_amount_text(value)
            else:
                params[name] = value
        if step.code == "ZONE":
            params |= {"zone": self.zone_id.display_name, "plan": self.plan_id.display_name}
        return params

    @api.model
    def _bss_step_texts(self):
        _ = self.env._
        return {
            "SUSPENDED": _("Not rated: %(reason)s."),
            "ZONE": _("Prefix %(prefix)s leads to zone %(zone)s, priced by plan %(plan)s."),
            "ZONE_CODE": _("Code %(prefix)s leads to zone %(zone)s, priced by plan %(plan)s."),
            "ZONE_ON_NET": _("The called number was one of ours on that day: zone %(zone)s, priced by plan %(plan)s."),
            "BAND": _("The answer falls into the time band %(band)s."),
            "INCREMENTS": _("%(units)s %(unit)s in increments %(chain)s are %(billed)s %(unit)s."),
            "SIZE": _("A size of %(volume)s B makes %(units)s %(unit)s by steps of %(step_bytes)s B."),
            "SESSION": _(
                "%(units)s %(unit)s are added to the session, which is rounded up to blocks of %(chain)s as a whole: %(billed)s %(unit)s more."
            ),
            "PERIOD": _(
                "%(units)s %(unit)s are added to the period, which is rounded up to blocks of %(chain)s as a whole: %(billed)s %(unit)s more."
            ),
            "FREE": _("%(units)s %(unit)s are free by allowance %(allowance)s."),
            "NOTHING_TO_PAY": _("Nothing is left to pay: no connection fee, no minimum."),
            "PIECE": _(
                "%(band)s: %(units)s %(unit)s, of which %(paid)s %(unit)s × %(price)s / %(unit_size)s %(unit)s."
            ),
            "PER_UNIT": _(
                "%(paid)s %(unit)s × %(price)s / %(unit_size)s %(unit)s + connection fee %(connect_fee)s = %(exact)s"
            ),
            "PER_UNIT_ALONE": _("%(paid)s %(unit)s × %(price)s / %(unit_size)s %(unit)s = %(exact)s"),
            "PIECES_ALONE": _("All parts together: %(exact)s"),
            "TIERS_ALONE": _("The event pays what it adds to the price of the quantity of the period."),
            "PER_EVENT_ALONE": _("Price of the event: %(price)s"),
            "UPSTREAM_ALONE": _("Cost %(cost)s × %(multiplier)s (mark-up %(markup)s %%) = %(exact)s"),
            "PIECES": _("All parts + connection fee %(connect_fee)s = %(exact)s"),
            "TIERS": _(
                "The event pays what it adds to the price of the quantity of the period, and the connection fee of %(connect_fee)s."
            ),
            "PER_EVENT": _("Price of the event %(price)s + connection fee %(connect_fee)s = %(exact)s"),
            "EXCHANGE": _("The cost of %(own_cost)s %(cost_currency)s is %(cost)s at the rate of that day."),
            "UPSTREAM": _(
                "Cost %(cost)s × %(multiplier)s (mark-up %(markup)s %%) + connection fee %(connect_fee)s = %(exact)s"
            ),
            "MINIMUM": _("The minimum charge of %(micro)s applies."),
            "MAXIMUM": _("The maximum charge of %(micro)s applies."),
            "FEE_ONLY": _("Only the connection fee of %(connect_fee)s is left to pay."),
            "ROUNDED": _("Rounded half up to %(decimals)s decimals: %(amount)s"),
            "MONEY": _("%(e4)s is paid by allowance %(allowance)s; %(amount)s is left to pay."),
        }
