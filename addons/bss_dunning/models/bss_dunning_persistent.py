"""Persistent late payers (art. 382(10) of the PKE act): found in the books by the operator's own measure."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from .. import adapters, adapters_law
from ..dunning_core.law.service_chain import persistence_window
from ..planning.arrays import ids

# Context of who asks: the day on which late documents are counted, and the accounts among which it is asked
AS_OF = "bss_dunning_as_of"
AMONG = "bss_dunning_among"
READ = (
    ("account.move", ["move_type", "reversed_entry_id"]),
    ("account.move.line", None),
    ("account.partial.reconcile", None),
    ("account.account", ["account_type"]),
    ("bss.dunning.hold", None),
    ("bss.dunning.hold.line", None),
)


class BssAccountPersistent(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    dunning_persistent = fields.Boolean(
        string="Persistent Late Payer",
        compute="_compute_dunning_persistent",
        search="_search_dunning_persistent",
        compute_sudo=True,
        help="So many documents of the last months were or are paid late; the numbers stand among the numbers of the "
        "law. Such a customer may be suspended after a single notice.",
    )

    @api.depends_context(AS_OF)
    def _compute_dunning_persistent(self):
        found = self._bss_persistent_on(self._bss_persistence_day())
        for account in self:
            account.dunning_persistent = account in found

    def _bss_persistent_on(self, as_of):
        """Those of these accounts that pay late persistently; asked of the books each time."""
        rows = self.env.execute_query(self._bss_persistent_query(as_of, self.ids))
        return self.browse(row[0] for row in rows)

    def _search_dunning_persistent(self, operator, value):
        if operator != "in":
            return NotImplemented
        among = self.env.context.get(AMONG)
        query = SQL("(%s)", self.sudo()._bss_persistent_query(self._bss_persistence_day(), among))
        return [("id", "in" if True in value else "not in", query)]

    @api.model
    def _bss_persistence_day(self):
        return fields.Date.to_date(self.env.context.get(AS_OF)) or polish_day.today()

    @api.model
    def _bss_persistent_query(self, as_of, account_ids=None):
        """Accounts of persistent late payers on a day, nobody while the measure is not recorded or is zero.

        A document counts when it was paid after its term or is still owed. It does not while it is disputed: an open
        one on the day of the question as far as nothing undisputed is left of it, a paid one on the day of its payment.
        What a credit note took away was not paid late.

        :return: SQL of rows (account_id)
        """
        terms = adapters_law.persistence_terms(self.env, as_of)
        if terms is None or not terms.late_documents:
            return SQL("SELECT NULL::int AS account_id WHERE false")
        dues, ends = self._bss_due_ends(*persistence_window(as_of, terms))
        only = SQL("AND line.bss_account_id = ANY(%s)", ids(account_ids)) if account_ids is not None else SQL()
        for model, fields_read in READ:
            self.env[model].flush_model(fields_read)
        return SQL(_PERSISTENT, dues=dues, ends=ends, only=only, documents=terms.late_documents)

    @api.model
    def _bss_due_ends(self, first, last):
        """Due dates whose terms ended within the months of the measure, and the days on which they ended."""
        calendar = adapters.free_days(self.env)
        start = fields.Date.subtract(first, days=14)
        days = [fields.Date.add(start, days=number) for number in range((last - start).days + 1)]
        pairs = [(day, calendar.shift(day)) for day in days]
        pairs = [(day, end) for day, end in pairs if first <= end <= last]
        return [day for day, _end in pairs], [end for _day, end in pairs]


_PERSISTENT = """
SELECT line.bss_account_id AS account_id
  FROM account_move_line line
  JOIN account_account ledger ON ledger.id = line.account_id
  JOIN unnest(%(dues)s::date[], %(ends)s::date[]) AS term(due, last) ON term.due = line.date_maturity
  LEFT JOIN LATERAL (
        SELECT MAX(credit.date) AS paid_on
          FROM account_partial_reconcile partial
          JOIN account_move_line credit ON credit.id = partial.credit_move_id
          JOIN account_move payment ON payment.id = credit.move_id AND payment.move_type != 'out_refund'
           AND payment.reversed_entry_id IS DISTINCT FROM line.move_id
         WHERE partial.debit_move_id = line.id AND line.reconciled
       ) settled ON true
 WHERE ledger.account_type = 'asset_receivable'
   AND line.parent_state = 'posted'
   AND line.balance > 0
   AND line.no_followup IS NOT TRUE
   AND line.bss_account_id IS NOT NULL %(only)s
   AND (line.reconciled IS NOT TRUE OR settled.paid_on > term.last)
   AND CASE WHEN line.reconciled
            THEN NOT EXISTS (
                 SELECT 1 FROM bss_dunning_hold_line part JOIN bss_dunning_hold hold ON hold.id = part.hold_id
                  WHERE part.move_line_id = line.id AND hold.kind = 'dispute' AND hold.date_from <= settled.paid_on
                    AND (hold.date_ended IS NULL OR hold.date_ended >= settled.paid_on))
            ELSE line.amount_residual > (
                 SELECT COALESCE(SUM(part.amount), 0)
                   FROM bss_dunning_hold_line part JOIN bss_dunning_hold hold ON hold.id = part.hold_id
                  WHERE part.move_line_id = line.id AND hold.kind = 'dispute' AND hold.state = 'active')
       END
 GROUP BY line.bss_account_id
HAVING COUNT(*) >= %(documents)s
"""
