"""Bank transactions that people reconcile in accounting, by whatever widget: our payments follow."""

from odoo import fields, models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"  # pylint: disable=consider-merging-classes-inherited

    # --- beside OCA's account_reconcile_oca: its methods, which are there only when it is installed

    def reconcile_bank_line(self):
        result = super().reconcile_bank_line()
        self._bss_follow_accounting()
        return result

    def unreconcile_bank_line(self):
        result = super().unreconcile_bank_line()
        self._bss_follow_accounting()
        return result

    def _auto_reconcile(self):
        """Payments of our bank files are matched here; a title like "1" must not find an invoice by chance."""
        others = self.filtered(lambda line: not line.bss_dedupe_key)
        return super(AccountBankStatementLine, others)._auto_reconcile() if others else None

    def _retrieve_partner(self):
        """A name alone is no customer: what waits in suspense shows nobody until it is decided."""
        others = self.filtered(lambda line: not line.bss_dedupe_key)
        return super(AccountBankStatementLine, others)._retrieve_partner() if others else None

    # --- our side

    def _bss_follow_accounting(self):
        """Take over what accounting decided: booked on a customer, booked elsewhere, or open again."""
        for line in self.sudo():
            match = line.bss_match_ids[:1].with_context(bss_booking=True)
            if not match:
                continue
            if line.is_reconciled and match.state in ("unallocated", "proposed"):
                line._bss_follow_booking(match)
            elif not line.is_reconciled and match.state == "booked":
                line.move_id.with_context(skip_readonly_check=True).write({"bss_account_id": False})
                match._bss_reopen(self.env.uid)

    def _bss_follow_booking(self, match):
        items = self._bss_counterparts()
        accounts = items.account_id
        quiet = {"skip_account_move_synchronization": True, "skip_readonly_check": True, "tracking_disable": True}
        decided = {"decided_by_id": self.env.uid, "decided_at": fields.Datetime.now(), "rule_id": False}
        if set(accounts.mapped("account_type")) != {"asset_receivable"}:
            ledgers = ", ".join(accounts.mapped("code"))
            note = self.env._("Booked in accounting on %(ledgers)s.", ledgers=ledgers)
            match.write({**decided, "state": "rejected", "account_id": False, "note": note})
            return
        for item in items:
            item.with_context(**quiet).bss_account_id = item._bss_settled_account()
        owner = items.bss_account_id if len(items.bss_account_id) == 1 and all(items.mapped("bss_account_id")) else None
        if owner:
            self.move_id.with_context(**quiet).bss_account_id = owner
        match.write(
            {
                **decided,
                "state": "booked",
                "reason": "MANUAL",
                "account_id": owner.id if owner else False,
                "note": match.note or self.env._("Booked in accounting."),
            }
        )

    def _bss_counterparts(self):
        """Items that stand for the payment: of its own entry, or of the entry that cleared its suspense item."""
        _liquidity, suspense, others = self._seek_for_lines()
        if others or not suspense:
            return others
        cleared = (suspense.matched_debit_ids.debit_move_id | suspense.matched_credit_ids.credit_move_id).move_id
        return cleared.line_ids.filtered(lambda item: item.account_id not in suspense.account_id)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    def _bss_settled_account(self):
        """The billing account whose items this one settles; none when there are several."""
        settled = (self.matched_debit_ids.debit_move_id | self.matched_credit_ids.credit_move_id).bss_account_id
        return settled if len(settled) == 1 else self.bss_account_id
