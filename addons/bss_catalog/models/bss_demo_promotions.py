from datetime import timedelta

from odoo import api, models
from odoo.fields import Command

GIGABYTE = 1_000_000_000
RIVAL = "Sąsiad-Net"
INTERNET = ("NET300", "NET600", "NET1000")

# code, name, steps (month from, month to, kind, value), offerings, further values, days of sale around the as-of day
PROMOTIONS = (
    (
        "START3",
        "Pierwsze 3 miesiące za 1 zł",
        ((1, 3, "fixed", 1.0),),
        INTERNET,
        {"customer_status": "new", "for_consumer": True, "min_term_months": 24},
        (-60, 120),
    ),
    (
        "ZOSTAN10",
        "Zostań z nami −10 zł",
        ((1, 24, "amount", 10.0),),
        INTERNET,
        {"customer_status": "retained", "min_term_months": 24},
        (-300, None),
    ),
    (
        "OSIEDLE20",
        "Osiedle Chrobrego: światłowód −20 % (konkurencja)",
        ((1, 24, "percent", 20.0),),
        INTERNET,
        {"for_fibre": True, "any_competitor": True, "min_term_months": 12, "priority": 20, "max_grants": 40},
        (-30, 60),
    ),
    (
        "AKT1",
        "Aktywacja za 1 zł",
        ((1, 1, "fixed", 1.0),),
        (),
        {"target": "activation", "min_term_months": 12},
        (-200, None),
    ),
    (
        "DUOTV2",
        "Telewizja w pakiecie: 2 miesiące gratis",
        ((1, 2, "free", 0.0),),
        ("TVBASIC", "TVMAX"),
        {"for_consumer": True, "min_term_months": 24},
        (-30, 90),
    ),
    ("MOB10", "10 GB ekstra przez pół roku", (), ("MOB-S", "MOB-M", "MOB-L"), {"customer_status": "new"}, (-90, 180)),
    (
        "JESIEN",
        "Jesienne porządki −15 %",
        ((1, 12, "percent", 15.0),),
        (),
        {"min_term_months": 12, "state": "withdrawn"},
        (-420, -330),
    ),
)


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"

    @api.private
    def _bss_demo_steps(self):
        return [*super()._bss_demo_steps(), (self.env._("Promotions"), "_load_promotions")]

    @api.private
    def _load_promotions(self, ctx):
        company, as_of = ctx["company"], ctx["as_of"]
        estate = self._bss_demo_estate(ctx)
        found = self.env["bss.promotion"]
        for code, name, steps, offerings, vals, (before, after) in PROMOTIONS:
            found |= found.create(
                {
                    "code": code,
                    "name": name,
                    "company_id": company.id,
                    "date_start": as_of + timedelta(before),
                    "date_end": as_of + timedelta(after) if after is not None else False,
                    "product_ids": [Command.set([ctx["offerings"][one].id for one in offerings])],
                    "step_ids": [
                        Command.create({"month_from": first, "month_to": last, "kind": kind, "value": value})
                        for first, last, kind, value in steps
                    ],
                    **vals,
                }
            )
        ctx["promotions"] = promotions = {promotion.code: promotion for promotion in found}
        promotions["DUOTV2"].bundle_id = ctx["bundle"]
        promotions["OSIEDLE20"].write(
            {
                "location_ids": [Command.set(estate.ids)],
                "incompatible_ids": [Command.set(promotions["START3"].ids)],
            }
        )
        promotions["MOB10"].step_ids = [
            Command.create({"month_from": 1, "month_to": 6, "kind": "units", "unit": "byte", "quantity": 10 * GIGABYTE})
        ]
        found.filtered(lambda one: one.state == "draft").action_put_on_sale()

    @api.private
    def _bss_demo_estate(self, ctx):
        """The housing estate on which a competitor sells too."""
        places = self.env["bss.location"].union(*ctx["premises"]).building_id
        estate = places.filtered(lambda one: one.street == "Chrobrego")
        if not estate._bss_competitors(ctx["as_of"]):
            rival = self.env["bss.competitor"].create({"name": RIVAL, "company_id": ctx["company"].id})
            self.env["bss.competitor.offer"].create(
                {
                    "competitor_id": rival.id,
                    "location_id": estate.id,
                    "company_id": ctx["company"].id,
                    "technology": "fibre",
                    "down_mbps": 600,
                    "price": 65.0,
                    "date_start": ctx["as_of"] - timedelta(200),
                }
            )
        return estate
