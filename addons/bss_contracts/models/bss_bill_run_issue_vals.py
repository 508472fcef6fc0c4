"""Values of the invoices and corrective invoices that the ORM makes for a bill run."""

from decimal import Decimal

from odoo import api, models

from .. import adapters


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_move_vals(self, account, charges, taxes):
        cycle = self.cycle_id
        vals = {
            **self._bss_common_vals(account, charges, taxes),
            "move_type": "out_invoice",
            "journal_id": cycle.journal_id.id,
            # charges of earlier days say theirs on their lines
            "bss_date_start": self.date_start,
            "bss_date_end": self.date_end,
        }
        if cycle.payment_term_id:
            vals["invoice_payment_term_id"] = cycle.payment_term_id.id
        else:
            vals["invoice_date_due"] = cycle._bss_due_date(self.date_invoice)
        return vals

    def _bss_corrective_groups(self, corrected):
        """[(invoices, charges that reduce them)], a corrective invoice for each.

        One for each invoice; where the company wants it one for all of a buyer and journal, as art. 106j of the VAT
        act allows: with the number, day and period of each invoice and every line before and after.

        :param corrected: {invoice: charges that reduce it}
        """
        if not self.company_id.bss_collective_corrections:
            return list(corrected.items())
        found = {}
        for original, charges in corrected.items():
            key = original.journal_id, original.partner_id, original.currency_id
            before = found.get(key, (original.browse(), charges.browse()))
            found[key] = before[0] | original, before[1] | charges
        return list(found.values())

    def _bss_refund_vals(self, account, originals, charges, taxes):
        """Corrective invoice: reduces the originals by these charges, for the days they give back."""
        first = originals.sorted(lambda move: (move.invoice_date, move.id))[:1]
        lang = account.partner_id.lang or self.env.lang
        return {
            **self._bss_common_vals(account, charges, taxes),
            "move_type": "out_refund",
            "journal_id": first.journal_id.id,
            "partner_id": first.partner_id.id,
            "reversed_entry_id": first.id if originals == first else False,
            "ref": self._bss_refund_reason(charges, lang),
            "invoice_date_due": self.date_invoice,
            "bss_date_start": min(charges.mapped("date_start")),
            "bss_date_end": max(charges.mapped("date_end")),
            "invoice_line_ids": [
                (0, 0, self._bss_refund_line_vals(account, charge, taxes[charge.id])) for charge in charges
            ],
        }

    def _bss_common_vals(self, account, charges, taxes):
        vals = {
            "company_id": self.company_id.id,
            "partner_id": account.partner_id.id,
            "currency_id": account.currency_id.id,
            "invoice_date": self.date_invoice,
            "date": self.date_invoice,
            "invoice_user_id": False,
            "bss_account_id": account.id,
            "bss_reseller_id": account.reseller_id.id,
            "bss_bill_run_id": self.id,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [(0, 0, self._bss_line_vals(account, charge, taxes[charge.id])) for charge in charges],
        }
        if "taxable_supply_date" in self.env["account.move"]._fields:
            vals["taxable_supply_date"] = self.date_invoice
        return vals

    def _bss_refund_reason(self, charges, lang):
        """Why the original is reduced: the end of the services, or any other change of theirs."""
        env = self.with_context(lang=lang).env
        ended = all(one.service_id.date_end and one.date_start > one.service_id.date_end for one in charges)
        if ended:
            return env._("The service ended before the end of the invoiced period")
        return env._("Settlement of a change of the service within the invoiced period")

    def _bss_refund_line_vals(self, account, charge, taxes):
        vals = self._bss_line_vals(account, charge, taxes)
        amount = charge.amount_gross if charge.price_kind == "gross" else charge.amount
        return {**vals, "quantity": 1.0, "price_unit": -amount}

    def _bss_line_vals(self, account, charge, taxes):
        quantity, price = self._bss_exact_price(charge)
        return {
            "product_id": charge.product_id.id,
            "name": self._bss_line_name(account, charge),
            "quantity": quantity,
            "price_unit": price,
            "discount": 0.0,
            "tax_ids": [(6, 0, taxes.ids)],
            "bss_charge_id": charge.id,
            "bss_service_id": charge.service_id.id,
            "bss_date_start": charge.date_start,
            "bss_date_end": charge.date_end,
        }

    @api.model
    def _bss_exact_price(self, charge):
        """(quantity, price) whose product is the amount of the charge to the grosz.

        Prices and quantities of documents have two decimals: everything finer becomes one piece.
        """
        cent = Decimal("0.01")
        amount = adapters.decimal(charge.amount)
        quantity, price = adapters.decimal(charge.quantity), adapters.decimal(charge.price_unit)
        if charge.price_kind == "gross":
            amount = adapters.decimal(charge.amount_gross)
            price = amount / quantity if quantity else amount
        whole = quantity == quantity.quantize(cent) and price == price.quantize(cent)
        if whole and quantity and charge.kind != "usage" and quantity * price == amount:
            return float(quantity), float(price)
        return 1.0, float(amount)

    @api.model
    def _bss_line_name(self, account, charge):
        lang = account.partner_id.lang or self.env.lang
        return self._bss_line_text(
            charge.name,
            charge.kind,
            charge.date_start,
            charge.date_end,
            lang,
            charge.service_id.main_identifier,
            (charge.contract_id or charge.service_id.contract_id).name,
        )
