"""Issuing a correction: the corrective invoice, its charges, what it settles."""

from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .. import adapters
from ..correction_core import is_changed, line_problem
from .account_move_correction import tax_number
from .bss_invoice_correction import MANAGER

QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}


class BssInvoiceCorrection(models.Model):
    _inherit = "bss.invoice.correction"  # pylint: disable=consider-merging-classes-inherited

    def action_issue(self):
        """Make and post the corrective invoices; open the one made."""
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a billing manager issues a correction; a clerk prepares it."))
        self.check_access("write")
        for correction in self.sudo().with_context(**QUIET):
            correction._bss_issue_one()
        return self.move_id._bss_form_action() if len(self) == 1 else True

    def _bss_issue_one(self):
        self._bss_check_ready()
        changed = self.line_ids.filtered(lambda line: line._bss_is_changed())
        (self.line_ids - changed).unlink()
        for line in changed:
            line.write(line._bss_state_vals(line._bss_after()))
        move = self.env["account.move"].with_company(self.company_id).create(self._bss_move_vals())
        if self.kind != "buyer":
            self._bss_link_lines(move)
            move._bss_fit_taxes(self._bss_wanted_taxes(move._bss_sign()))
            self._bss_store_booked(move)
            self._bss_make_charges(move)
        positions = self.original_ids._bss_next_positions()
        changed.position = self.position = max(positions.values())
        sign = move._bss_sign()
        self.write(
            {
                "state": "issued",
                "move_id": move.id,
                "issued_at": fields.Datetime.now(),
                "issued_by_id": self.env.uid,
                **{name: sign * move[name] for name in ("amount_untaxed", "amount_tax", "amount_total")},
            }
        )
        move._post(soft=False)
        self._bss_settle_originals(move)
        # now it is known what of it is given back and what lowers a debt
        move._bss_freeze_document()
        move._bss_after_issue()

    def _bss_link_lines(self, move):
        """Each line with the one or two lines of the corrective invoice that say it."""
        rows = iter(move.invoice_line_ids.filtered(lambda row: row.display_type == "product").sorted("sequence"))
        for line in self.line_ids:
            if line._bss_is_taxed_anew():
                line.reversal_line_id = next(rows)
            line.move_line_id = next(rows)

    # --- checks

    def _bss_check_ready(self):
        """Everything that must hold before a corrective invoice is made; says what to do otherwise."""
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("This correction is not a draft any more."))
        if not self.original_ids:
            raise UserError(self.env._("Choose the invoices to correct."))
        self.original_ids._bss_check_correctable()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the invoice is corrected: the reason is printed on the document."))
        latest = max(self.original_ids.mapped("invoice_date"))
        if self.date < latest:
            raise UserError(
                self.env._("A correction cannot be issued before the invoice that it corrects (%(date)s).", date=latest)
            )
        self._bss_check_fresh()
        if self.kind == "buyer":
            self._bss_check_buyer()
        else:
            self._bss_check_lines()

    def _bss_check_fresh(self):
        """The state before must still be the last one of the chain."""
        now = {row["original_line_id"]: row for row in self.line_ids.original_line_id._bss_correction_line_vals()}
        same = self.currency_id.compare_amounts
        for line in self.line_ids:
            last = now[line.original_line_id.id]
            if same(line.amount_before, last["amount_before"]) or line.tax_before_id.id != last["tax_before_id"]:
                raise UserError(
                    self.env._("Another correction of the same invoice was issued in the meantime. Refresh this one.")
                )
        if self.kind == "buyer" and self.buyer_before != self.original_ids._bss_buyer_of_chain():
            raise UserError(
                self.env._("Another correction of the same invoice was issued in the meantime. Refresh this one.")
            )

    def _bss_check_lines(self):
        waiting = self.line_ids.original_line_id._bss_waiting_reductions()
        changes = False
        for line in self.line_ids:
            before, after = line._bss_before(), line._bss_after()
            if not is_changed(before, after):
                continue
            changes = True
            problem = line_problem(before, after, waiting.get(line.original_line_id.id, Decimal(0)))
            if problem:
                raise UserError(self._bss_line_problem_text(line, problem, waiting))
            if before.tax != after.tax and len(line._bss_taxes("before")) > 1:
                raise UserError(self._bss_line_problem_text(line, "taxes", waiting))
        if not changes:
            raise UserError(self.env._("Nothing changes: there is nothing to correct."))
        pieces = self._bss_pieces()
        for original in self.original_ids:
            own = self.line_ids.filtered(lambda line, original=original: line.original_move_id == original)
            difference = float(sum(net for line in own for _tax, net, _vat in pieces[line]))
            if self.currency_id.compare_amounts(original.bss_corrected_net + difference, 0) < 0:
                raise UserError(
                    self.env._(
                        "Invoice %(name)s would end below zero: it cannot be corrected so far.", name=original.name
                    )
                )

    def _bss_line_problem_text(self, line, problem, waiting):
        texts = {
            "below_zero": self.env._("“%(line)s” would end below zero.", line=line.name),
            "sign": self.env._(
                "“%(line)s” reduces the invoice: it can become zero, not an amount to pay.", line=line.name
            ),
            "waiting": self.env._(
                "%(amount)s of “%(line)s” will be given back by the next bill anyhow. Issue that bill first, or cancel the "
                "waiting charges.",
                line=line.name,
                amount=waiting.get(line.original_line_id.id),
            ),
            "taxes": self.env._(
                "“%(line)s” has several taxes: correct it to zero and invoice it anew at the right rate.",
                line=line.name,
            ),
        }
        return texts[problem]

    def _bss_check_buyer(self):
        """Hook: data of the buyer that may be corrected formally. Extended by bss_ksef."""
        if len(self.original_ids) != 1:
            raise UserError(self.env._("Data of the buyer are corrected invoice by invoice."))
        after = self._bss_buyer_after()
        if after == self.buyer_before:
            raise UserError(self.env._("Nothing changes: there is nothing to correct."))
        in_ksef = "bss_ksef_number" in self.original_ids._fields and self.original_ids.bss_ksef_number
        if in_ksef and tax_number(self.buyer_before.get("vat")) != tax_number(after["vat"]):
            raise UserError(
                self.env._(
                    "The tax ID of an invoice in KSeF is not corrected: correct the invoice to zero and issue it anew for "
                    "the right buyer."
                )
            )
        if not after["name"] or not after["city"]:
            raise UserError(self.env._("A buyer has a name and an address."))

    # --- the corrective invoice

    def _bss_move_vals(self):
        """It is a credit note where the total falls or stays, else an invoice marked as a correction."""
        pieces = [piece for found in self._bss_pieces().values() for piece in found]
        falls = sum((net + vat for _tax, net, vat in pieces), Decimal(0)) <= 0
        original = self.original_ids.sorted(lambda move: (move.invoice_date, move.id))[:1]
        single = len(self.original_ids) == 1
        cycle = self.account_id.bill_cycle_id
        vals = {
            "move_type": "out_refund" if falls else "out_invoice",
            "journal_id": original.journal_id.id,
            "company_id": self.company_id.id,
            "partner_id": original.partner_id.id,
            "currency_id": original.currency_id.id,
            "invoice_date": self.date,
            "date": self.date,
            "invoice_user_id": False,
            "bss_account_id": self.account_id.id,
            "bss_correction_id": self.id,
            "reversed_entry_id": original.id if single and falls else False,
            "ref": self.reason.strip(),
            "invoice_payment_term_id": False,
            "invoice_date_due": self.date if falls else cycle._bss_due_date(self.date),
            "bss_date_start": original.bss_date_start if single else self.date_from,
            "bss_date_end": original.bss_date_end if single else self.date_to,
            "invoice_line_ids": [(0, 0, vals) for vals in self._bss_move_line_vals(-1 if falls else 1)],
        }
        if not falls:
            vals |= self.env["account.move"]._bss_correction_number_vals(original.journal_id)
        wrong_from_the_start = self.effect_rule == "1" and single
        vals["taxable_supply_date"] = original.taxable_supply_date if wrong_from_the_start else self.date
        return vals

    def _bss_move_line_vals(self, sign):
        if self.kind == "buyer":
            return [self._bss_formal_line_vals()]
        vals_list = [vals for line in self.line_ids for vals in line._bss_move_line_vals(sign)]
        return [{**vals, "sequence": number} for number, vals in enumerate(vals_list, start=1)]

    def _bss_formal_line_vals(self):
        """Odoo posts no invoice without a line: one of zero says what is corrected."""
        lang = self.partner_id.lang or self.env.lang
        lines = self.original_ids.line_ids.filtered(lambda line: line.display_type == "product")
        return {
            **lines[:1]._bss_corrective_vals(),
            "tax_ids": [(6, 0, lines[:1].tax_ids.ids)],
            "name": self.with_context(lang=lang).env._("Data of the buyer"),
            "quantity": 1.0,
            "price_unit": 0.0,
        }

    def _bss_wanted_taxes(self, sign):
        """{tax: VAT of the corrective invoice}, of net prices."""
        wanted = {}
        for pieces in self._bss_pieces().values():
            for tax, _net, vat in pieces:
                if not tax.price_include:
                    wanted[tax] = wanted.get(tax, Decimal(0)) + sign * vat
        return wanted

    def _bss_store_booked(self, move):
        """Net and VAT after the correction, from what is booked."""
        booked = move._bss_vat_by_line()
        sign = move._bss_sign()
        for line in self.line_ids:
            rows = line.move_line_id | line.reversal_line_id
            net, vat = (float(sum(booked[row.id][index] for row in rows)) for index in (0, 1))
            line.write(
                {
                    "net_after": self.currency_id.round(line.net_before + sign * net),
                    "vat_after": self.currency_id.round(line.vat_before + sign * vat),
                }
            )

    def _bss_make_charges(self, move):
        """Correction charges of the corrected ones: what is billed stays the sum of the charges."""
        vals_list, cent = [], Decimal("0.01")
        for line in self.line_ids:
            charges = line.original_line_id.bss_charge_ids.sorted("id")
            if not charges:
                continue
            net = (adapters.decimal(line.net_after) - adapters.decimal(line.net_before)).quantize(cent)
            is_gross = charges[0].price_kind == "gross"
            gross = adapters.decimal(line.difference).quantize(cent) if is_gross else Decimal(0)
            vals_list += [
                charge._bss_correction_vals(line.move_line_id, line, *part)
                for charge, *part in charges._bss_spread_correction(net, gross)
            ]
        for charge in self.env["bss.charge"].create(vals_list).sorted("id", reverse=True):
            # the first one stays on the line
            charge.move_line_id.bss_charge_id = charge

    def _bss_settle_originals(self, move):
        """A decrease settles what is open on the originals; the rest stays a credit of the customer."""
        if move.move_type != "out_refund":
            return
        rows = (move | self.original_ids).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
        )
        for _account, own in rows.grouped("account_id").items():
            if len({line.amount_residual > 0 for line in own}) == 2:
                own.reconcile()
