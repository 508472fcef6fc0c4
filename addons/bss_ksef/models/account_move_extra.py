"""What an invoice says in FA(3) beyond Odoo's own fields: read for a whole batch, in a number of statements that is fixed."""

from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from .. import payment_link, usage_attachment
from ..ksef_core import fa3
from ..parties import identity_of

# FormaPlatnosci of the ways a billing account pays. Card and direct debit are ways an account may choose, but nothing
# collects them yet: the invoice asks for a transfer.
PAYMENT_METHODS = {"cash": 1, "card": 6, "transfer": 6, "direct_debit": 6}
# Podmiot3/Rola of whom the goods or services are for
LOCAL_GOVERNMENT_RECIPIENT, VAT_GROUP_RECIPIENT = 8, 10


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _bss_ksef_extra(self):
        """What an invoice says in FA(3) beyond Odoo's own fields, for all of `self` at once.

        Returns {move id: values}; every key is optional:
        customer_number, contracts [(number, date signed or None)], bank_account, bank_name, payment_method,
        payment_link, ipksef, paid_on, partial_payments [(date, Decimal)],
        charges and deductions [(Decimal, reason)]: Rozliczenie, outside VAT,
        notes [(key, value)], split_payment, cash_method, self_billing, reverse_charge, triangular, margin, receipt,
        is_public_subunit, is_vat_group_member, internal_id (IDNabywcy), order_numbers,
        kind ("ZAL", …), advances [{"ksef_number"} or {"number"}], attachment (ksef_core.fa3.Attachment),
        correction_effect (1, 2, 3), due_before (Decimal; P_15ZK of KOR_ZAL and KOR_ROZ), correction (plain values: reason, effect, period, supplied (date or None) and days
        (first, last; or None) of the originals, original_ids, buyer_before and buyer_after with name, vat, street, zip, city, country, and lines, each with line_id, original_line_id, name,
        is_gross, before and after with quantity, price, discount, net, tax_id), third_parties [ksef_core.fa3.ThirdParty],
        lines {move line id: {"supply_date": date, "notes": [(key, value)]}}.

        Extend with super() and update the dictionaries; ask the database once for all, whatever their number.
        """
        self.env.flush_all()
        extra, units, sales = {}, {}, set()
        companies = defaultdict(list)
        business = set()
        for row in self._bss_ksef_heads():
            move_id = row["id"]
            companies[row["company_id"]].append(move_id)
            if row["is_business"]:
                business.add(move_id)
            if row["is_sale"]:
                sales.add(move_id)
            values = extra[move_id] = {"bank_account": row["bank_account"], "bank_name": row["bank_name"]}
            if row["is_subunit"] or row["is_group_member"]:
                values["is_public_subunit"] = bool(row["is_subunit"])
                values["is_vat_group_member"] = bool(row["is_group_member"])
                if row["unit_id"]:
                    role = LOCAL_GOVERNMENT_RECIPIENT if row["is_subunit"] else VAT_GROUP_RECIPIENT
                    units[move_id] = row["unit_id"], role
        if units:
            self._bss_ksef_add_units(extra, units)
        for company_id, move_ids in companies.items():
            company = self.env["res.company"].sudo().browse(company_id)
            if hasattr(self, "_bss_einvoice_facts"):
                self._bss_ksef_add_accounts(company, extra, self.browse(move_ids), business, sales)
            links = self.browse(one for one in move_ids if one in sales)._bss_ksef_payment_links(company)
            for move_id, (identifier, link) in links.items():
                extra[move_id].update(ipksef=identifier, payment_link=link)
        return extra

    def _bss_ksef_heads(self):
        """Bank account, and the marks of the buyer, of each invoice."""
        self.env.cr.execute(
            SQL(
                """
                SELECT move.id, move.company_id, TRIM(COALESCE(head.vat, '')) NOT IN ('', '/') AS is_business,
                       move.move_type = 'out_invoice' AS is_sale,
                       CASE WHEN move.move_type = 'out_invoice' THEN COALESCE(bank.sanitized_acc_number, '') ELSE '' END
                           AS bank_account,
                       CASE WHEN move.move_type = 'out_invoice' THEN COALESCE(house.name, '') ELSE '' END AS bank_name,
                       head.bss_ksef_jst AS is_subunit, head.bss_ksef_vat_group AS is_group_member,
                       NULLIF(move.partner_shipping_id, head.id) AS unit_id
                  FROM account_move move
             LEFT JOIN res_partner head ON head.id = move.commercial_partner_id
             LEFT JOIN res_partner_bank bank ON bank.id = move.partner_bank_id
             LEFT JOIN res_bank house ON house.id = bank.bank_id
                 WHERE move.id = ANY(%s)
                """,
                list(self.ids),
            )
        )
        return self.env.cr.dictfetchall()

    def _bss_ksef_add_units(self, extra, units):
        """Podmiot3: the unit of a local government, or the member of a VAT group, that the invoice is for."""
        self.env.cr.execute(
            SQL(
                """
                SELECT unit.id, COALESCE(unit.name, '') AS name, COALESCE(unit.vat, '') AS vat,
                       COALESCE(head.vat, '') AS head_vat, COALESCE(country.code, '') AS country,
                       COALESCE(unit.bss_ksef_internal_id, '') AS internal_id,
                       CONCAT_WS(', ', NULLIF(unit.street, ''), NULLIF(unit.street2, '')) AS street,
                       CONCAT_WS(' ', NULLIF(unit.zip, ''), NULLIF(unit.city, '')) AS place
                  FROM res_partner unit
                  JOIN res_partner head ON head.id = unit.commercial_partner_id
             LEFT JOIN res_country country ON country.id = unit.country_id
                 WHERE unit.id = ANY(%s)
                """,
                list({unit_id for unit_id, _role in units.values()}),
            )
        )
        rows = {row["id"]: row for row in self.env.cr.dictfetchall()}
        for move_id, (unit_id, role) in units.items():
            extra[move_id]["third_parties"] = [_unit(rows[unit_id], role)]

    @api.model
    def _bss_ksef_add_accounts(self, company, extra, moves, business, sales):
        """What billing accounts add; details of services only for businesses: they are personal data of people."""
        facts = moves._bss_einvoice_facts(
            details=company.bss_ksef_line_notes,
            settlement=company.bss_ksef_settlement,
            usage=company._bss_ksef_may_attach(),
        )
        for move_id, fact in facts.items():
            if move_id not in sales:
                fact["bank_account"] = ""
            self._bss_ksef_add_account(extra[move_id], fact, move_id in business)

    @api.model
    def _bss_ksef_add_account(self, values, fact, is_business):
        values["customer_number"] = fact["account"]
        values["contracts"] = fact["contracts"]
        if "correction" in fact:
            values["correction"] = fact["correction"]
        number = fact["bank_account"]
        if number and number != values["bank_account"].removeprefix("PL"):
            # not the company's own account, so its bank's name does not belong to it
            values.update(bank_account=number, bank_name="")
        if fact["payment_way"] in PAYMENT_METHODS:
            values["payment_method"] = PAYMENT_METHODS[fact["payment_way"]]
        values.update({name: fact[name] for name in ("charges", "deductions") if name in fact})
        if not is_business:
            return
        if fact.get("lines"):
            values["lines"] = {line_id: {"notes": notes} for line_id, notes in fact["lines"].items()}
        if fact.get("usage"):
            values["attachment"] = usage_attachment.attachment(fact["account"], fact["usage"])

    def _bss_ksef_payment_links(self, company):
        """Hook: {move id: (IPKSeF, payment link that carries it)} of the invoices of `company` that a link can pay.

        IPKSeF is three digits of the payment provider and ten letters or digits. By default it is made of the
        provider's code and the invoice, where the company has both settings; an addon of a provider that gives them out
        itself overrides this, for all of `self` at once.
        """
        code, address = company.bss_ksef_provider_code, company.bss_ksef_payment_address
        if not code or not address:
            return {}
        identifiers = {move_id: payment_link.identifier(code, move_id) for move_id in self.ids}
        return {move_id: (one, payment_link.link(address, one)) for move_id, one in identifiers.items()}


def _unit(row, role):
    own = row["vat"] if row["vat"] != row["head_vat"] else ""
    identity = {} if row["internal_id"] else identity_of(own, row["country"])
    lines = [text for text in (row["street"], row["place"]) if text]
    address = fa3.Address(row["country"] or "PL", *lines) if lines else None
    return fa3.ThirdParty(role, row["name"], address, internal_id=row["internal_id"], **identity)
