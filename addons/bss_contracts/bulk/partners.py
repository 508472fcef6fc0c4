"""What a customer gives to its invoices, for thousands of customers in a few statements."""

import re
from dataclasses import dataclass

from odoo.tools import SQL


@dataclass(frozen=True, slots=True)
class Partner:
    """``profile``: customers with the same one have the same columns on their invoices, beside those named here."""

    id: int
    commercial_id: int
    shipping_id: int
    name: str
    is_active: bool
    profile: tuple


def read_partners(env, company, partner_ids):
    """{id: Partner}

    :param env: of the company that invoices
    """
    env.flush_all()
    key = str(company.id)
    rows = env.execute_query(
        SQL(
            """
            SELECT partner.id, partner.commercial_partner_id, partner.complete_name, partner.active, partner.lang,
                   partner.country_id, partner.state_id, partner.zip, partner.vat, partner.is_company,
                   partner.property_account_position_id ->> %(key)s,
                   partner.property_inbound_payment_method_line_id ->> %(key)s,
                   head.property_account_receivable_id ->> %(key)s,
                   COALESCE(TRIM(head.vat), '') NOT IN ('', '/'),
                   partner.parent_id IS NULL AND COALESCE(partner.company_name, '') = '',
                   EXISTS (SELECT 1 FROM res_partner child WHERE child.parent_id = partner.id)
              FROM res_partner partner
              JOIN res_partner head ON head.id = partner.commercial_partner_id
             WHERE partner.id = ANY(%(ids)s)
            """,
            key=key,
            ids=list(partner_ids),
        )
    )
    partners = env["res.partner"].browse([row[0] for row in rows])
    extra = env["account.move"]._bss_bulk_profile(partners)
    positions = _Positions(env)
    found = {}
    for row in rows:
        partner_id, head_id, name, active, lang, country, state, zip_code, vat, is_company = row[:10]
        position, way, receivable, has_vat, is_alone, has_children = row[10:]
        shipping_id = partner_id
        if has_children or not is_alone:
            shipping_id = env["res.partner"].browse(partner_id).address_get(["delivery"])["delivery"]
        if not is_alone or not name:
            name = env["res.partner"].browse(partner_id).display_name
        elif "\n" in name:
            name = re.sub(r"\s+\n", "\n", name)
        place = (position, country, state, zip_code, vat, is_company)
        fiscal_position_id = positions.of(partner_id, shipping_id, place)
        profile = (lang, fiscal_position_id, receivable, way, country, has_vat, shipping_id == partner_id)
        found[partner_id] = Partner(
            partner_id, head_id, shipping_id, name, active, (*profile, *extra.get(partner_id, ()))
        )
    return found


class _Positions:
    """Fiscal positions, each combination of what decides them asked for once."""

    def __init__(self, env):
        self.env = env
        positions = env["account.fiscal.position"]
        rules = positions.search([*positions._check_company_domain(env.company), ("auto_apply", "=", True)])
        self.by_zip = any(rule.zip_from and rule.zip_to for rule in rules)
        self.known = {}

    def of(self, partner_id, shipping_id, place):
        manual, country, state, zip_code, vat, is_company = place
        # of a VAT number the country in front decides, and whether there is one; VIES looks at the whole
        number = vat if vat and self._asks_vies() else (vat or "")[:2]
        key = (manual, country, state, zip_code if self.by_zip else None, number, bool(vat), is_company)
        if shipping_id != partner_id:
            key = (*key, shipping_id)
        if key not in self.known:
            partners = self.env["res.partner"]
            self.known[key] = (
                self.env["account.fiscal.position"]
                ._get_fiscal_position(partners.browse(partner_id), delivery=partners.browse(shipping_id))
                .id
            )
        return self.known[key]

    def _asks_vies(self):
        company = self.env.company
        return "vat_check_vies" in company._fields and company.vat_check_vies
