"""What of the collected charges can be invoiced, and how: on an invoice, on corrective invoices, later, or not at all."""

from decimal import Decimal

from odoo import api, models

from .. import adapters


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_ready_items(self, items):
        """Items that can be invoiced; the others get their state and reason."""
        self._bss_drop_given_back(items)
        charges = self._bss_charges_of(items)
        taxes = self._bss_taxes(self.env["bss.charge"].union(*charges.values()))
        ready = self.env["bss.bill.run.item"]
        closed = self._bss_closed_text()
        for item in items:
            own = charges.get(item.id, self.env["bss.charge"])
            invoiced, corrected = self._bss_split(own)
            problem = (invoiced or corrected) and (closed or self._bss_why_not(item.account_id, own, taxes))
            if problem:
                item.write({"state": "error", "error": problem})
            elif invoiced or corrected:
                ready |= item
            else:
                item.write({"state": "empty", "error": self._bss_waiting_text(own)})
        return ready

    def _bss_charges_of(self, items):
        """{item id: pending charges that it has claimed}, in the order of the invoice lines."""
        found = self.env["bss.charge"].search(
            [("bill_run_item_id", "in", items.ids), ("state", "=", "pending")],
            order="bill_run_item_id, contract_id, service_id, date_start, id",
        )
        return {item.id: charges for item, charges in found.grouped("bill_run_item_id").items()}

    def _bss_drop_given_back(self, items):
        """Charges given back before anyone invoiced them vanish together with their corrections."""
        dropped = self.env["bss.charge"]
        for charges in self._bss_charges_of(items).values():
            corrections = charges.filtered(lambda one: one.kind == "correction")
            for origin, back in corrections.grouped("origin_charge_id").items():
                if origin in charges and origin.currency_id.is_zero(origin.amount + sum(back.mapped("amount"))):
                    dropped |= origin | back
        if dropped:
            dropped.sudo().write({"state": "cancelled", "bill_run_id": False, "bill_run_item_id": False})

    @api.model
    def _bss_split(self, charges):
        """(charges of the ordinary invoice, {issued invoice: charges that reduce it}).

        What was invoiced is reduced by a corrective invoice that names the original (art. 106j of the VAT act);
        never by a negative line of another invoice. Other charges that sum to zero or less wait.
        """
        reductions = charges.filtered(
            lambda one: one.kind == "correction" and one.amount < 0 and one.origin_charge_id.move_id.state == "posted"
        )
        invoiced = charges - reductions
        if self._bss_sum(invoiced) <= 0:
            invoiced = invoiced.browse()
        return invoiced, reductions.grouped(lambda one: one.origin_charge_id.move_id)

    @api.model
    def _bss_sum(self, charges):
        return sum(map(adapters.decimal, charges.mapped("amount")), Decimal(0))

    def _bss_waiting_text(self, charges):
        if not charges:
            return False
        return self._bss_waiting_sum_text(self._bss_sum(charges))

    def _bss_why_not(self, account, charges, taxes):
        """Reason why the account cannot be invoiced, False when it can. Extended by higher addons."""
        partner = account.partner_id
        journal = self.cycle_id.journal_id
        if not partner.active:
            return self.env._("Customer %(name)s is archived.", name=partner.name)
        if not journal:
            return self.env._("Bill cycle %(name)s has no invoice journal.", name=self.cycle_id.name)
        if not journal.active:
            return self.env._("Journal %(name)s is archived.", name=journal.name)
        for charge in charges:
            if charge.currency_id != account.currency_id:
                return self._bss_foreign_text(charge.name)
            if not taxes[charge.id]:
                return self.env._(
                    "Charge %(charge)s: no sales tax on product %(product)s.",
                    charge=charge.name,
                    product=charge.product_id.display_name,
                )
        return False

    def _bss_taxes(self, charges):
        """{charge id: taxes}: its own, else those of its product by the customer's fiscal position."""
        positions = {partner: self._bss_fiscal_position(partner) for partner in charges.account_id.partner_id}
        taxed_anew = charges.origin_charge_id.move_line_id._bss_taxes_after_corrections()
        result = {}
        for charge in charges:
            # a correction is taxed like what it corrects, as earlier corrections left it
            origin = charge.origin_charge_id.move_line_id
            taxes = taxed_anew.get(origin.id) or charge.tax_ids or origin.tax_ids
            if not taxes:
                taxes = charge.product_id.taxes_id._filter_taxes_by_company(self.company_id)
                taxes = positions[charge.account_id.partner_id].map_tax(taxes)
            result[charge.id] = taxes._bss_for_gross() if charge.price_kind == "gross" else taxes
        return result

    def _bss_fiscal_position(self, partner):
        return self.env["account.fiscal.position"].with_company(self.company_id)._get_fiscal_position(partner)
