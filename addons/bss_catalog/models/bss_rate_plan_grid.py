from markupsafe import Markup
from odoo import api, fields, models

from .. import polish_day
from ..adapters import band_facts
from ..catalog_core import DAY_TYPES, bands_on, clock, day_slots

PALETTE = ("#9ec5fe", "#a3cfbb", "#ffe69c", "#f1aeb5", "#c5b3e6", "#9eeaf9", "#fecba1", "#efadce")
HOLE = "repeating-linear-gradient(45deg,#dc3545 0 4px,#fff 4px 8px)"
DAY_MINUTES = 24 * 60


class BssRatePlan(models.Model):
    """The week of a plan drawn as bars: one picture for each set of bands that some zone uses."""

    _inherit = "bss.rate.plan"  # pylint: disable=consider-merging-classes-inherited

    band_grid_html = fields.Html(string="Week", compute="_compute_band_grid_html", sanitize=False)

    @api.depends("rate_ids.band_id", "rate_ids.zone_id", "rate_ids.usage_kind", "date_start")
    @api.depends_context("lang")
    def _compute_band_grid_html(self):
        for plan in self:
            pictures = [plan._bss_week(bands, always, zones) for bands, always, zones in plan._bss_band_sets()]
            plan.band_grid_html = Markup().join(pictures) or Markup('<p class="text-muted">%s</p>') % self.env._(
                "Every rate is valid at any time: give rates a time band to see the week here."
            )

    def _bss_band_sets(self):
        """(bands, whether a rate at any time fills their holes, zones) of the rates that depend on the time."""
        self.ensure_one()
        bands_of = {}
        for rate in self.rate_ids:
            bands_of.setdefault((rate.zone_id, rate.usage_kind), []).append(rate.band_id)
        sets = {}
        for (zone, _kind), bands in bands_of.items():
            used = self.env["bss.time.band"].union(*bands).sorted("code")
            if used:
                key = (used, any(not band for band in bands))
                sets[key] = sets.get(key, self.env["bss.rate.zone"]) | zone
        return [(bands, always, zones) for (bands, always), zones in sets.items()]

    def _bss_week(self, bands, always, zones):
        day = self.date_start or polish_day.today()
        facts = bands_on([band_facts(band) for band in bands], day)
        colors = {band.code: PALETTE[place % len(PALETTE)] for place, band in enumerate(bands)}
        names = self.env["bss.time.band"]._bss_day_names("abbreviated")
        rows = Markup().join(
            Markup('<div class="d-flex align-items-center mb-1"><div style="width:5em">%s</div>%s</div>')
            % (names[kind], self._bss_bar(day_slots(facts, kind), colors, always))
            for kind in DAY_TYPES
        )
        legend = Markup().join(
            Markup('<span class="badge text-dark border me-2" style="background:%s">%s</span>')
            % (colors[band.code], f"{band.display_name}: {band.summary}")
            for band in bands
        )
        title = self.env._("Zones: %(zones)s", zones=", ".join(zones.mapped("code")))
        return Markup('<div class="mb-4"><h5>%s</h5><div class="mb-2">%s</div>%s%s</div>') % (
            title,
            legend,
            self._bss_hours(),
            rows,
        )

    @api.model
    def _bss_bar(self, slots, colors, always):
        pieces = []
        for slot in slots:
            if len(slot.codes) == 1:
                color, text = colors[slot.codes[0]], slot.codes[0]
            elif slot.codes:
                color, text = HOLE, " / ".join(slot.codes)
            else:
                color, text = ("#f8f9fa", self.env._("any time")) if always else (HOLE, self.env._("hole"))
            pieces.append(
                Markup(
                    '<div class="border text-truncate text-center small" style="width:%s%%;background:%s" title="%s">%s</div>'
                )
                % (
                    f"{100 * (slot.end_min - slot.start_min) / DAY_MINUTES:.4f}",
                    color,
                    f"{clock(slot.start_min)}–{clock(slot.end_min)} {text}",
                    text,
                )
            )
        return Markup('<div class="d-flex flex-grow-1">%s</div>') % Markup().join(pieces)

    @api.model
    def _bss_hours(self):
        marks = Markup().join(
            Markup('<div class="text-muted small" style="width:12.5%%">%s</div>') % clock(hour * 60)
            for hour in range(0, 24, 3)
        )
        return (
            Markup('<div class="d-flex"><div style="width:5em"></div><div class="d-flex flex-grow-1">%s</div></div>')
            % marks
        )
