from decimal import Decimal

from odoo import models

from .. import adapters
from ..correction_core import spread

BY_HAND = "hand:"


class BssCharge(models.Model):
    """What corrective invoices made by people leave of a charge: billing gives back no more than that."""

    _inherit = "bss.charge"  # pylint: disable=consider-merging-classes-inherited

    def _bss_given_back_by_hand(self):
        """{id: (net, gross)} of the corrective invoices that people issued, negative for decreases."""
        rows = self.sudo()._read_group(
            [
                ("origin_charge_id", "in", self.ids),
                ("identity_key", "=like", f"{BY_HAND}%"),
                ("state", "=", "billed"),
            ],
            ["origin_charge_id"],
            ["amount:sum", "amount_gross:sum"],
        )
        found = {charge.id: (net, gross) for charge, net, gross in rows}
        return {charge.id: found.get(charge.id, (0.0, 0.0)) for charge in self}

    def _bss_still_standing(self):
        """(net, gross) of an invoiced charge that can still be given back, never below zero."""
        self.ensure_one()
        net, gross = self._bss_given_back_by_hand()[self.id]
        rounded = self.currency_id.round
        return max(rounded(self.amount + min(net, 0.0)), 0.0), max(rounded(self.amount_gross + min(gross, 0.0)), 0.0)

    def _bss_spread_correction(self, net, gross):
        """Parts of a correction of the line that these charges share, in proportion to what stands of each.

        :param net: difference of the line, Decimal; likewise ``gross``, 0 for net prices
        :return: [(charge, net, gross)] of the charges that it changes
        """
        if len(self) == 1:
            return [(self, net, gross)]
        rows = self.sudo()._read_group(
            [("origin_charge_id", "in", self.ids), ("state", "=", "billed")],
            ["origin_charge_id"],
            ["amount:sum", "amount_gross:sum"],
        )
        back = {charge.id: sums for charge, *sums in rows}
        parts = []
        for place, (name, total) in enumerate((("amount", net), ("amount_gross", gross))):
            whole = [adapters.decimal(charge[name]) for charge in self]
            given = [adapters.decimal(back.get(charge.id, (0, 0))[place]) for charge in self]
            left = [max(amount + one, Decimal(0)) for amount, one in zip(whole, given, strict=True)]
            weights = left if any(left) else [abs(amount) for amount in whole]
            parts.append(spread(total, weights) if any(weights) else [total, *[Decimal(0)] * (len(self) - 1)])
        found = list(zip(self, *parts, strict=True))
        return [one for one in found if one[1] or one[2]] or found[:1]

    def _bss_correction_vals(self, move_line, correction_line, net, gross):
        """Values of the billed correction charge of a corrective invoice line.

        :param net: its part of the difference as booked, negative for a decrease; ``gross``: of gross prices, else 0
        """
        self.ensure_one()
        return {
            "account_id": self.account_id.id,
            "contract_id": self.contract_id.id,
            "service_id": self.service_id.id,
            "product_id": self.product_id.id,
            "kind": "correction",
            "name": self.name,
            "date_start": self.date_start,
            "date_end": self.date_end,
            "period_start": self.period_start,
            "quantity": 1.0,
            "price_unit": float(net),
            "amount": float(net),
            "price_kind": self.price_kind,
            "amount_gross": float(gross),
            "tax_ids": [(6, 0, self.tax_ids.ids)],
            "origin_charge_id": self.id,
            "identity_key": f"{BY_HAND}{correction_line.correction_id.id}:{self.id}",
            "state": "billed",
            "move_id": move_line.move_id.id,
            "move_line_id": move_line.id,
        }
