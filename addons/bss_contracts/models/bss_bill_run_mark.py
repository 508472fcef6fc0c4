"""Charges of issued invoices where a line is not simply one charge: shared lines, roundings of mixed prices."""

from odoo import models
from odoo.tools import SQL


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_mark_merged(self, pairs):
        """Charges that share a line follow its first one; the net of gross prices is split to the grosz.

        :param pairs: [(charge id, id of the charge whose line it shares)]
        """
        if not pairs:
            return
        cr = self.env.cr
        merged, leaders = map(list, zip(*pairs, strict=True))
        cr.execute(
            SQL(
                """
                UPDATE bss_charge charge
                   SET state = 'billed', move_id = leader.move_id, move_line_id = leader.move_line_id,
                       write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%s, %s) AS pair(charge_id, leader_id)
                  JOIN bss_charge leader ON leader.id = pair.leader_id AND leader.state = 'billed'
                 WHERE charge.id = pair.charge_id AND charge.state = 'pending'
                """,
                self.env.uid,
                merged,
                leaders,
            )
        )
        # each part is the difference of two rounded running sums: together they are the net of the line
        cr.execute(
            SQL(
                """
                UPDATE bss_charge charge SET amount = part.amount
                  FROM (SELECT own.id,
                               COALESCE(ROUND(own.net * own.upto / NULLIF(own.whole, 0), 2)
                                        - ROUND(own.net * (own.upto - own.gross) / NULLIF(own.whole, 0), 2), 0)
                               AS amount
                          FROM (SELECT one.id, one.amount_gross AS gross, -line.amount_currency AS net,
                                       SUM(one.amount_gross) OVER (PARTITION BY line.id ORDER BY one.id) AS upto,
                                       SUM(one.amount_gross) OVER (PARTITION BY line.id) AS whole
                                  FROM bss_charge leader
                                  JOIN account_move_line line ON line.id = leader.move_line_id
                                  JOIN bss_charge one ON one.move_line_id = line.id AND one.price_kind = 'gross'
                                 WHERE leader.id = ANY(%s)) own) part
                 WHERE charge.id = part.id
                """,
                list(set(leaders)),
            )
        )

    def _bss_settle_roundings(self, move_ids):
        """Net and gross prices on one invoice: the grosze that Odoo moves between their lines are of a gross price.

        It books the tax once for the invoice and gives what the lines miss then to the greatest of them, also to one of
        a net price. A net charge is its amount; so the net of the greatest gross charge takes the difference, which is
        less than a grosz for each line.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_charge charge SET amount = charge.amount + off.amount
                  FROM (SELECT move.id,
                               (CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END) * move.amount_untaxed
                               - SUM(own.amount) AS amount,
                               COUNT(DISTINCT own.move_line_id) AS lines,
                               (ARRAY_AGG(own.id ORDER BY own.amount_gross DESC, own.id)
                                FILTER (WHERE own.price_kind = 'gross'))[1] AS charge_id
                          FROM account_move move JOIN bss_charge own ON own.move_id = move.id AND own.state = 'billed'
                         WHERE move.id = ANY(%s)
                      GROUP BY move.id) off
                 WHERE charge.id = off.charge_id AND off.amount != 0 AND ABS(off.amount) * 100 < off.lines
                """,
                list(move_ids),
            )
        )
        self.env["bss.charge"].invalidate_model(["amount"])
