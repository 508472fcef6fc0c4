from odoo import api, models
from odoo.fields import Command

# zone: prices per minute in the peak and outside of it, net micro-PLN
BANDED_RATES = {
    "PL-FIX": (50_000, 30_000),
    "PL-VOIP": (50_000, 30_000),
    "PL-MOB": (90_000, 60_000),
    "EU-FIX": (110_000, 80_000),
    "EU-MOB": (150_000, 120_000),
}


class BssDemo(models.AbstractModel):
    """A draft of a business tariff with peak and off-peak prices, beside the plan that is in force."""

    _inherit = "bss.demo"  # pylint: disable=consider-merging-classes-inherited

    @api.private
    def _bss_demo_steps(self):
        return [*super()._bss_demo_steps(), (self.env._("Tariff with time bands"), "_load_banded_plan")]

    @api.private
    def _load_banded_plan(self, ctx):
        company = ctx["company"]
        bands = self._bss_demo_bands(company)
        standard = ctx["rate_plan"]
        plan = standard._bss_new_version()
        plan.write(
            {
                "name": "Taryfa Biznes – szczyt i poza szczytem",
                "code": "BIZ",
                "date_start": ctx["as_of"].replace(year=ctx["as_of"].year + 1, month=1, day=1),
                "note": "Propozycja działu handlowego: tańsze rozmowy wieczorem, w weekendy i święta.",
            }
        )
        rates = plan.rate_ids.filtered(lambda rate: rate.usage_kind == "voice" and rate.zone_id.code in BANDED_RATES)
        zones = rates.zone_id
        rates.unlink()
        plan.rate_ids = [
            Command.create({"zone_id": zone.id, "band_id": band.id, "price_micro": price, "chain": "1/1"})
            for zone in zones
            for band, price in zip(bands, BANDED_RATES[zone.code], strict=True)
        ]
        ctx["banded_plan"] = plan

    @api.private
    def _bss_demo_bands(self, company):
        working = {"day_sat": False, "day_sun": False, "day_holiday": False}
        return self.env["bss.time.band"].create(
            [
                {
                    "name": "Szczyt",
                    "code": "SZCZYT",
                    "company_id": company.id,
                    "hour_from": 8,
                    "hour_to": 18,
                    "weight": 20,
                    **working,
                },
                {"name": "Poza szczytem", "code": "POZA", "company_id": company.id, "weight": 10},
            ]
        )
