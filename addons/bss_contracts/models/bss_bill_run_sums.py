"""Invoices of a chunk are the sums of their charges: looked at before writing, asserted after."""

from odoo import models
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

    def _bss_amounts_problem(self, rows, amounts):
        """Where the invoice would not be the sum of its charges, "" when it is. Amounts in grosz."""
        gross_lines = gross_charges = 0
        for row, subtotal, total in zip(rows, amounts.subtotals, amounts.totals, strict=True):
            if row.price_kind == "gross":
                gross_lines, gross_charges = gross_lines + total, gross_charges + int(row.amount_gross * 100)
            elif subtotal != int(row.amount * 100):
                return self.env._(
                    "Line %(name)s is %(line)s, its charge is %(charge)s: use taxes not included in the price.",
                    name=row.name,
                    line=f"{subtotal / 100:.2f}",
                    charge=row.amount,
                )
        if gross_lines != gross_charges:
            return self.env._(
                "The lines of gross prices are %(lines)s, their charges are %(charges)s.",
                lines=f"{gross_lines / 100:.2f}",
                charges=f"{gross_charges / 100:.2f}",
            )
        return ""

    def _bss_mark_issued(self, pairs):
        """Charges billed, items issued with the figures of their invoices; sums compared, item by item.

        What ``_bss_check_invoice`` asks of one invoice: each line its charge, those of gross prices together gross.
        :param pairs: [(item id, id of its invoice)]
        """
        item_ids, move_ids = map(list, zip(*pairs, strict=True))
        self.env.flush_all()
        self._bss_mark_billed(self.env["account.move"].browse(move_ids))
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
                  JOIN (SELECT charge.move_id, COUNT(*) AS charges, SUM(charge.amount) AS net,
                               BOOL_AND(charge.price_kind = 'gross' OR line.price_subtotal = charge.amount) AS lines,
                               COALESCE(SUM(line.price_total - charge.amount_gross)
                                        FILTER (WHERE charge.price_kind = 'gross'), 0) = 0 AS gross
                          FROM bss_charge charge JOIN account_move_line line ON line.id = charge.move_line_id
                         WHERE charge.move_id = ANY(%(moves)s) AND charge.state = 'billed'
                      GROUP BY charge.move_id) found
                    ON found.move_id = move.id AND found.net = move.amount_untaxed AND found.lines AND found.gross
                 WHERE item.id = pair.item_id AND item.state = 'pending'
                """,
                uid=self.env.uid,
                items=item_ids,
                moves=move_ids,
            )
        )
        if cr.rowcount != len(pairs):
            raise AssertionError(f"{self.name}: {cr.rowcount} of {len(pairs)} invoices are the sum of their charges")
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
