import logging

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .. import demo_data
from ..catalog_core import nrb_make

_logger = logging.getLogger(__name__)


class BssDemo(models.AbstractModel):
    """Makes the demo operator. Higher addons append steps in ``_bss_demo_steps``.

    A step is a method that takes the dict ``ctx`` and puts its records there for the next ones.
    """

    _name = "bss.demo"
    _description = "Loader of the demo operator"

    @api.private
    def load(self, as_of, progress=None):
        """Make the demo operator as of ``as_of``; ``progress(label, done, total)`` is told of every step."""
        if self._bss_demo_exists():
            raise UserError(self.env._("The demo operator is in this database already."))
        ctx = {"as_of": as_of}
        steps = self._bss_demo_steps()
        loader = self.with_context(tracking_disable=True, mail_create_nolog=True)
        for done, (label, method) in enumerate(steps):
            _logger.info("Demo operator: %s", label)
            if progress:
                progress(label, done, len(steps))
            if ctx.get("company"):
                loader = loader.with_company(ctx["company"])
            getattr(loader, method)(ctx)
        if progress:
            progress("", len(steps), len(steps))
        return ctx

    @api.private
    def _bss_demo_steps(self):
        return [
            (self.env._("Language"), "_load_language"),
            (self.env._("Company"), "_load_company"),
            (self.env._("Catalogue"), "_load_catalog"),
        ]

    @api.private
    def _bss_demo_exists(self):
        vat = demo_data.COMPANY["vat"]
        return bool(
            self.env["res.company"].sudo().search_count([("vat", "in", [vat, vat.removeprefix("PL")])], limit=1)
        )

    # --- language

    @api.private
    def _load_language(self, ctx):
        language = self.env["res.lang"].with_context(active_test=False).search([("code", "=", "pl_PL")], limit=1)
        if not language.active:
            wizard = self.env["base.language.install"].create({"lang_ids": [Command.set(language.ids)]})
            wizard.lang_install()
        self.env["res.lang"]._bss_group_thousands()
        admin = self.env.ref("base.user_admin", raise_if_not_found=False)
        if admin:
            admin.write({"lang": "pl_PL", "tz": "Europe/Warsaw"})

    # --- company

    @api.private
    def _load_company(self, ctx):
        company = self._bss_demo_company()
        self._bss_demo_load_chart(company)
        ctx["company"] = company
        ctx["bank"] = self._bss_demo_bank(company)

    @api.private
    def _bss_demo_company(self):
        """The main company when it has no entries yet, else a new one."""
        poland, zloty = self.env.ref("base.pl"), self.env.ref("base.PLN")
        zloty.active = True
        vals = {**demo_data.COMPANY, "country_id": poland.id, "currency_id": zloty.id}
        # install_mode: writing the country must not install modules in the middle of the loading
        companies = self.env["res.company"].with_context(install_mode=True)
        company = companies.browse(self.env.company.id)
        if self.env["account.move"].sudo().search_count([("company_id", "=", company.id)], limit=1):
            company = companies.create(vals)
            for user in self.env.user | self.env.ref("base.user_admin"):
                user.write({"company_ids": [Command.link(company.id)], "company_id": company.id})
        else:
            company.write(vals)
        company.partner_id.write({"lang": "pl_PL", "bss_customer_kind": "company"})
        # price lists that Odoo made before the company had its currency
        lists = self.env["product.pricelist"].search(
            [("company_id", "in", [False, company.id]), ("item_ids", "=", False)]
        )
        lists.currency_id = zloty
        if "iap_enrich_auto_done" in company._fields:
            # an invented company is not looked up in paid directories
            company.iap_enrich_auto_done = True
        return self.env["res.company"].browse(company.id)

    @api.private
    def _bss_demo_load_chart(self, company):
        if company.chart_template != "pl":
            self.env["account.chart.template"].try_loading("pl", company=company, install_demo=False)

    @api.private
    def _bss_demo_bank(self, company):
        data = demo_data.BANK
        bank = self.env["res.bank"].search([("bic", "=", data["bic"])], limit=1)
        bank = bank or self.env["res.bank"].create({"name": data["name"], "bic": data["bic"]})
        account = self.env["res.partner.bank"].create(
            {
                "acc_number": nrb_make(data["b24"]),
                "partner_id": company.partner_id.id,
                "bank_id": bank.id,
                "company_id": company.id,
                "currency_id": company.currency_id.id,
            }
        )
        journal = self.env["account.journal"].search(
            [*self.env["account.journal"]._check_company_domain(company), ("type", "=", "bank")], limit=1
        )
        journal.bank_account_id = account
        return account

    # --- catalogue

    @api.private
    def _load_catalog(self, ctx):
        company = ctx["company"]
        ctx["zones"] = self._bss_demo_zones(company)
        ctx["rate_plan"] = self._bss_demo_rate_plan(company, ctx["zones"], ctx["as_of"])
        ctx["offerings"] = self._bss_demo_offerings(company, ctx["rate_plan"])
        self._bss_demo_allowances(ctx["offerings"], ctx["zones"])
        ctx["bundle"] = self._bss_demo_bundle(company, ctx["offerings"])
        ctx["offerings"][demo_data.BUNDLE["code"]] = ctx["bundle"]
        ctx["premises"] = self._bss_demo_locations(company)

    @api.private
    def _bss_demo_zones(self, company):
        zones = self.env["bss.rate.zone"].create(
            [
                {
                    "sequence": position,
                    "code": code,
                    "name": name,
                    "kind": kind,
                    "company_id": company.id,
                    "prefix_ids": [
                        Command.create({"prefix": prefix, "note": note})
                        for note, prefixes in groups.items()
                        for prefix in prefixes.split()
                    ],
                    "code_ids": [
                        Command.create({"kind": what, "value": value, "note": note})
                        for what, value, note in demo_data.ZONE_CODES.get(code, ())
                    ],
                }
                for position, (code, name, kind, groups) in enumerate(demo_data.ZONES, start=1)
            ]
        )
        return {zone.code: zone for zone in zones}

    @api.private
    def _bss_demo_rate_plan(self, company, zones, as_of):
        voice = [
            {
                "zone_id": zones[code].id,
                "usage_kind": "voice",
                "price_micro": price,
                "connect_fee_micro": connect,
                "increment_first_s": first,
                "increment_next_s": following,
            }
            for code, (price, connect, first, following) in demo_data.VOICE_RATES.items()
        ]
        others = [
            {"zone_id": zones[code].id, "usage_kind": kind, "price_micro": price}
            for kind, table in (("sms", demo_data.SMS_RATES), ("data", demo_data.DATA_RATES))
            for code, price in table.items()
        ]
        others += [
            {"zone_id": zones[code].id, "usage_kind": kind, **vals} for code, kind, vals in demo_data.SPECIAL_RATES
        ]
        plan = self.env["bss.rate.plan"].create(
            {
                "name": "Taryfa Standard",
                "code": "STD",
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "date_start": as_of.replace(year=as_of.year - 2, month=1, day=1),
                "rate_ids": [Command.create(vals) for vals in voice + others],
            }
        )
        plan.action_activate()
        return plan

    @api.private
    def _bss_demo_category(self, company):
        """Category of services: its revenue is that of services, the chart's default is that of goods."""
        category = self.env["product.category"].create({"name": demo_data.SERVICE_CATEGORY})
        charts = self.env["account.chart.template"].with_company(company)
        income = charts.ref(demo_data.SERVICE_INCOME, raise_if_not_found=False)
        if income:
            category.with_company(company).property_account_income_categ_id = income
        return category

    @api.private
    def _bss_demo_offerings(self, company, plan):
        category = self._bss_demo_category(company)
        service_tax, goods_tax = company._bss_sale_tax(23.0, "service"), company._bss_sale_tax(23.0, "goods")
        vals_list = []
        for code, name, kind, service, price, extra in demo_data.OFFERINGS:
            vals_list.append(
                {
                    "type": "service",
                    **extra,
                    "default_code": code,
                    "name": name,
                    "list_price": float(price),
                    "company_id": company.id,
                    **({} if kind == "device" else {"categ_id": category.id}),
                    "purchase_ok": kind == "device",
                    "taxes_id": [Command.set((goods_tax if kind == "device" else service_tax).ids)],
                    "bss_is_offering": True,
                    "bss_offering_kind": kind,
                    "bss_service_type": service,
                    "bss_lifecycle": "on_sale",
                    "bss_rate_plan_id": plan.id if code in demo_data.WITH_RATE_PLAN else False,
                }
            )
        templates = self.env["product.template"].create(vals_list)
        return {template.default_code: template.product_variant_id for template in templates}

    @api.private
    def _bss_demo_allowances(self, offerings, zones):
        self.env["bss.offering.allowance"].create(
            [
                {
                    "template_id": offerings[code].product_tmpl_id.id,
                    "name": name,
                    "unit": unit,
                    "quantity": quantity,
                    "priority": 10 * position,
                    "zone_ids": [Command.set([zones[zone].id for zone in zone_codes])],
                }
                for code, rows in demo_data.ALLOWANCES.items()
                for position, (name, unit, quantity, zone_codes) in enumerate(rows, start=1)
            ]
        )

    @api.private
    def _bss_demo_bundle(self, company, offerings):
        data = demo_data.BUNDLE
        bundle = self.env["product.template"].create(
            {
                "type": "service",
                "default_code": data["code"],
                "name": data["name"],
                "company_id": company.id,
                "categ_id": offerings[data["parts"][0][0]].categ_id.id,
                "purchase_ok": False,
                "taxes_id": [Command.set(company._bss_sale_tax(23.0, "service").ids)],
                "bss_is_offering": True,
                "bss_offering_kind": "recurring",
                "bss_service_type": "other",
                "bss_technology": "fibre",
                "bss_is_bundle": True,
                "bss_bundle_pricing": "sum",
                "bss_bundle_line_ids": [
                    Command.create(
                        {
                            "sequence": 10 * position,
                            "product_id": offerings[code].id,
                            "is_optional": optional,
                            "quantity_min": 0 if optional else 1,
                            "quantity_default": 0 if optional else 1,
                            "discount_percent": discount,
                        }
                    )
                    for position, (code, optional, discount) in enumerate(data["parts"], start=1)
                ],
                "bss_lifecycle": "on_sale",
            }
        )
        bundle.list_price = bundle.bss_bundle_price
        return bundle.product_variant_id

    @api.private
    def _bss_demo_locations(self, company):
        Location = self.env["bss.location"]
        premises = []
        for street, house, city, postcode, terc, technologies, staircases, per_staircase in demo_data.BUILDINGS:
            building = Location.create(
                {
                    "kind": "building",
                    "name": f"{street} {house}",
                    "street": street,
                    "house_no": house,
                    "zip": postcode,
                    "city": city,
                    "teryt_code": terc,
                    "company_id": company.id,
                    **{f"has_{name}": name in technologies for name in ("fibre", "hfc", "radio")},
                }
            )
            for position, mark in enumerate(staircases):
                staircase = Location.create(
                    {"kind": "staircase", "name": mark, "parent_id": building.id, "company_id": company.id}
                )
                first = position * per_staircase + 1
                premises += Location.create(
                    [
                        {
                            "kind": "premises",
                            "name": str(number),
                            "premises_no": str(number),
                            "parent_id": staircase.id,
                            "company_id": company.id,
                        }
                        for number in range(first, first + per_staircase)
                    ]
                )
        return premises
