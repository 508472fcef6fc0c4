"""Corrective invoices that billing (or Odoo's credit note) makes: they take their place in the chain too."""

from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import adapters
from ..correction_core import with_pieces_back
from .bss_charge_correction import BY_HAND


class BssInvoiceCorrection(models.Model):
    _inherit = "bss.invoice.correction"  # pylint: disable=consider-merging-classes-inherited

    def _bss_withdraw(self):
        """The corrective invoices of these corrections are no longer issued; only the last of a chain can go."""
        for correction in self.sudo().filtered(lambda one: one.state == "issued"):
            later = self.sudo().search(
                [
                    ("original_ids", "in", correction.original_ids.ids),
                    ("state", "=", "issued"),
                    ("position", ">", correction.position),
                ],
                limit=1,
            )
            if later:
                raise UserError(
                    self.env._(
                        "%(later)s corrects the same invoice after %(name)s.",
                        later=later.display_name,
                        name=correction.display_name,
                    )
                )
            move = correction.move_id
            charges = self.env["bss.charge"].sudo()
            made = charges.search([("move_id", "=", move.id), ("identity_key", "=like", f"{BY_HAND}%")])
            move.line_ids.filtered(lambda line, made=made: line.bss_charge_id in made).bss_charge_id = False
            made.write({"state": "cancelled", "move_id": False, "move_line_id": False})
            correction.line_ids.position = 0
            correction.state = "cancelled"
            move.bss_correction_id = False


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _post(self, soft=True):
        # before posting: the document and KSeF say before and after
        self._bss_keep_correction()
        return super()._post(soft=soft)

    def _bss_keep_correction(self):
        """Corrections of the credit notes that have none yet: those of bill runs, and Odoo's own.

        Idempotent; costs nothing for other invoices.
        """
        refunds = self.sudo().filtered(
            lambda move: move.move_type == "out_refund" and not move.bss_correction_id and move._bss_reduced_invoices()
        )
        while refunds:
            # several may correct one invoice: the next ones start from the state that the first leaves
            first, met = [], set()
            for refund in refunds:
                original_ids = set(refund._bss_reduced_invoices().ids)
                if not original_ids & met:
                    first.append(refund.id)
                met |= original_ids
            refunds.browse(first)._bss_keep_at_once()
            refunds -= refunds.browse(first)

    def _bss_reduced_invoices(self):
        """Invoices of the same billing account that this credit note gives back of; none for others."""
        self.ensure_one()
        originals = self.reversed_entry_id
        if not originals and self.bss_bill_run_id:
            originals = self.line_ids.bss_charge_id.origin_charge_id.move_id
        return originals if self.bss_account_id and originals.bss_account_id == self.bss_account_id else self.browse()

    def _bss_keep_at_once(self):
        """Corrections of credit notes of different invoices: one reading and one creation for all."""
        originals_of = {refund: refund._bss_reduced_invoices() for refund in self}
        originals = self.union(*originals_of.values()) - self
        positions = originals._bss_next_positions()
        pairs = {refund: refund._bss_corrected_lines(own) for refund, own in originals_of.items()}
        lines = originals.line_ids.browse([line.id for found in pairs.values() for line in found if line])
        before = {row["original_line_id"]: row for row in lines._bss_correction_line_vals()}
        corrections = self.env["bss.invoice.correction"].create(
            [
                refund._bss_correction_vals(own, pairs[refund], before, max(positions[one.id] for one in own))
                for refund, own in originals_of.items()
            ]
        )
        self._bss_link_corrections(corrections)
        for original in originals:
            if original.currency_id.compare_amounts(original.bss_corrected_net, 0) < 0:
                raise UserError(
                    self.env._(
                        "Invoice %(name)s would end below zero: it cannot be corrected so far.", name=original.name
                    )
                )

    def _bss_correction_vals(self, originals, pairs, before, position):
        """Values of the issued correction of this credit note.

        :param originals: see ``_bss_reduced_invoices``
        :param pairs: see ``_bss_corrected_lines``
        :param before: {id of a line of the original: its values so far}
        :param position: its place in the chains of the originals
        """
        lines = [{**vals, "position": position} for vals in self._bss_correction_rows(originals[:1], pairs, before)]
        return {
            "account_id": self.bss_account_id.id,
            "kind": "automatic",
            "reason_code": "change" if self.bss_bill_run_id else "other",
            "reason": (self.ref or "").strip()[:256] or self.env._("Credit note"),
            "effect_rule": "2",
            "date": self.invoice_date or fields.Date.context_today(self),
            "original_ids": [(6, 0, originals.ids)],
            "move_id": self.id,
            "position": position,
            "state": "issued",
            "issued_at": fields.Datetime.now(),
            "issued_by_id": self.env.uid,
            "line_ids": [(0, 0, vals) for vals in lines],
            **{name: -self[name] for name in ("amount_untaxed", "amount_tax", "amount_total")},
        }

    def _bss_link_corrections(self, corrections):
        """One statement: ``write`` would check the lines and balance of every credit note again."""
        self.flush_recordset(["bss_correction_id"])
        self.env.cr.execute(
            SQL(
                "UPDATE account_move move SET bss_correction_id = source.correction_id"
                " FROM unnest(%s::int[], %s::int[]) AS source(id, correction_id) WHERE move.id = source.id",
                self.ids,
                corrections.ids,
            )
        )
        self.invalidate_recordset(["bss_correction_id"], flush=False)

    def _bss_correction_rows(self, original, pairs, before):
        """Values of the correction lines: what each corrected line was and becomes."""
        states = {}
        for line, own in pairs.items():
            row = before[line.id] if line else self._bss_unmatched_row(original, own)
            difference = sum((adapters.decimal(one._bss_line_amount()) for one in own), Decimal(0))
            state = self.env["bss.invoice.correction.line"].new(row)._bss_before()
            states[line] = row, with_pieces_back(state, difference, self._bss_whole_charges_back(line, own))
            if line and state.amount >= 0 and states[line][1].amount < 0:
                raise UserError(self.env._("“%(line)s” would end below zero.", line=line.name))
        self._bss_fit_zeroed(pairs, states)
        booked = self._bss_vat_by_line()
        return [self._bss_row_after(*states[line], own, booked) for line, own in pairs.items()]

    @staticmethod
    def _bss_whole_charges_back(line, own):
        """What of the lines ``own`` gives back whole charges of a line that several share, in the kind of the price."""
        if len(line.bss_charge_ids) < 2:
            return Decimal(0)
        back = {}
        for row in own:
            origin = row.bss_charge_id.origin_charge_id
            back[origin] = back.get(origin, Decimal(0)) + adapters.decimal(row._bss_line_amount())
        whole = [
            amount
            for origin, amount in back.items()
            if amount == adapters.decimal(origin.amount_gross if origin.price_kind == "gross" else origin.amount)
        ]
        return sum(whole, Decimal(0))

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Corrective invoices of a bill run settle their originals in one plan: Odoo would go pair by pair."""
        mass = reverse_moves.filtered(lambda move: move.bss_bill_run_id and move.reversed_entry_id)
        mass._bss_settle_reduced(move_reverse_cancel=move_reverse_cancel)
        others = reverse_moves - mass
        if others:
            super(AccountMove, others.reversed_entry_id)._reconcile_reversed_moves(others, move_reverse_cancel)
        return reverse_moves

    def _bss_settle_reduced(self, **context):
        """Corrective invoices settle what they reduce, in one plan."""
        plan = []
        for refund in self:
            lines = (refund._bss_reduced_invoices() | refund).line_ids.filtered(
                lambda line: line.account_id.reconcile and not line.reconciled
            )
            found = lines.grouped(lambda line: (line.account_id, line.currency_id)).values()
            plan += [own for own in found if len({line.amount_residual > 0 for line in own}) == 2]
        if plan:
            self.env["account.move.line"].with_context(**context)._reconcile_plan(plan)

    def _bss_settle_collective(self):
        """As ``_reconcile_reversed_moves``, which Odoo asks for credit notes of one invoice only."""
        collective = self.filtered(
            lambda move: move.move_type == "out_refund" and not move.reversed_entry_id and move._bss_reduced_invoices()
        )
        if collective:
            collective._bss_settle_reduced()
            # what of it is given back and what lowers a debt is known now
            collective._bss_freeze_document()

    def _bss_fit_zeroed(self, pairs, states):
        """A line that comes to zero gives back the VAT that it still had."""
        booked, wanted, fitting = self._bss_vat_by_line(), {}, False
        for line, own in pairs.items():
            row, after = states[line]
            vat = sum((booked[one.id][1] for one in own), Decimal(0))
            if line and not after.amount and not row["is_gross"]:
                fitting = fitting or vat != adapters.decimal(row["vat_before"])
                vat = adapters.decimal(row["vat_before"])
            tax = self.env["account.tax"].browse(row["tax_before_id"])
            if not row["is_gross"]:
                wanted[tax] = wanted.get(tax, Decimal(0)) + vat
        if fitting:
            self._bss_fit_taxes(wanted)

    def _bss_row_after(self, row, after, own, booked):
        net = sum(float(booked[one.id][0]) for one in own)
        vat = sum(float(booked[one.id][1]) for one in own)
        return {
            **row,
            **self.env["bss.invoice.correction.line"]._bss_state_vals(after),
            "net_after": self.currency_id.round(row["net_before"] - net),
            "vat_after": self.currency_id.round(row["vat_before"] - vat),
            "move_line_id": own[:1].id,
        }

    def _bss_corrected_lines(self, originals):
        """{line of the originals, or none: lines of this credit note that reduce it}

        By the charge that is given back; a credit note of Odoo by product and text.
        """
        free = originals.line_ids.filtered(lambda line: line.display_type == "product")
        found, taken = {}, free.browse()
        none = free.browse()
        for row in self.line_ids.filtered(lambda line: line.display_type == "product"):
            line = row.bss_charge_id.origin_charge_id.move_line_id & free
            if not line:
                alike = (free - taken).filtered(
                    lambda one, row=row: one.product_id == row.product_id and one.name == row.name
                )
                line = alike[:1]
                taken |= line
            found[line or none] = found.get(line or none, none) | row
        return found

    @staticmethod
    def _bss_unmatched_row(original, own):
        first = own[:1]
        return {
            "original_move_id": original.id,
            "original_line_id": False,
            "product_id": first.product_id.id,
            "name": first.name or "/",
            "tax_before_id": first.tax_ids[:1].id,
            "tax_after_id": first.tax_ids[:1].id,
            "is_gross": first._bss_is_gross(),
            "discount": 0.0,
            "quantity_before": 0.0,
            "price_before": 0.0,
            "amount_before": 0.0,
            "net_before": 0.0,
            "vat_before": 0.0,
        }


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    def _bss_line_amount(self):
        """Amount in the kind of the price."""
        self.ensure_one()
        return self.price_total if self._bss_is_gross() else self.price_subtotal
