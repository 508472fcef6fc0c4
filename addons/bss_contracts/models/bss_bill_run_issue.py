"""Last stage of a bill run: invoices and corrective invoices of the collected charges."""

import logging
from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from psycopg2 import OperationalError

from .. import adapters, bulk
from ..bulk import QUIET

_logger = logging.getLogger(__name__)


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_issue_batch(self, item_ids, tier="stock"):
        """Issue these items through the ORM in one transaction; when one fails, each alone, failures listed.

        :return: the tier that was taken, "tuned" or "stock"
        """
        self.ensure_one()
        run = self.with_company(self.company_id).with_context(**QUIET)
        items = run._bss_lock_items(item_ids)
        if tier == "tuned" and run._bss_issue_tuned(items):
            return "tuned"
        run._bss_take_journals(items)
        ready = run._bss_ready_items(items)
        if not ready:
            return "stock"
        try:
            with self.env.cr.savepoint():
                run._bss_make_invoices(ready)
        except (OperationalError, RetryableJobError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever one account raises, the others go on
            _logger.info("%s: batch of %s fails (%s), going one by one", self.name, len(ready), error)
            run._bss_issue_singly(ready)
        return "stock"

    def _bss_issue_tuned(self, items):
        """Through the ORM with all lines given; False, and nothing done, when one of them needs the ordinary way."""
        requests = self._bss_requests(items.ids)
        if requests.problems or requests.waiting or requests.corrective or self._bss_closed_text():
            return False
        prepared = bulk.prepare(self.env, self, requests.invoices, patterns=False)
        if prepared.problems or any(tier != bulk.TUNED for tier, _reason in prepared.tiers.values()):
            return False
        if any(self._bss_amounts_problem(requests.charges[one.request.item_id], one.amounts) for one in prepared.ready):
            return False
        try:
            with self.env.cr.savepoint():
                counters = self.env["bss.invoice.counter"].sudo()
                journal = self.cycle_id.journal_id
                counters._bss_take(journal)
                number = counters._bss_next_number(journal, self.date_invoice, "out_invoice")
                moves = bulk.write_tuned(self.env, prepared, number)
                moves._bss_after_issue()
                self._bss_mark_issued(
                    [(one.request.item_id, move.id) for one, move in zip(prepared.ready, moves, strict=True)],
                    prepared.merged(),
                )
                self._bss_no_gap(moves)
                return True
        except (OperationalError, RetryableJobError):
            raise
        except Exception as error:
            _logger.info("%s: not through the prepared ORM: %s", self.name, error, exc_info=True)
            return False

    def _bss_no_gap(self, moves):
        """Numbers before these may be reserved and not written yet: that is no gap."""
        moves.flush_recordset(["made_sequence_gap"])
        self.env.cr.execute(
            SQL("UPDATE account_move SET made_sequence_gap = FALSE WHERE id = ANY(%s) AND made_sequence_gap", moves.ids)
        )
        moves.invalidate_recordset(["made_sequence_gap"])

    def _bss_issue_singly(self, items):
        for item in items:
            try:
                with self.env.cr.savepoint():
                    self._bss_make_invoices(item)
            except (OperationalError, RetryableJobError):
                raise
            except Exception as error:  # noqa: BLE001 - the reason is written on the item
                item.write({"state": "error", "error": self._bss_error_text(error)})

    @staticmethod
    def _bss_error_text(error):
        text = str(error).strip()
        if isinstance(error, UserError | ValidationError) and text:
            return text
        return f"{type(error).__name__}: {text}"

    def _bss_take_journals(self, items):
        """Nobody else takes numbers of the journals of these items to the end of the transaction.

        A job that began before somebody else posted there begins anew, so that it sees those numbers.
        """
        journals = self.cycle_id.journal_id
        for charges in self._bss_charges_of(items).values():
            journals |= charges.origin_charge_id.move_id.journal_id
        self.env["bss.invoice.counter"].sudo()._bss_take(journals)

    def _bss_supply_numbers(self, vals_list):
        """Names of new invoices in journals where numbers are reserved and not written yet: those after them."""
        counters = self.env["bss.invoice.counter"].sudo()
        free = {}
        for vals in vals_list:
            journal_id = vals["journal_id"]
            if not counters._bss_reserved_run([journal_id]):
                continue
            key = (journal_id, vals["move_type"])
            if key not in free:
                journal = self.env["account.journal"].browse(journal_id)
                number = counters._bss_next_number(journal, vals["date"], vals["move_type"])
                shared = next((one for one in free.values() if one[0].prefix == number.prefix), None)
                free[key] = shared or [number, 0]
            number, offset = free[key]
            vals["name"] = number.text(offset)
            free[key][1] += 1
        return bool(free)

    def _bss_lock_items(self, item_ids):
        """Pending ones among the items, locked to the end of the transaction (waits for others)."""
        items = self.env["bss.bill.run.item"]
        items.flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM bss_bill_run_item WHERE id IN %s AND run_id = %s AND state = 'pending'"
                " ORDER BY id FOR UPDATE",
                tuple(item_ids),
                self.id,
            )
        )
        found = items.browse([row[0] for row in rows])
        found.invalidate_recordset()
        return found

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

    def _bss_charges_of(self, items):
        """{item id: pending charges that it has claimed}, in the order of the invoice lines."""
        found = self.env["bss.charge"].search(
            [("bill_run_item_id", "in", items.ids), ("state", "=", "pending")],
            order="bill_run_item_id, contract_id, service_id, date_start, id",
        )
        return {item.id: charges for item, charges in found.grouped("bill_run_item_id").items()}

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

    def _bss_make_invoices(self, items):
        """Create and post the invoices of the items, mark charges and items. Part of one transaction.

        An item has at most one invoice, and one corrective invoice for each invoice that is reduced.
        """
        charges = self._bss_charges_of(items)
        taxes = self._bss_taxes(self.env["bss.charge"].union(*charges.values()))
        plan, vals_list, merged = [], [], []
        for item in items:
            account = item.account_id
            invoiced, corrected = self._bss_split(charges[item.id])
            if invoiced:
                plan.append((item, invoiced))
                vals = self._bss_move_vals(account, invoiced, taxes)
                merged += self._bss_share_lines(item, vals, taxes)
                vals_list.append(vals)
            for original, reductions in corrected.items():
                plan.append((item, reductions))
                vals_list.append(self._bss_refund_vals(account, original, reductions, taxes))
        numbered = self._bss_supply_numbers(vals_list)
        moves = self.env["account.move"].create(vals_list)
        moves._post(soft=False)
        if numbered:
            self._bss_no_gap(moves)
        self._bss_mark_billed(moves, merged)
        self._bss_settle_roundings(moves.ids)
        issued = defaultdict(lambda: self.env["account.move"])
        billed = defaultdict(lambda: self.env["bss.charge"])
        for (item, own), move in zip(plan, moves, strict=True):
            self._bss_check_invoice(move, own)
            issued[item] |= move
            billed[item] |= own
        for item in items:
            waiting = charges[item.id] - billed[item]
            item.write(
                {
                    "state": "issued",
                    "move_id": issued[item].filtered(lambda move: move.move_type == "out_invoice").id,
                    "refund_ids": [(6, 0, issued[item].filtered(lambda move: move.move_type == "out_refund").ids)],
                    "charge_count": len(billed[item]),
                    "amount_charges": float(self._bss_sum(billed[item])),
                    "error": self._bss_waiting_text(waiting),
                    **issued[item]._bss_signed_totals(),
                }
            )
        moves._bss_after_issue()
        return moves

    def _bss_mark_billed(self, moves, merged=()):
        """Charges follow their lines; one statement for the batch. The net of a gross price is that of the line.

        :param merged: [(charge id, id of the charge whose line it shares)]
        """
        self.env["account.move.line"].flush_model(["amount_currency", "bss_charge_id"])
        self.env["bss.charge"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_charge charge
                   SET state = 'billed', move_id = line.move_id, move_line_id = line.id,
                       amount = CASE WHEN charge.price_kind = 'gross' THEN -line.amount_currency
                                     ELSE charge.amount END,
                       write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                  FROM account_move_line line
                 WHERE line.bss_charge_id = charge.id
                   AND line.move_id IN %s
                   AND charge.state = 'pending'
                """,
                self.env.uid,
                tuple(moves.ids),
            )
        )
        self._bss_mark_merged(merged)
        self.env["bss.charge"].invalidate_model(["amount", "state", "move_id", "move_line_id"])

    def _bss_check_invoice(self, move, charges):
        """The invoice is exactly the sum of its charges, line by line; of gross prices also gross."""
        sign = move._bss_sign()
        gross = charges.filtered(lambda one: one.price_kind == "gross")
        # a line that several share counts once: charges map to a set of lines
        in_lines = sign * sum(gross.move_line_id.mapped("price_total"))
        if move.currency_id.compare_amounts(in_lines, sum(gross.mapped("amount_gross"))):
            raise ValidationError(
                self.env._(
                    "The lines of gross prices are %(lines)s, their charges are %(charges)s.",
                    lines=in_lines,
                    charges=sum(gross.mapped("amount_gross")),
                )
            )
        for charge in charges:
            if charge.state != "billed" or charge.move_id != move:
                raise ValidationError(self.env._("Charge %(name)s did not reach its invoice line.", name=charge.name))
        for line, own in (charges - gross).grouped("move_line_id").items():
            if move.currency_id.compare_amounts(sign * line.price_subtotal, float(self._bss_sum(own))):
                raise ValidationError(
                    self.env._(
                        "Line %(name)s is %(line)s, its charge is %(charge)s: use taxes not included in the price.",
                        name=own[0].name,
                        line=sign * line.price_subtotal,
                        charge=self._bss_sum(own),
                    )
                )
        expected = self._bss_sum(charges)
        if move.currency_id.compare_amounts(sign * move.amount_untaxed, float(expected)):
            raise ValidationError(
                self.env._(
                    "The invoice is %(move)s, its charges are %(charges)s.",
                    move=sign * move.amount_untaxed,
                    charges=expected,
                )
            )

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

    def _bss_refund_vals(self, account, original, charges, taxes):
        """Corrective invoice: reduces the original by these charges, for the days they give back."""
        lang = account.partner_id.lang or self.env.lang
        return {
            **self._bss_common_vals(account, charges, taxes),
            "move_type": "out_refund",
            "journal_id": original.journal_id.id,
            "partner_id": original.partner_id.id,
            "reversed_entry_id": original.id,
            "ref": self._bss_refund_reason(charges, lang),
            "invoice_date_due": self.date_invoice,
            "bss_date_start": min(charges.mapped("date_start")),
            "bss_date_end": max(charges.mapped("date_end")),
            "invoice_line_ids": [
                (0, 0, self._bss_refund_line_vals(account, charge, taxes[charge.id])) for charge in charges
            ],
        }

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

    # -- finish -------------------------------------------------------------------------------------

    def _bss_finish(self):
        """Close the run when nothing is pending; its totals must equal its invoices."""
        self.ensure_one()
        self.invalidate_recordset()
        if self.state == "cancelled" or self.pending_count:
            return False
        self._bss_assert_totals()
        self.write(
            {
                "state": "done_errors" if self.error_count else "done",
                "stage": "finished",
                "is_paused": False,
                "finished_at": fields.Datetime.now(),
            }
        )
        return True

    def _bss_assert_totals(self):
        """Sum of items = run = posted invoices = billed charges; a difference is a bug and stops."""
        self.env["account.move"].flush_model()
        self.env["bss.charge"].flush_model(["amount", "state", "bill_run_id"])
        self.env["bss.bill.run.item"].flush_model()
        [(moves, posted, net, gross)] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*) FILTER (WHERE item.id IS NOT NULL),
                       COUNT(*) FILTER (WHERE move.state = 'posted'),
                       COALESCE(SUM(move.sign * move.amount_untaxed) FILTER (WHERE item.id IS NOT NULL), 0),
                       COALESCE(SUM(move.sign * move.amount_total) FILTER (WHERE item.id IS NOT NULL), 0)
                  FROM (SELECT id, state, amount_untaxed, amount_total,
                               CASE WHEN move_type = 'out_refund' THEN -1 ELSE 1 END AS sign
                          FROM account_move WHERE bss_bill_run_id = %(run)s) move
             -- no OR in the condition: that would compare every invoice with every item
             LEFT JOIN (SELECT own.id, own.move_id FROM bss_bill_run_item own
                         WHERE own.run_id = %(run)s AND own.state = 'issued' AND own.move_id IS NOT NULL
                         UNION ALL
                        SELECT own.id, refund.move_id FROM bss_bill_run_item own
                          JOIN bss_bill_run_item_refund_rel refund ON refund.item_id = own.id
                         WHERE own.run_id = %(run)s AND own.state = 'issued') item
                    ON item.move_id = move.id
                """,
                run=self.id,
            )
        )
        [(charged,)] = self.env.execute_query(
            SQL(
                "SELECT COALESCE(SUM(amount), 0) FROM bss_charge WHERE bill_run_id = %s AND state = 'billed'",
                self.id,
            )
        )
        same = self.currency_id.compare_amounts
        if (
            moves != posted
            or same(float(net), self.amount_untaxed)
            or same(float(gross), self.amount_total)
            or same(float(charged), float(net))
        ):
            raise AssertionError(
                f"{self.name}: items {moves}/{self.amount_untaxed}/{self.amount_total},"
                f" invoices {posted}/{net}/{gross}, charges {charged}"
            )
