"""What all invoices of a freezing share: sellers, taxes, units, categories. Read once, kept as plain values."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ..ksef_core import fa3
from .party import address, email, phone

SETTLEMENT = "settlement"  # the one value of `bss_ksef_rate` that is no rate: outside VAT


class Tax(NamedTuple):
    rate: fa3.Rate | None
    is_settlement: bool
    is_in_price: bool
    exemption: str
    percent: float


class Book:
    """Reads through Odoo's records on first use; the environment says in which language."""

    def __init__(self, env):
        self._env = env
        self._sellers = {}
        self._taxes = {}
        self._units = None
        self._annex15 = None

    def seller(self, company_id, *, inside_eu=False):
        """(Podmiot1, Stopka); sales inside the EU show the prefix PL."""
        key = (company_id, inside_eu)
        if key not in self._sellers:
            company = self._env["res.company"].browse(company_id)
            seller, footer = _seller(company), _footer(company)
            self._sellers[(company_id, False)] = (seller, footer)
            self._sellers[(company_id, True)] = (replace(seller, eu_prefix=True), footer)
        return self._sellers[key]

    def tax(self, tax_id):
        if tax_id not in self._taxes:
            tax = self._env["account.tax"].browse(tax_id)
            code = tax.bss_ksef_rate
            self._taxes[tax_id] = Tax(
                rate=fa3.Rate(code) if code and code != SETTLEMENT else None,
                is_settlement=code == SETTLEMENT,
                is_in_price=bool(tax.price_include),
                exemption=tax.bss_ksef_exemption or "",
                percent=tax.amount,
            )
        return self._taxes[tax_id]

    def unit(self, unit_id):
        """Odoo's plain unit has no name of its own on a Polish invoice."""
        if self._units is None:
            units = self._env["uom.uom"].with_context(active_test=False).search([])
            plain = self._env.ref("uom.product_uom_unit", raise_if_not_found=False)
            self._units = {unit.id: "szt." if unit == plain else unit.name for unit in units}
        return self._units.get(unit_id) or "szt."

    def is_annex15(self, row):
        """Whether the product of a line, or a category above it, is named in annex 15 of the VAT act."""
        if row.is_annex15:
            return True
        if self._annex15 is None:
            categories = self._env["product.category"]
            flagged = categories.search([("bss_ksef_annex15", "=", True)])
            self._annex15 = set(categories.search([("id", "child_of", flagged.ids)]).ids) if flagged else set()
        return row.categ_id in self._annex15


def _seller(company) -> fa3.Seller:
    partner = company.partner_id
    place = address(
        partner.street, partner.street2, partner.zip, partner.city, partner.country_id.code, default_country="PL"
    )
    return fa3.Seller(
        nip=company._bss_ksef_nip(),
        name=company.name or "",
        address=place or fa3.Address("PL", ""),
        email=email(partner.email),
        phone=phone(partner.phone),
    )


def _footer(company) -> fa3.Footer | None:
    registry = "".join((company.company_registry or "").split())
    if not registry.isdigit():
        return None
    if len(registry) == 10:
        return fa3.Footer(krs=registry)
    return fa3.Footer(regon=registry) if len(registry) in (9, 14) else None
