from datetime import timedelta
from itertools import cycle

from odoo import api, models

from .. import demo_data
from ..billing_core import add_months, month_start


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"

    @api.private
    def _bss_demo_steps(self):
        return [
            *super()._bss_demo_steps(),
            (self.env._("Bill cycle"), "_load_bill_cycle"),
            (self.env._("Subscribers"), "_load_subscribers"),
            (self.env._("Services"), "_load_services"),
            (self.env._("Activation"), "_load_activation"),
        ]

    @api.private
    def _load_bill_cycle(self, ctx):
        journal = self.env["account.journal"].create(
            {"name": "Faktury abonamentowe", "code": "FA", "type": "sale", "company_id": ctx["company"].id}
        )
        ctx["cycle"] = self.env["bss.bill.cycle"].create(
            {
                "name": "1. dzień miesiąca",
                "day": 1,
                "due_days": 14,
                "journal_id": journal.id,
                "company_id": ctx["company"].id,
            }
        )

    # --- subscribers

    @api.private
    def _bss_demo_subscribers(self):
        """(name, customer kind, NIP, offering codes) of every subscriber."""
        rows = []
        packages = cycle(demo_data.HOUSEHOLD_PACKAGES)
        at_home = len(demo_data.HOUSEHOLDS) - len(demo_data.MOBILE_ONLY_PACKAGES)
        for name in demo_data.HOUSEHOLDS[:at_home]:
            rows.append((name, "consumer", False, next(packages)))
        for name, codes in zip(demo_data.HOUSEHOLDS[at_home:], demo_data.MOBILE_ONLY_PACKAGES, strict=True):
            rows.append((name, "consumer", False, codes))
        for kind, people, choices in (
            ("sole_trader", demo_data.SOLE_TRADERS, demo_data.SOLE_TRADER_PACKAGES),
            ("company", demo_data.COMPANIES, demo_data.COMPANY_PACKAGES),
            ("public", demo_data.MUNICIPALITIES, (demo_data.MUNICIPALITY_PACKAGE,)),
        ):
            for (name, nip), codes in zip(people, cycle(choices), strict=False):
                rows.append((name, kind, f"PL{nip}", codes))
        return rows

    @api.private
    def _load_subscribers(self, ctx):
        premises = iter(ctx["premises"])
        elsewhere = cycle(demo_data.OTHER_ADDRESSES)
        plans, partner_vals = [], []
        for index, (name, kind, vat, codes) in enumerate(self._bss_demo_subscribers()):
            fixed = any(ctx["offerings"][code].bss_service_type not in ("mobile",) for code in codes)
            place = next(premises, None) if fixed else None
            plans.append((codes, place))
            partner_vals.append(self._bss_demo_partner(index, name, kind, vat, place, elsewhere))
        partners = self.env["res.partner"].create(partner_vals)
        delivery = cycle(("email", "email", "email", "post", "portal"))
        accounts = self.env["bss.account"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": ctx["company"].id,
                    "bill_cycle_id": ctx["cycle"].id,
                    "delivery_method": next(delivery),
                    "payment_way": "transfer",
                }
                for partner in partners
            ]
        )
        ctx["accounts"] = accounts
        ctx["subscriber_plans"] = plans

    @api.private
    def _bss_demo_partner(self, index, name, kind, vat, place, elsewhere):
        if place:
            street, postcode, city = f"ul. {place.street} {place.house_no}/{place.premises_no}", place.zip, place.city
        else:
            street, postcode, city = next(elsewhere)
        plain = name.lower().translate(str.maketrans("ąćęłńóśźż", "acelnoszz"))
        address = ".".join("".join(char if char.isalnum() else " " for char in plain).split()[:2])
        return {
            "name": name,
            "bss_customer_kind": kind,
            "is_company": kind != "consumer",
            "vat": vat,
            "lang": "pl_PL",
            "street": street,
            "zip": postcode,
            "city": city,
            "country_id": self.env.ref("base.pl").id,
            "email": f"{address}@poczta.example",
            "phone": f"+48 601 {200 + index // 10:03d} {100 + index:03d}",
        }

    # --- contracts and services

    @api.private
    def _load_services(self, ctx):
        as_of = ctx["as_of"]
        first_days, contract_vals = [], []
        newcomer_days = cycle(demo_data.NEWCOMER_DAYS)
        for index, account in enumerate(ctx["accounts"]):
            if index % demo_data.NEWCOMER_EVERY == demo_data.NEWCOMER_EVERY - 1:
                start = month_start(as_of - timedelta(days=1), 1).replace(day=next(newcomer_days))
            else:
                start = add_months(as_of, -(4 + index % 20))
            first_days.append(start)
            contract_vals.append(
                {
                    "account_id": account.id,
                    "date_signed": start - timedelta(days=3 + index % 7),
                    "date_start": start,
                    "term_months": (24, 12, 0)[index % 3],
                }
            )
        # numbers follow the dates of signing
        by_date = sorted(range(len(contract_vals)), key=lambda index: contract_vals[index]["date_signed"])
        signed = dict(zip(by_date, self.env["bss.contract"].create([contract_vals[i] for i in by_date]), strict=True))
        contracts = self.env["bss.contract"].concat(*(signed[index] for index in range(len(contract_vals))))
        numbers = {"mobile": self._bss_demo_numbers(demo_data.MOBILE_BLOCK, 3, 100, 1)}
        for city, block in demo_data.VOIP_BLOCKS.items():
            numbers[city] = self._bss_demo_numbers(block, 4, 1001, 7)
        services = self.env["bss.service"]
        for contract, (codes, place), start in zip(contracts, ctx["subscriber_plans"], first_days, strict=True):
            made = services.create(
                [
                    {
                        "contract_id": contract.id,
                        "product_id": ctx["offerings"][code].id,
                        "location_id": place.id if place and not code.startswith("MOB") else False,
                    }
                    for code in codes
                ]
            )
            made |= made.child_ids
            services |= made
            self._bss_demo_identifiers(contract, made, numbers, start)
        ctx["services"] = services.filtered(lambda service: not service.product_id.bss_is_bundle)
        ctx["contracts"] = contracts
        self._bss_demo_devices(ctx)

    @api.private
    def _bss_demo_numbers(self, block, digits, first, step):
        """Free numbers of a block, in order."""
        for number in range(first, 10**digits, step):
            yield f"{block}{number:0{digits}d}"

    @api.private
    def _bss_demo_identifiers(self, contract, services, numbers, start):
        vals = []
        for service in services:
            if service.service_type == "mobile":
                vals.append((service, "msisdn", next(numbers["mobile"])))
            elif service.service_type == "voip":
                city = contract.partner_id.city
                vals.append((service, "msisdn", next(numbers.get(city) or numbers["Kutno"])))
            elif service.service_type == "internet" and service.product_id.default_code != "STATICIP":
                vals.append((service, "login", f"dt{contract.account_id.name}"))
        self.env["bss.service.identifier"].create(
            [
                {"service_id": service.id, "kind": kind, "value": value, "date_start": start}
                for service, kind, value in vals
            ]
        )

    @api.private
    def _bss_demo_devices(self, ctx):
        vals_list, count = [], 0
        for service in ctx["services"]:
            code = demo_data.DEVICE_OF.get(service.service_type)
            if not code or service.product_id.default_code in ("STATICIP", "TVSPORT"):
                continue
            count += 1
            product = ctx["offerings"][code]
            vals_list.append(
                {
                    "product_id": product.id,
                    "name": product.with_context(lang="pl_PL").name,
                    "serial": f"{demo_data.SERIAL_PREFIX[code]}{count:08d}",
                    "mac": f"02:4B:54:00:{count // 256:02X}:{count % 256:02X}" if code != "SIM" else False,
                    "ownership": "lent",
                    "state": "at_customer",
                    "service_id": service.id,
                    "company_id": ctx["company"].id,
                }
            )
        ctx["devices"] = self.env["bss.device"].create(vals_list)

    @api.private
    def _load_activation(self, ctx):
        """Contracts come into force, the network confirms, newcomers owe the activation fee."""
        as_of = ctx["as_of"]
        ctx["contracts"].action_activate()
        orders = self.env["bss.service.order"].search([("service_id", "in", ctx["services"].ids)])
        for day, done in orders.grouped("date_valid_from").items():
            done._bss_done(response="OK", effective=day)
        billed_until = as_of - timedelta(days=1)
        month = month_start(billed_until, 1)
        old = ctx["services"].filtered(lambda service: service.date_start < month)
        old.write({"charged_through": billed_until})
        for contract in (ctx["services"] - old).contract_id:
            service = contract.service_ids.filtered(lambda one: not one.product_id.bss_is_bundle)[:1]
            service._bss_charge_once(ctx["offerings"]["ACT"], service.date_start)
