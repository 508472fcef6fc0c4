"""Invoices are the sums of their charges: looked at before writing, asserted after."""

from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from .bss_bill_run_requests import CLAIM


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_closed_text(self):
        """Why nothing can be posted on the invoice date, "" when it can."""
        journal = self.cycle_id.journal_id
        locks = journal and self.company_id._get_violated_lock_dates(self.date_invoice, True, journal)
        if not locks:
            return ""
        return self.env._("The books are closed on %(date)s.", date=format_date(self.env, self.date_invoice))

    def _bss_amounts_problems(self, requests, prepared):
        """{item id: where its invoice would not be the sum of its charges}"""
        texts = {
            one.request.item_id: self._bss_amounts_problem(requests.charges[one.request.item_id], one.amounts)
            for one in prepared.ready
            if one.amounts
        }
        return {item_id: text for item_id, text in texts.items() if text}

    def _bss_amounts_problem(self, owners, amounts):
        """Where the invoice would not be the sum of its charges, "" when it is. Amounts in grosz.

        :param owners: for each line the rows of its charges
        """
        gross_lines = gross_charges = 0
        for rows, subtotal, total in zip(owners, amounts.subtotals, amounts.totals, strict=True):
            if rows[0].price_kind == "gross":
                gross_lines += total
                gross_charges += sum([int(row.amount_gross * 100) for row in rows])
                continue
            charged = sum([int(row.amount * 100) for row in rows])
            if subtotal != charged:
                return self.env._(
                    "Line %(name)s is %(line)s, its charge is %(charge)s: use taxes not included in the price.",
                    name=rows[0].name,
                    line=f"{subtotal / 100:.2f}",
                    charge=f"{charged / 100:.2f}",
                )
        if gross_lines != gross_charges:
            return self.env._(
                "The lines of gross prices are %(lines)s, their charges are %(charges)s.",
                lines=f"{gross_lines / 100:.2f}",
                charges=f"{gross_charges / 100:.2f}",
            )
        return ""

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

    def _bss_mark_issued(self, pairs, merged=()):
        """Charges billed, items issued with the figures of their invoices; sums compared, item by item.

        What ``_bss_check_invoice`` asks of one invoice: each line its charge, those of gross prices together gross.
        :param pairs: [(item id, id of its invoice)]
        :param merged: [(charge id, id of the charge whose line it shares)]
        """
        item_ids, move_ids = map(list, zip(*pairs, strict=True))
        self.env.flush_all()
        self._bss_mark_billed(self.env["account.move"].browse(move_ids), merged)
        issued = self._bss_mark_items(item_ids, move_ids)
        if issued != len(pairs):
            self._bss_settle_roundings(move_ids)
            issued += self._bss_mark_items(item_ids, move_ids)
        if issued != len(pairs):
            raise AssertionError(f"{self.name}: {issued} of {len(pairs)} invoices are the sum of their charges")
        [(left,)] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM bss_charge charge JOIN bss_bill_run_item item ON %s"
                " WHERE item.id = ANY(%s) AND charge.state = 'pending'",
                CLAIM,
                item_ids,
            )
        )
        if left:
            raise AssertionError(f"{self.name}: {left} charges did not reach an invoice")
        self.env["bss.bill.run.item"].invalidate_model()

    def _bss_mark_items(self, item_ids, move_ids):
        """Pending items whose invoices are the sums of their charges become issued; how many."""
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                UPDATE bss_bill_run_item item
                   SET state = 'issued', error = NULL, move_id = move.id, charge_count = found.charges,
                       amount_charges = found.net, amount_untaxed = move.amount_untaxed,
                       amount_tax = move.amount_tax, amount_total = move.amount_total,
                       write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%(items)s, %(moves)s) AS pair(item_id, move_id)
                  JOIN account_move move ON move.id = pair.move_id AND move.state = 'posted'
                    -- looked up invoice by invoice: statistics know nothing of charges billed a moment ago
            CROSS JOIN LATERAL (
                        SELECT SUM(own.charges) AS charges, SUM(own.net) AS net,
                               BOOL_AND(own.is_gross OR line.price_subtotal = own.net) AS lines,
                               COALESCE(SUM(line.price_total - own.gross) FILTER (WHERE own.is_gross), 0) = 0 AS gross
                          FROM (SELECT one.move_line_id, COUNT(*) AS charges, SUM(one.amount) AS net,
                                       SUM(one.amount_gross) AS gross,
                                       BOOL_OR(one.price_kind IS NOT DISTINCT FROM 'gross') AS is_gross
                                  FROM (SELECT * FROM bss_charge WHERE move_id = pair.move_id OFFSET 0) one
                                 WHERE one.state = 'billed'
                              GROUP BY one.move_line_id) own
                          JOIN account_move_line line ON line.id = own.move_line_id AND line.move_id = pair.move_id) found
                 WHERE item.id = pair.item_id AND item.state = 'pending'
                   AND found.net = move.amount_untaxed AND found.lines AND found.gross
                """,
                uid=self.env.uid,
                items=item_ids,
                moves=move_ids,
            )
        )
        return cr.rowcount
