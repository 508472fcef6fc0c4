"""Last stage of a bill run: invoices and corrective invoices of the collected charges."""

import logging
from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.queue_job.delay import group
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_date
from psycopg2 import OperationalError

from .. import adapters
from .bss_bill_run import CHANNEL

_logger = logging.getLogger(__name__)

BATCH = 100
JOURNAL_LOCK = 0x627373  # class of our advisory locks; the key is the journal
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_notrack": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
}


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_issue(self, progress=None):
        """Issue the pending items: jobs of 100 accounts, each one transaction.

        With ``queue_job__no_delay`` in the context the batches run here, one after another;
        ``progress(done, all)`` is called after each one (a script may commit there).
        """
        self.ensure_one()
        self._bss_refuse_cancelled()
        if self.stage == "collect":
            raise UserError(self.env._("Collect the charges of bill run %(name)s first.", name=self.name))
        self.write({"state": "running", "stage": "issue"})
        item_ids = (
            self.env["bss.bill.run.item"].search([("run_id", "=", self.id), ("state", "=", "pending")], order="id").ids
        )
        batches = [item_ids[start : start + BATCH] for start in range(0, len(item_ids), BATCH)]
        if not batches or self.env.context.get("queue_job__no_delay"):
            return self._bss_issue_here(batches, len(item_ids), progress)
        jobs = [
            self.delayable(
                channel=CHANNEL,
                identity_key=self._bss_job_key("issue", batch),
                description=self.env._(
                    "%(run)s: invoices %(first)s-%(last)s of %(all)s",
                    run=self.name,
                    first=index * BATCH + 1,
                    last=index * BATCH + len(batch),
                    all=len(item_ids),
                ),
            )._bss_issue_batch(batch)
            for index, batch in enumerate(batches)
        ]
        finish = self.delayable(
            channel=CHANNEL,
            identity_key=self._bss_job_key("finish", item_ids),
            description=self.env._("%(run)s: closing", run=self.name),
        )._bss_finish()
        group(*jobs).on_done(finish).delay()
        return True

    def _bss_issue_here(self, batches, total, progress):
        done = 0
        for batch in batches:
            self._bss_issue_batch(batch)
            done += len(batch)
            if progress:
                progress(done, total)
        self._bss_finish()
        return True

    def _bss_issue_batch(self, item_ids):
        """Job: issue these items in one transaction; when one fails, each alone, failures listed."""
        self.ensure_one()
        run = self.with_company(self.company_id).with_context(**QUIET)
        run._bss_lock_journal()
        items = run._bss_lock_items(item_ids)
        ready = run._bss_ready_items(items)
        if not ready:
            return len(items)
        try:
            with self.env.cr.savepoint():
                run._bss_make_invoices(ready)
        except (OperationalError, RetryableJobError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever one account raises, the others go on
            _logger.info("%s: batch of %s fails (%s), going one by one", self.name, len(ready), error)
            run._bss_issue_singly(ready)
        return len(items)

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

    def _bss_lock_journal(self):
        """One batch at a time posts in a journal: numbers stay gapless and nobody fights for them.

        A job that comes second steps back and begins anew, so that it sees the numbers of the first.
        """
        key = self.cycle_id.journal_id.id or 0
        if not self.env.context.get("job_uuid"):
            self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(%s, %s)", JOURNAL_LOCK, key))
            return
        [(free,)] = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", JOURNAL_LOCK, key))
        if not free:
            raise RetryableJobError("another batch posts in the journal", seconds=5, ignore_retry=True)

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
        for item in items:
            own = charges.get(item.id, self.env["bss.charge"])
            invoiced, corrected = self._bss_split(own)
            problem = (invoiced or corrected) and self._bss_why_not(item.account_id, own, taxes)
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
        return self.env._("The charges sum to %(amount)s; they wait for the next bill.", amount=self._bss_sum(charges))

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
                return self.env._("Charge %(name)s is in another currency than the account.", name=charge.name)
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
        result = {}
        for charge in charges:
            # a correction is taxed like what it corrects
            taxes = charge.tax_ids or charge.origin_charge_id.move_line_id.tax_ids
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
        plan, vals_list = [], []
        for item in items:
            account = item.account_id
            invoiced, corrected = self._bss_split(charges[item.id])
            if invoiced:
                plan.append((item, invoiced))
                vals_list.append(self._bss_move_vals(account, invoiced, taxes))
            for original, reductions in corrected.items():
                plan.append((item, reductions))
                vals_list.append(self._bss_refund_vals(account, original, reductions, taxes))
        moves = self.env["account.move"].create(vals_list)
        moves._post(soft=False)
        self._bss_mark_billed(moves)
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

    def _bss_mark_billed(self, moves):
        """Charges follow their lines; one statement for the batch. The net of a gross price is that of the line."""
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
        self.env["bss.charge"].invalidate_model(["amount", "state", "move_id", "move_line_id"])

    def _bss_check_invoice(self, move, charges):
        """The invoice is exactly the sum of its charges, line by line; of gross prices also gross."""
        sign = move._bss_sign()
        gross = charges.filtered(lambda one: one.price_kind == "gross")
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
            if charge.price_kind != "gross" and charge.currency_id.compare_amounts(
                sign * charge.move_line_id.price_subtotal, charge.amount
            ):
                raise ValidationError(
                    self.env._(
                        "Line %(name)s is %(line)s, its charge is %(charge)s: use taxes not included in the price.",
                        name=charge.name,
                        line=sign * charge.move_line_id.price_subtotal,
                        charge=charge.amount,
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
        start, end = charge.date_start, charge.date_end
        if not start or charge.kind == "one_off":
            return charge.name
        first = format_date(self.env, start, lang_code=lang)
        if not end or start == end:
            return f"{charge.name} ({first})"
        return f"{charge.name} ({first} – {format_date(self.env, end, lang_code=lang)})"

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
                  FROM (SELECT *, CASE WHEN move_type = 'out_refund' THEN -1 ELSE 1 END AS sign
                          FROM account_move WHERE bss_bill_run_id = %(run)s) move
             LEFT JOIN bss_bill_run_item_refund_rel refund ON refund.move_id = move.id
             LEFT JOIN bss_bill_run_item item
                    ON (item.move_id = move.id OR item.id = refund.item_id)
                   AND item.run_id = %(run)s
                   AND item.state = 'issued'
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
