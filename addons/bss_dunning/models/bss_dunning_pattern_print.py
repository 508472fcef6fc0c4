"""Payment history on paper: document by document, when it was due and when it was paid."""

from odoo import models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import SQL, date_utils, format_amount, format_date, formatLang

from .bss_dunning_pattern import YEARS_BACK

MOST_ACCOUNTS = 200


class BssDunningPatternPrint(models.Model):
    _inherit = "bss.dunning.pattern"  # pylint: disable=consider-merging-classes-inherited

    def action_print(self):
        """One sheet with a table per chosen account."""
        if len(self) > MOST_ACCOUNTS:
            raise UserError(
                self.env._(
                    "Choose at most %(most)s accounts for one sheet, not %(count)s.",
                    most=MOST_ACCOUNTS,
                    count=len(self),
                )
            )
        self.check_access("read")
        since = date_utils.subtract(polish_day.today(), years=YEARS_BACK)
        sheet = self.env["bss.dunning.sheet"]
        pdf = sheet._bss_render(
            self.company_id[:1],
            title=self.env._("Payment history"),
            subtitle=self.env._("Payments since %(day)s", day=format_date(self.env, since)),
            blocks=self._bss_print_blocks(since),
        )
        return sheet._bss_download(pdf, self.env._("payment-history"))

    def _bss_print_blocks(self, since):
        paid = {}
        for account_id, *row in self._bss_print_rows(since):
            paid.setdefault(account_id, []).append(row)
        head = [
            self.env._("Document"),
            self.env._("Issued"),
            self.env._("Due"),
            self.env._("Paid On"),
            self.env._("Days Late"),
            self.env._("Paid"),
        ]
        return [
            {
                "title": f"{pattern.partner_id.name or ''} · {pattern.account_id.name}",
                "lines": [pattern._bss_summary()],
                "head": head,
                "rows": [pattern._bss_print_row(row) for row in paid.get(pattern.account_id.id, [])],
                "right": [4, 5],
            }
            for pattern in self
        ]

    def _bss_summary(self):
        return self.env._(
            "On time %(share)s%% of %(amount)s, on average %(days)s days late, last payment %(last)s.",
            share=formatLang(self.env, self.share_on_time, digits=1),
            amount=format_amount(self.env, self.amount, self.currency_id),
            days=formatLang(self.env, self.days_late, digits=1),
            last=format_date(self.env, self.last_payment),
        )

    def _bss_print_row(self, row):
        document, issued, due, paid_on, amount = row
        return [
            document or "",
            format_date(self.env, issued) if issued else "",
            format_date(self.env, due),
            format_date(self.env, paid_on),
            str(max((paid_on - due).days, 0)),
            format_amount(self.env, float(amount), self.currency_id),
        ]

    def _bss_print_rows(self, since):
        """(account, document, issued, due, paid on, amount) of what the chosen accounts paid."""
        return self.env.execute_query(
            SQL(
                """
                SELECT move.bss_account_id, move.name, move.invoice_date, debit.date_maturity, credit.date, partial.amount
                  FROM account_move move
                  JOIN account_move_line debit ON debit.move_id = move.id
                  JOIN account_account ledger ON ledger.id = debit.account_id
                  JOIN account_partial_reconcile partial ON partial.debit_move_id = debit.id
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                  JOIN account_move paid ON paid.id = credit.move_id
                 WHERE move.bss_account_id = ANY(%s) AND ledger.account_type = 'asset_receivable'
                   AND debit.parent_state = 'posted' AND debit.date_maturity IS NOT NULL
                   AND paid.move_type <> 'out_refund' AND paid.bss_settlement_kind IS DISTINCT FROM 'write_off'
                   AND credit.date > %s
                 ORDER BY move.bss_account_id, debit.date_maturity, credit.date
                """,
                self.account_id.ids,
                since,
            )
        )
