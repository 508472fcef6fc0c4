"""What the corrective invoice and KSeF say of a correction, as plain values."""

from odoo import models


class BssInvoiceCorrection(models.Model):
    _inherit = "bss.invoice.correction"  # pylint: disable=consider-merging-classes-inherited

    def _bss_buyer_after(self):
        names = {"name": "buyer_name", "vat": "buyer_vat", "street": "buyer_street", "zip": "buyer_zip"}
        found = {name: (self[field] or "").strip() for name, field in {**names, "city": "buyer_city"}.items()}
        return {**found, "country": (self.buyer_before or {}).get("country", "")}

    def _bss_facts(self):
        """What the document and KSeF say of the correction, as plain values; lines are ``StanPrzed`` pairs.

        ``supplied`` and ``days``: sale date and first and last day of what was invoiced, those of the originals; none
        where several differ. ``discount_days``: of a collective correction the period that it is granted for.
        ``lines``: dicts with ``line_id``, ``original_line_id``, ``name``, ``is_gross`` and, ``before`` and ``after``,
        dicts of quantity, price (in its kind), discount, net and tax_id.
        """
        self.ensure_one()
        found = self.sudo()
        is_buyer = found.kind == "buyer"
        discount_days = found._bss_discount_days()
        return {
            "reason": found.reason or "",
            "effect": int(found.effect_rule) if found.effect_rule else None,
            "period": " - ".join(str(day) for day in discount_days or ()),
            "discount_days": discount_days,
            "supplied": found.original_ids._bss_common_supply_date(),
            "days": found.original_ids._bss_common_days(),
            "original_ids": found.original_ids.sorted(lambda move: (move.invoice_date, move.id)).ids,
            "buyer_before": found.buyer_before if is_buyer else None,
            "buyer_after": found._bss_buyer_after() if is_buyer else None,
            "lines": [line._bss_facts() for line in found.line_ids],
        }
