from odoo import api, models


class BssTariffImportProblem(models.Model):
    """Why something of a tariff is not taken over, in words."""

    _inherit = "bss.tariff.import.problem"

    @api.model
    def _bss_templates(self):
        cells = self.env["bss.rate.import.error"]._bss_templates()
        return {
            **cells,
            **self._bss_row_templates(),
            **self._bss_reference_templates(),
            **self._bss_price_templates(),
            **self._bss_place_templates(),
        }

    @api.model
    def _bss_row_templates(self):
        return {
            "NO_FILES": self.env._("The archive has no files."),
            "NO_FILE": self.env._("The file is missing from the set."),
            "NO_ROWS": self.env._("There is no row with a price that can be read."),
            "NO_COLUMN": self.env._("There is no such column: say how the columns of the file are named."),
            "TOO_MANY_PROBLEMS": self.env._("There are more problems; reading ended here."),
            "UNREADABLE_ROW": self.env._("The row cannot be read as CSV."),
            "TOO_FEW_COLUMNS": self.env._("The row has too few columns."),
            "NO_VALUE": self.env._("A value is missing."),
            "BAD_NUMBER": self.env._("This is no number."),
            "BAD_PRICE": self.env._("This is no price."),
            "BAD_SECONDS": self.env._("This is no number of seconds from 1 on."),
            "BAD_DURATION": self.env._("This is no duration."),
            "BAD_TIME": self.env._("This is no time of day."),
            "BAD_INSTANT": self.env._("This is no date with a time."),
            "BAD_PREFIX": self.env._(
                "This is no number prefix: 1 to 15 digits in the international form, without leading zeros."
            ),
            "PREFIX_TWICE": self.env._("The prefix is in the list twice with different prices: the first one counts."),
            "CHAIN_EMPTY": self.env._("Increments are missing."),
            "CHAIN_NOT_A_NUMBER": self.env._("The increments are no whole numbers of seconds; write e.g. 60/1."),
            "CHAIN_NOT_POSITIVE": self.env._("A step of the increments has at least one second."),
            "CHAIN_TOO_LARGE": self.env._("A step of the increments is too long."),
            "CHAIN_TOO_LONG": self.env._("The increments have too many steps."),
        }

    @api.model
    def _bss_reference_templates(self):
        return {
            "UNKNOWN_DESTINATION": self.env._("There is no such destination in the set."),
            "UNKNOWN_RATE": self.env._("There is no such rate in the set, or it could not be read."),
            "UNKNOWN_DESTINATION_RATE": self.env._(
                "There is no such destination rate in the set, or it could not be read."
            ),
            "UNKNOWN_TIMING": self.env._("There is no such timing in the set."),
            "UNKNOWN_PLAN": self.env._("There is no such rating plan in the set."),
            "UNKNOWN_CATEGORY": self.env._("It is not known which usage this category stands for."),
            "UNKNOWN_USAGE": self.env._("This kind of usage has no prices here."),
            "PLAN_UNUSED": self.env._("No profile uses the plan: it is not known for which usage it is."),
            "FALLBACK_SUBJECT": self.env._("Fallback subjects are not known here: give every service its plan."),
            "DESTINATIONS_SHARE_PREFIX": self.env._(
                "Plan %(plan)s prices two destinations with prefix %(prefix)s: which one is meant, is not said."
            ),
            "NOT_PRICED": self.env._("The destination has no price in this plan, for one of the other reasons."),
        }

    @api.model
    def _bss_price_templates(self):
        return {
            "RATE_GROUP_HOLE": self.env._("The groups of the rate do not begin at the first second."),
            "RATE_GROUP_UNEVEN": self.env._("The next group begins within an increment of the one before."),
            "PRICE_CHANGES_IN_CALL": self.env._("The price changes within a call: a rate here has one price."),
            "CONNECT_FEE_TWICE": self.env._("A later group has a connection fee of its own."),
            "BAD_UNIT": self.env._("The unit or increment is zero."),
            "UNIT_OF_OTHER_USAGE": self.env._("The unit is not one of this kind of usage."),
            "PRICE_TOO_FINE": self.env._("The price has more decimals than can be kept."),
            "PRICE_PER_OTHER_UNIT": self.env._("Per minute, message or megabyte the price has more than six decimals."),
            "PRICE_TOO_LARGE": self.env._("The amount is too large."),
            "CHAIN_OF_OTHER_USAGE": self.env._("Increments of this kind belong to calls only."),
            "MAX_COST_STRATEGY": self.env._("A call that is cut at its highest cost is not known here."),
            "ROUNDING_UNKNOWN": self.env._("This way of rounding is not known here."),
            "ROUNDING_DIFFERS": self.env._("Rounded half up here: single amounts may differ by the last decimal."),
            "TIMING_NOT_A_BAND": self.env._("The timing cannot be said as a time band."),
            "TIMING_TWICE": self.env._("Two timings of the same weight hold at the same time."),
            "TIMING_HIDDEN": self.env._("A heavier timing holds at all times: this one never counts."),
            "HOLIDAYS_OPEN": self.env._("The set says nothing of holidays: on them the destination has no price."),
        }

    @api.model
    def _bss_place_templates(self):
        return {
            "ZONE_DIFFERS": self.env._(
                "Zone %(zone)s holds prefixes that the list prices differently (%(count)s): the zone gets no price. "
                "Divide the zone first."
            ),
            "ZONE_PARTLY": self.env._(
                "The list prices only a part of zone %(zone)s; without a price in it: %(count)s prefixes. "
                "The zone gets no price."
            ),
            "PREFIX_INSIDE": self.env._(
                "Within zone %(zone)s, which other plans price as one (%(count)s prefixes): not added, or their usage would "
                "lose its price."
            ),
            "PREFIX_SPLIT": self.env._(
                "Taken out of zone %(zone)s (%(count)s prefixes): usage of days before the new version has no price for them."
            ),
            "PREFIX_GONE": self.env._(
                "No longer in the list, still in zone %(zone)s (%(count)s prefixes): priced as the others of the zone."
            ),
        }
