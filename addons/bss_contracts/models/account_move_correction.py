"""Invoices and what corrects them: chains of corrections, states of lines, guards."""

from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import adapters


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    bss_correction_id = fields.Many2one(
        "bss.invoice.correction",
        string="Correction",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Set on corrective invoices, falling and rising ones.",
    )
    bss_corrected_by_ids = fields.Many2many(
        "bss.invoice.correction",
        "bss_invoice_correction_original_rel",
        "move_id",
        "correction_id",
        string="Corrections",
        readonly=True,
        copy=False,
    )
    bss_correction_count = fields.Integer(compute="_compute_bss_corrections", string="Number of Corrections")
    bss_corrected_net = fields.Monetary(compute="_compute_bss_corrections", string="Net After Corrections")
    bss_corrected_total = fields.Monetary(
        compute="_compute_bss_corrections",
        string="After Corrections",
        help="Gross value of the invoice after all issued corrections.",
    )

    bss_sale_date = fields.Date(
        string="Sale Date of the Original",
        compute="_compute_bss_sale_date",
        help="Printed on the corrective invoice: the day that the corrected invoice is for; empty where several differ.",
    )

    @api.depends("bss_correction_id")
    def _compute_bss_sale_date(self):
        for move in self:
            move.bss_sale_date = move.sudo().bss_correction_id.original_ids._bss_common_supply_date()

    @api.depends("bss_corrected_by_ids.state", "amount_total", "amount_untaxed")
    def _compute_bss_corrections(self):
        lines = self.env["bss.invoice.correction.line"].sudo()
        sums = {
            move.id: changes
            for move, *changes in lines._read_group(
                [("original_move_id", "in", self.ids), ("correction_id.state", "=", "issued")],
                ["original_move_id"],
                ["net_after:sum", "vat_after:sum", "net_before:sum", "vat_before:sum"],
            )
        }
        for move in self:
            net, vat, net_before, vat_before = sums.get(move._origin.id, (0, 0, 0, 0))
            move.bss_corrected_net = move.amount_untaxed + net - net_before
            corrections = move.sudo().bss_corrected_by_ids
            move.bss_correction_count = len(corrections.filtered(lambda one: one.state != "cancelled"))
            move.bss_corrected_total = move.amount_total + net + vat - net_before - vat_before

    @api.depends("bss_correction_id.state", "bss_corrected_by_ids.state")
    def _compute_show_reset_to_draft_button(self):  # pylint: disable=missing-return
        super()._compute_show_reset_to_draft_button()
        for move in self:
            corrections = move.sudo().bss_correction_id | move.sudo().bss_corrected_by_ids
            if "issued" in corrections.mapped("state"):
                move.show_reset_to_draft_button = False

    # --- preparing a correction

    def action_bss_correct(self):
        """Open a correction of this invoice: the prepared one, else a new draft."""
        self.ensure_one()
        self.check_access("read")
        self._bss_check_correctable()
        corrections = self.env["bss.invoice.correction"]
        draft = corrections.search(
            [("original_ids", "in", self.ids), ("state", "=", "draft"), ("kind", "!=", "collective")], limit=1
        )
        if not draft:
            draft = corrections.create({"account_id": self.bss_account_id.id, "original_ids": [(6, 0, self.ids)]})
            draft._bss_fill()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.invoice.correction",
            "res_id": draft.id,
            "view_mode": "form",
        }

    def action_view_bss_corrections(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_invoice_correction_action")
        return {**action, "domain": [("original_ids", "in", self.ids)], "context": {}}

    def _bss_form_action(self):
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form"}

    def _bss_check_correctable(self):
        """Say why an invoice cannot be corrected, and what to do instead."""
        for move in self.sudo():
            originals = move.bss_correction_id.original_ids or move.reversed_entry_id
            if originals:
                raise UserError(
                    self.env._(
                        "%(name)s is a corrective invoice itself. Correct %(originals)s again: the new correction "
                        "starts from the state that this one left.",
                        name=move.name,
                        originals=", ".join(originals.mapped("name")),
                    )
                )
            if move.move_type != "out_invoice" or move.state != "posted" or not move.bss_account_id:
                raise UserError(
                    self.env._(
                        "Only an issued invoice of a billing account can be corrected: %(name)s.", name=move.name
                    )
                )

    def _bss_days_of_supply(self):
        """First and last day of what the invoice is for: its period, else the day of sale."""
        self.ensure_one()
        if self.bss_date_start and self.bss_date_end:
            return self.bss_date_start, self.bss_date_end
        day = self.taxable_supply_date or self.delivery_date or self.invoice_date
        return day, day

    def _bss_common_supply_date(self):
        """The sale date of these invoices; None where they have several (art. 106e (1)(6) of the VAT act)."""
        days = {move.taxable_supply_date or move.delivery_date or move.invoice_date for move in self}
        return days.pop() if len(days) == 1 else None

    def _bss_common_days(self):
        """(first, last day) of the period of these invoices; None where they have none or several."""
        found = {(move.bss_date_start, move.bss_date_end) for move in self}
        days = found.pop() if len(found) == 1 else (False, False)
        return days if all(days) else None

    def _bss_next_positions(self):
        """{id: place of the next correction in the chain of the invoice}"""
        rows = (
            self.env["bss.invoice.correction"]
            .sudo()
            ._read_group(
                [("original_ids", "in", self.ids), ("state", "=", "issued")], ["original_ids"], ["position:max"]
            )
        )
        last = {move.id: position for move, position in rows}
        return {move_id: last.get(move_id, 0) + 1 for move_id in self.ids}

    def _bss_vat_by_line(self):
        """{id of a product line: (net, VAT) as booked, positive on invoice and corrective invoice alike}"""
        found = {}
        for move in self.sudo():
            base_lines, _tax_lines = move._get_rounded_base_and_tax_lines()
            for base_line in base_lines:
                line = base_line["record"]
                taxes = base_line["tax_details"]["taxes_data"]
                vat = sum((adapters.decimal(one["tax_amount_currency"]) for one in taxes), Decimal(0))
                net = adapters.decimal(line.amount_currency * move.direction_sign)
                # -1 for the lines of refunds, whatever Odoo counts them as
                sign = -1 if vat and net and (vat > 0) != (net > 0) else 1
                found[line.id] = _cents(net), _cents(vat * sign)
        return found

    def _bss_fit_taxes(self, wanted):
        """Set the VAT of a draft: what comes to zero has none left, whatever several roundings made of it.

        :param wanted: {tax: VAT as it is booked on the tax line, in the sign of this document}; no gross prices
        """
        self.ensure_one()
        commands = []
        for row in self.line_ids.filtered(lambda line: line.tax_line_id in wanted):
            amount = float(self.direction_sign * wanted[row.tax_line_id])
            if self.currency_id.compare_amounts(row.amount_currency, amount):
                commands.append((1, row.id, {"amount_currency": amount}))
        if commands:
            self.write({"line_ids": commands})

    def _bss_buyer_of_chain(self):
        """Who the buyer is on the invoice, after all corrections of his data."""
        self.ensure_one()
        corrections = self.sudo().bss_corrected_by_ids.filtered(lambda one: one.state == "issued")
        last = corrections.filtered(lambda one: one.kind == "buyer").sorted("position")[-1:]
        if last:
            return last._bss_buyer_after()
        partner = self.sudo().commercial_partner_id
        printed = (self.sudo().bss_document_data or {}).get("buyer") or {}
        now = {
            "name": partner.name,
            "vat": partner.vat,
            "street": ", ".join(part for part in (partner.street, partner.street2) if part),
            "zip": partner.zip,
            "city": partner.city,
        }
        return {
            **{name: printed.get(name) or value or "" for name, value in now.items()},
            "country": partner.country_code,
        }

    # --- guards

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("bss_correction_id") for vals in vals_list):
            self._bss_refuse_correction_link()
        return super().create(vals_list)

    def write(self, vals):
        if "bss_correction_id" in vals and not self.env.su:
            self._bss_refuse_correction_link()
        return super().write(vals)

    def _bss_refuse_correction_link(self):
        raise AccessError(self.env._("Only issuing a correction links it with its invoice."))

    def _bss_refuse_reopening(self):
        result = super()._bss_refuse_reopening()
        if self.env.su and self.env.context.get("bss_allow_draft"):
            return result
        for move in self.sudo().filtered(lambda one: one.state == "posted"):
            if move.bss_correction_id.kind not in (False, "automatic"):
                raise UserError(
                    self.env._(
                        "%(name)s is an issued corrective invoice. Correct the original again instead of changing it.",
                        name=move.name,
                    )
                )
            if move.bss_corrected_by_ids.filtered(lambda one: one.state == "issued"):
                raise UserError(
                    self.env._("Invoice %(name)s has corrections. Correct it again instead.", name=move.name)
                )
        return result

    def button_draft(self):
        result = super().button_draft()
        self.sudo().bss_correction_id._bss_withdraw()
        return result


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    def _bss_is_gross(self):
        self.ensure_one()
        return any(tax.price_include for tax in self.tax_ids)

    def _bss_corrective_vals(self):
        """What a line of a corrective invoice takes over from this one."""
        return {
            "product_id": self.product_id.id,
            "account_id": self.account_id.id,
            "bss_service_id": self.bss_service_id.id,
            "bss_date_start": self.bss_date_start,
            "bss_date_end": self.bss_date_end,
        }

    def _bss_correction_line_vals(self, position=None):
        """Values of correction lines, before and after alike: the lines as all issued corrections left them.

        :param position: only those before this place in the chain
        """
        last = self._bss_last_corrections(position)
        booked = (self - self.browse(last)).move_id._bss_vat_by_line()
        rows = []
        for line in self:
            tax = line.tax_ids[:1]
            row = {
                "original_move_id": line.move_id.id,
                "original_line_id": line.id,
                "product_id": line.product_id.id,
                "name": line.name or line.product_id.name or "/",
                "tax_before_id": tax.id,
                "tax_after_id": tax.id,
                "is_gross": line._bss_is_gross(),
            }
            found = last.get(line.id)
            if found:
                row |= found._bss_left_vals()
            else:
                net, vat = booked[line.id]
                row |= {
                    "discount": line.discount,
                    "quantity_before": line.quantity,
                    "price_before": line.price_unit,
                    "amount_before": line.price_total if row["is_gross"] else line.price_subtotal,
                    "net_before": float(net),
                    "vat_before": float(vat),
                }
            rows.append({**row, **{f"{name}_after": row[f"{name}_before"] for name in ("quantity", "price", "amount")}})
        return rows

    def _bss_last_corrections(self, position=None):
        """{id of the line: newest issued correction line, of those before ``position``}"""
        domain = [("original_line_id", "in", self.ids), ("correction_id.state", "=", "issued")]
        if position:
            domain.append(("position", "<", position))
        lines = self.env["bss.invoice.correction.line"].sudo().search(domain, order="position, id")
        return {line.original_line_id.id: line for line in lines}

    def _bss_taxes_after_corrections(self):
        """{id of the line: its tax}, of the lines whose VAT rate was corrected."""
        last = self._bss_last_corrections()
        return {
            line.id: last[line.id].tax_after_id
            for line in self
            if line.id in last and last[line.id].tax_after_id not in line.tax_ids
        }

    def _bss_waiting_reductions(self):
        """{id of the line: what pending correction charges will give back of it, positive}"""
        charges = self.env["bss.charge"].sudo()
        pending = charges.search(
            [
                ("origin_charge_id", "in", self.sudo().bss_charge_ids.ids),
                ("kind", "=", "correction"),
                ("state", "=", "pending"),
                ("amount", "<", 0),
            ]
        )
        found = defaultdict(Decimal)
        for charge in pending:
            amount = charge.amount_gross if charge.price_kind == "gross" else charge.amount
            found[charge.origin_charge_id.move_line_id.id] -= adapters.decimal(amount)
        return found


def tax_number(text):
    """A tax ID as it is compared: without separators and the prefix of Poland."""
    return "".join(filter(str.isalnum, text or "")).upper().removeprefix("PL")


def _cents(value):
    return value.quantize(Decimal("0.01"))
