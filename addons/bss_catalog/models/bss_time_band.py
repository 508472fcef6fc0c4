from babel.dates import get_day_names, get_month_names
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date
from odoo.tools.misc import babel_locale_parse

from ..adapters import band_facts
from ..catalog_core import DAY_TYPES, clock, parse_months

DAY_FIELDS = tuple(f"day_{day}" for day in DAY_TYPES)
FROZEN_FIELDS = frozenset({*DAY_FIELDS, "hour_from", "hour_to", "months", "date_start", "date_end", "weight", "code"})


class BssTimeBand(models.Model):
    """Hours of the week with a price of their own, by the wall clock in Poland."""

    _name = "bss.time.band"
    _description = "Time band"
    _order = "company_id, weight desc, code, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)
    day_mon = fields.Boolean(string="Monday", default=True)
    day_tue = fields.Boolean(string="Tuesday", default=True)
    day_wed = fields.Boolean(string="Wednesday", default=True)
    day_thu = fields.Boolean(string="Thursday", default=True)
    day_fri = fields.Boolean(string="Friday", default=True)
    day_sat = fields.Boolean(string="Saturday", default=True)
    day_sun = fields.Boolean(string="Sunday", default=True)
    day_holiday = fields.Boolean(
        string="Holidays", default=True, help="A holiday replaces the day of the week on which it falls."
    )
    hour_from = fields.Float(string="From", default=0.0, help="Wall clock in Poland.")
    hour_to = fields.Float(string="To", default=24.0, help="First minute after the band; midnight is 24:00.")
    months = fields.Char(help="Numbers of months, e.g. 6-8,12; empty: all the year.")
    date_start = fields.Date(string="First day")
    date_end = fields.Date(string="Last day")
    weight = fields.Integer(default=10, help="Where bands meet, the one with the highest weight prices.")
    color = fields.Integer()
    rate_ids = fields.One2many("bss.rate", "band_id", string="Rates")
    summary = fields.Char(string="When", compute="_compute_summary")

    _code_uniq = models.Constraint("unique(company_id, code)", "A time band with this code exists already.")
    _hours = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_to <= 24 AND hour_from < hour_to)",
        "A time band ends after it begins, at midnight (24:00) at the latest: one over midnight is two bands.",
    )
    _dates = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "A time band ends on or after its first day.",
    )

    @api.constrains("months")
    def _check_months(self):
        for band in self:
            if parse_months(band.months or "") is None:
                raise ValidationError(
                    self.env._(
                        "“%(months)s” are no months: write numbers from 1 to 12, e.g. 6-8,12.", months=band.months
                    )
                )

    @api.constrains(*DAY_FIELDS)
    def _check_days(self):
        if any(not any(band[day] for day in DAY_FIELDS) for band in self):
            raise ValidationError(self.env._("A time band has at least one day of the week, or holidays."))

    @api.depends(*DAY_FIELDS, "hour_from", "hour_to", "months", "date_start", "date_end")
    @api.depends_context("lang")
    def _compute_summary(self):
        for band in self:
            facts = band_facts(band)
            band.summary = self._bss_when(
                [day for day in DAY_TYPES if day in facts.days],
                clock(facts.start_min),
                clock(facts.end_min),
                sorted(facts.months),
                band.date_start,
                band.date_end,
            )

    @api.depends("name", "code")
    def _compute_display_name(self):
        for band in self:
            band.display_name = f"[{band.code}] {band.name}" if band.code else band.name

    # --- words

    @api.model
    def _bss_day_names(self, width="wide"):
        """{day type: its name in the user's language}."""
        locale = babel_locale_parse(self.env.lang or "en_US")
        names = get_day_names(width, context="stand-alone", locale=locale)
        return dict(zip(DAY_TYPES, [*(names[index] for index in range(7)), self.env._("holiday")], strict=True))

    @api.model
    def _bss_days_in_words(self, days):
        """“środa”, “poniedziałek – piątek, święto”."""
        names, runs = self._bss_day_names(), []
        for position in sorted(DAY_TYPES.index(day) for day in days):
            weekday = DAY_TYPES[position] != "holiday"
            if runs and weekday and runs[-1][1] == position - 1:
                runs[-1][1] = position
            else:
                runs.append([position, position])
        words = []
        for first, last in runs:
            ends = [names[DAY_TYPES[first]], names[DAY_TYPES[last]]]
            words.append(ends[0] if first == last else (", " if last == first + 1 else " – ").join(ends))
        return ", ".join(words)

    @api.model
    def _bss_when(self, days, start, end, months=(), first=None, last=None):
        """“środa 22:00–24:00 (czerwiec, lipiec)”."""
        text = f"{self._bss_days_in_words(days)} {start}–{end}"
        limits = []
        if months:
            names = get_month_names("wide", context="stand-alone", locale=babel_locale_parse(self.env.lang or "en_US"))
            limits.append(", ".join(names[month] for month in months))
        if first or last:
            ends = [format_date(self.env, day) if day else "…" for day in (first, last)]
            limits.append(ends[0] if ends[0] == ends[1] else " – ".join(ends))
        return f"{text} ({'; '.join(limits)})" if limits else text

    # --- a band that prices is frozen

    def write(self, vals):
        if FROZEN_FIELDS & vals.keys():
            changed = self.filtered(lambda band: any(band[name] != vals[name] for name in FROZEN_FIELDS & vals.keys()))
            changed._bss_check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        self._bss_check_open()

    def _bss_check_open(self):
        closed = self.rate_ids.plan_id.filtered(lambda plan: plan.state != "draft")
        if closed:
            raise UserError(
                self.env._(
                    "The time band prices usage by rate plan %(plan)s: make a new band and a new version of the plan.",
                    plan=closed[0].display_name,
                )
            )
