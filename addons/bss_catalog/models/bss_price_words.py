"""Prices, months and reasons in the words of a clerk; used by the promotion editor and by availability."""

from odoo import api, models
from odoo.tools import format_date

from ..catalog_core import price_runs, round_half_up


class BssPriceWords(models.AbstractModel):
    _name = "bss.price.words"
    _description = "Prices and reasons in words"

    @api.model
    def _bss_money(self, amount, currency):
        """Exact Decimal as text of the currency, rounded HALF_UP."""
        return currency.format(float(round_half_up(amount, currency.decimal_places)))

    @api.model
    def _bss_months(self, first, last):
        """``last`` None: without an end."""
        if last is None:
            return self.env._("every month") if first == 1 else self.env._("from month %(first)s", first=first)
        if first == last:
            return self.env._("month %(first)s", first=first)
        return self.env._("months %(first)s–%(last)s", first=first, last=last)

    @api.model
    def _bss_price_rows(self, months, currency, names=None):
        """Rows of a table of ``months`` (MonthPrice); the last month stands for all that follow it.

        :param names: {promotion id: name} of what is shown as the cause
        """
        rows = []
        runs = price_runs(months)
        for first, last, price in runs:
            start = months[first - 1]
            off = start.list_price - price
            causes = dict.fromkeys(
                (names or {}).get(one.promotion_id, "") for row in months[first - 1 : last] for one in row.applied
            )
            rows.append(
                {
                    "first": first,
                    "last": None if last == len(months) else last,
                    "months": self._bss_months(first, None if last == len(months) else last),
                    "price": self._bss_money(price, currency),
                    "list_price": self._bss_money(start.list_price, currency),
                    "off": self._bss_money(off, currency) if off else "",
                    "is_reduced": off > 0,
                    "causes": ", ".join(filter(None, causes)),
                }
            )
        return rows

    @api.model
    def _bss_unit_rows(self, units):
        """Free units in words: [(months, text)], runs of equal units; months without units are left out."""
        runs = []
        for month, given in enumerate(units, start=1):
            if runs and runs[-1][2] == given:
                runs[-1][1] = month
            else:
                runs.append([month, month, given])
        return [
            (
                self._bss_months(first, None if last == len(units) else last),
                ", ".join(self._bss_quantity(unit, quantity) for unit, quantity in given),
            )
            for first, last, given in runs
            if given
        ]

    @api.model
    def _bss_quantity(self, unit, quantity):
        """Seconds as minutes, bytes as gigabytes of 10^9."""
        if unit == "s":
            return self.env._("%(count)s min", count=f"{(quantity / 60).normalize():f}")
        if unit == "byte":
            return self.env._("%(count)s GB", count=f"{quantity.scaleb(-9).normalize():f}")
        return self.env._("%(count)s SMS", count=f"{quantity.normalize():f}")

    # --- reasons

    @api.model
    def _bss_reason(self, reason, names=None):
        """A reason of the kernel in words.

        :param names: {product id: name}, for parts of bundles
        """
        params = {**reason.params, **self._bss_reason_labels(reason.params)}
        if reason.code == "BUNDLE_PART":
            inner = {key: value for key, value in reason.params.items() if key not in ("product", "reason")}
            why = self._bss_reason(type(reason)(reason.params["reason"], inner), names)
            product = (names or {}).get(int(reason.params["product"]), "")
            return self.env._("Part “%(product)s”: %(why)s", product=product, why=why[:1].lower() + why[1:])
        return self._bss_reason_templates()[reason.code] % params

    @api.model
    def _bss_reason_labels(self, params):
        """Codes among the params as labels of the user's language."""
        sources = {
            "lifecycle": ("product.template", "bss_lifecycle"),
            "state": ("bss.promotion", "state"),
            "kinds": ("res.partner", "bss_customer_kind"),
            "technology": ("product.template", "bss_technology"),
            "technologies": ("product.template", "bss_technology"),
            "status": ("bss.promotion", "customer_status"),
            "target": ("bss.promotion", "target"),
        }
        shown = {}
        for key, (model, field) in sources.items():
            if key in params:
                labels = dict(self.env[model]._fields[field]._description_selection(self.env))
                shown[key] = ", ".join(labels.get(code, code) for code in params[key].split(","))
        if "date" in params:
            shown["date"] = format_date(self.env, params["date"])
        return shown

    @api.model
    def _bss_reason_templates(self):
        return {
            "NOT_ON_SALE": self.env._("It is not on sale (%(lifecycle)s)."),
            "NOT_YET": self.env._("It is sold from %(date)s only."),
            "NO_LONGER": self.env._("It was sold until %(date)s."),
            "CUSTOMER_KIND": self.env._("It is sold to other customers only: %(kinds)s."),
            "TECHNOLOGY_MISSING": self.env._("There is no such technology at this address: %(technology)s."),
            "DOWN_TOO_SLOW": self.env._("It needs %(needed)s Mbit/s down, this address gets %(most)s at most."),
            "UP_TOO_SLOW": self.env._("It needs %(needed)s Mbit/s up, this address gets %(most)s at most."),
            "NO_FREE_PORT": self.env._("No port is free (%(technology)s, %(ports)s taken or faulty)."),
            "NO_PRICE": self.env._("It has no price for one unit."),
            "PROMO_NOT_ON_SALE": self.env._("It is not on sale (%(state)s)."),
            "PROMO_NOT_YET": self.env._("It begins on %(date)s."),
            "PROMO_NO_LONGER": self.env._("It ended on %(date)s."),
            "PROMO_USED_UP": self.env._("All grants are used up."),
            "PROMO_OTHER_TARGET": self.env._("It changes another fee: %(target)s."),
            "PROMO_OTHER_OFFERING": self.env._("It is for other offerings."),
            "PROMO_NOT_IN_BUNDLE": self.env._("It is given in a bundle only."),
            "PROMO_CUSTOMER_KIND": self.env._("It is for other customers only: %(kinds)s."),
            "PROMO_CUSTOMER_STATUS": self.env._("It is for other customers only: %(status)s."),
            "PROMO_TERM_SHORT": self.env._("It needs a term of at least %(least)s months."),
            "PROMO_TERM_LONG": self.env._("It is for terms of up to %(most)s months."),
            "PROMO_OTHER_PLACE": self.env._("It does not hold at this address."),
            "PROMO_OTHER_TECHNOLOGY": self.env._("It is for another technology: %(technologies)s."),
            "PROMO_OTHER_COMPETITOR": self.env._("The competitors it answers are not at this address."),
            "PROMO_NO_COMPETITOR": self.env._("There is no competitor at this address."),
        }

    @api.model
    def _bss_lost(self, lost, names):
        """Why an eligible promotion gave way; ``names``: {promotion id: name}."""
        name = names.get(lost.to_id, "")
        if lost.cause == "exclusive":
            return self.env._("“%(name)s” stands alone.", name=name)
        return self.env._("It cannot be combined with “%(name)s”.", name=name)
