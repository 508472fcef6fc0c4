from odoo import api, models
from odoo.fields import Command

# code, name, type, unit, least, most, values, offerings with their default
CHARACTERISTICS = (
    ("vlan_id", "VLAN", "integer", "", "2", "4094", (), {"NET300": "100", "NET600": "100", "NET1000": "100"}),
    (
        "ip_address_kind",
        "Adres IP",
        "selection",
        "",
        "",
        "",
        (("dynamic", "Dynamiczny"), ("static", "Stały"), ("cgnat", "Za CGNAT")),
        {"NET300": "dynamic", "NET600": "dynamic", "NET1000": "dynamic", "STATICIP": "static"},
    ),
    (
        "optical_power_dbm",
        "Poziom sygnału optycznego",
        "decimal",
        "dBm",
        "-27,5",
        "-8",
        (),
        {"NET600": "", "NET1000": ""},
    ),
    ("multiroom", "Multiroom", "boolean", "", "", "", (), {"TVBASIC": "nie", "TVMAX": "tak"}),
)
# above, net price of a channel
CHANNEL_TIERS = ((0, 9.90), (5, 7.90), (20, 5.50))
# gross monthly prices for households
RETAIL_PRICES = {"NET300": 69.99, "NET600": 79.99, "NET1000": 104.99, "TVBASIC": 44.99, "TVMAX": 74.99, "DUO": 109.99}


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"  # pylint: disable=consider-merging-classes-inherited

    @api.private
    def _bss_demo_steps(self):
        return [*super()._bss_demo_steps(), (self.env._("Characteristics and price lists"), "_load_offering_details")]

    @api.private
    def _load_offering_details(self, ctx):
        self._bss_demo_characteristics(ctx)
        ctx["offerings"]["VOIP-CH"] = self._bss_demo_channels(ctx)
        ctx["offerings"]["TRIO"] = self._bss_demo_trio(ctx)
        ctx["retail_pricelist"] = self._bss_demo_retail_list(ctx)

    @api.private
    def _bss_demo_characteristics(self, ctx):
        for code, name, kind, unit, least, most, values, defaults in CHARACTERISTICS:
            characteristic = self.env["bss.characteristic"].create(
                {
                    "code": code,
                    "name": name,
                    "value_type": kind,
                    "unit": unit,
                    "value_min": least,
                    "value_max": most,
                    "company_id": ctx["company"].id,
                    "value_ids": [Command.create({"code": key, "name": text}) for key, text in values],
                }
            )
            for offering, value in defaults.items():
                template = ctx["offerings"][offering].product_tmpl_id
                template.bss_characteristic_ids = [
                    Command.create({"characteristic_id": characteristic.id, "value": value})
                ]

    @api.private
    def _bss_demo_offering(self, ctx, like, code, name, **vals):
        """An offering on sale with the taxes and the category of another one."""
        model = ctx["offerings"][like].product_tmpl_id
        template = self.env["product.template"].create(
            {
                "type": "service",
                "default_code": code,
                "name": name,
                "company_id": ctx["company"].id,
                "categ_id": model.categ_id.id,
                "purchase_ok": False,
                "taxes_id": [Command.set(model.taxes_id.ids)],
                "bss_is_offering": True,
                "bss_activation_product_id": ctx["offerings"]["ACT"].id,
                "bss_lifecycle": "on_sale",
                **vals,
            }
        )
        return template.product_variant_id

    @api.private
    def _bss_demo_channels(self, ctx):
        """Channels of a company's exchange: the more, the cheaper each further one."""
        return self._bss_demo_offering(
            ctx,
            "VOIP",
            "VOIP-CH",
            "Kanały głosowe dla firm",
            list_price=0,
            bss_service_type="voip",
            bss_rate_plan_id=ctx["rate_plan"].id,
            bss_price_model="graduated",
            bss_minimum_amount=19.80,
            bss_price_tier_ids=[
                Command.create({"quantity_from": above, "price": price}) for above, price in CHANNEL_TIERS
            ],
        )

    @api.private
    def _bss_demo_trio(self, ctx):
        """A bundle with a price of its own and parts to choose."""
        option = {"is_optional": True, "quantity_min": 1, "quantity_default": 0}
        rows = (
            {"product_id": ctx["offerings"]["NET1000"].id},
            {"product_id": ctx["offerings"]["TVMAX"].id},
            {"product_id": ctx["offerings"]["VOIP"].id},
            {"product_id": ctx["offerings"]["TVSPORT"].id, "discount_percent": 20, **option},
            {"product_id": ctx["offerings"]["MOB-M"].id, "discount_percent": 10, "quantity_max": 4, **option},
        )
        return self._bss_demo_offering(
            ctx,
            "NET1000",
            "TRIO",
            "Trio Internet + TV + telefon",
            list_price=139.00,
            bss_technology="fibre",
            bss_is_bundle=True,
            bss_bundle_pricing="own",
            bss_bundle_line_ids=[Command.create({"sequence": 10 * n, **row}) for n, row in enumerate(rows, start=1)],
        )

    @api.private
    def _bss_demo_retail_list(self, ctx):
        return self.env["product.pricelist"].create(
            {
                "name": "Cennik detaliczny (brutto)",
                "sequence": 90,  # never the list of those who were given none
                "company_id": ctx["company"].id,
                "currency_id": ctx["company"].currency_id.id,
                "bss_price_kind": "gross",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "1_product",
                            "product_tmpl_id": ctx["offerings"][code].product_tmpl_id.id,
                            "compute_price": "fixed",
                            "fixed_price": price,
                        }
                    )
                    for code, price in RETAIL_PRICES.items()
                ],
            }
        )
