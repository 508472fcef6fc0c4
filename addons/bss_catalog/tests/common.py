from datetime import date

from odoo.fields import Command
from odoo.tests.common import TransactionCase


class BssCommon(TransactionCase):
    """A Polish company with its chart; every BSS test class comes from here."""

    today = date(2026, 11, 21)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "mail_create_nolog": True})
        cls.company = cls._bss_polish_company()
        users = cls.env.user | cls.env.ref("base.user_admin")
        users.write({"company_ids": [Command.link(cls.company.id)], "company_id": cls.company.id})
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.company = cls.company.with_env(cls.env)
        cls.currency = cls.company.currency_id
        cls.tax_23 = cls.company._bss_sale_tax(23.0, "service")
        cls.sale_journal = cls._bss_journal("sale")
        cls.bank_journal = cls._bss_journal("bank")

    @classmethod
    def _bss_polish_company(cls):
        """The database's own Polish company when nothing was booked there, else a new one."""
        pristine = (
            cls.env["res.company"]
            .search([("chart_template", "=", "pl")])
            .filtered(lambda c: not cls.env["account.move"].search_count([("company_id", "=", c.id)], limit=1))
        )
        if pristine:
            return pristine[0]
        zloty = cls.env.ref("base.PLN")
        zloty.active = True
        company = (
            cls.env["res.company"]
            .with_context(install_mode=True)
            .create(
                {
                    "name": "Testowy Operator Sp. z o.o.",
                    "street": "ul. Próbna 1",
                    "zip": "99-300",
                    "city": "Kutno",
                    "vat": "PL1234563218",
                    "country_id": cls.env.ref("base.pl").id,
                    "currency_id": zloty.id,
                }
            )
        )
        cls.env["account.chart.template"].try_loading("pl", company=company, install_demo=False)
        return company.with_env(cls.env)

    @classmethod
    def _bss_journal(cls, kind):
        return cls.env["account.journal"].search([("company_id", "=", cls.company.id), ("type", "=", kind)], limit=1)

    @classmethod
    def make_offering(cls, code, price=0.0, kind="recurring", service="other", **vals):
        """An offering on sale with 23 % VAT; returns the product.product."""
        template = cls.env["product.template"].create(
            {
                "name": f"Offering {code}",
                "default_code": code,
                "type": "service",
                "list_price": price,
                "company_id": cls.company.id,
                "taxes_id": [Command.set(cls.tax_23.ids)],
                "bss_is_offering": True,
                "bss_offering_kind": kind,
                "bss_service_type": service,
                "bss_lifecycle": "on_sale",
                **vals,
            }
        )
        return template.product_variant_id

    @classmethod
    def make_zone(cls, code, kind="national_fixed", prefixes=()):
        return cls.env["bss.rate.zone"].create(
            {
                "code": code,
                "name": f"Zone {code}",
                "kind": kind,
                "company_id": cls.company.id,
                "prefix_ids": [Command.create({"prefix": prefix}) for prefix in prefixes],
            }
        )

    @classmethod
    def make_rate_plan(cls, rates, code="T1", activate=True, **vals):
        """``rates``: list of dicts of bss.rate values (zone_id, price_micro, …)."""
        plan = cls.env["bss.rate.plan"].create(
            {
                "name": f"Plan {code}",
                "code": code,
                "company_id": cls.company.id,
                "currency_id": cls.currency.id,
                "rate_ids": [Command.create(rate) for rate in rates],
                **vals,
            }
        )
        if activate:
            plan.action_activate()
        return plan
