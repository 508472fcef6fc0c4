"""Booking by hand, whole or split over several accounts, and taking it back."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import booking
from ..bank_core.allocation import NAMED, Policy, allocate

QUIET = {"tracking_disable": True, "skip_account_move_synchronization": True, "skip_readonly_check": True}


class BssPaymentMatch(models.Model):
    _inherit = "bss.payment.match"  # pylint: disable=consider-merging-classes-inherited

    allocation_ids = fields.One2many("bss.payment.allocation", "match_id")
    part_ids = fields.One2many("bss.payment.part", "match_id", string="Split Over")

    def _bss_book(self, manual=False):
        """Move the suspense items to the receivables of the chosen accounts, then set them against debts."""
        matches = self.sudo().with_context(**QUIET)
        for match in matches:
            match._bss_assign([(match.account_id, match.amount)])
        matches._bss_decide(manual)
        matches._bss_pair_reversals()
        matches._bss_reconcile(manual)
        matches._bss_after_booking()

    def _bss_book_split(self, parts):
        """Book one payment on several accounts, each part set against the debts of its account.

        :param parts: [(``bss.account``, amount in the currency of the payment, ``account.move`` to be paid first)]
        :raises UserError: the parts are not positive or not the whole payment, or it is decided already
        """
        self.ensure_one()
        self._bss_check_may_book()
        match = self.sudo().with_context(**QUIET)
        match._bss_check_split(parts)
        lines = match._bss_assign([(account.sudo(), amount) for account, amount, _invoices in parts])
        match.account_id = False
        match._bss_decide(manual=True)
        match.part_ids = [
            fields.Command.create(
                {
                    "sequence": place,
                    "account_id": account.id,
                    "amount": amount,
                    "invoice_ids": [fields.Command.set(invoices.ids)],
                    "move_line_id": line.id,
                }
            )
            for place, ((account, amount, invoices), line) in enumerate(zip(parts, lines, strict=True), 1)
        ]
        match._bss_allocate([(match, part.move_line_id, part.account_id, part.invoice_ids) for part in match.part_ids])
        match._bss_after_booking()
        return True

    def _bss_check_split(self, parts):
        if self.state not in ("proposed", "unallocated") or not self.statement_line_id:
            raise UserError(self.env._("Payment “%(name)s” is decided already.", name=self.display_name))
        if not parts or any(self.currency_id.compare_amounts(amount, 0) <= 0 for _account, amount, _invoices in parts):
            raise UserError(self.env._("The parts of a payment are positive."))
        total = sum(amount for _account, amount, _invoices in parts)
        if self.currency_id.compare_amounts(total, self.amount):
            raise UserError(
                self.env._(
                    "The parts make %(sum)s, the payment is %(amount)s.",
                    sum=self.currency_id.format(total),
                    amount=self.currency_id.format(self.amount),
                )
            )
        if any(account.company_id != self.company_id for account, _amount, _invoices in parts):
            raise UserError(self.env._("The billing accounts belong to another company than the payment."))
        for account, _amount, invoices in parts:
            if invoices.sudo().bss_account_id - account:
                raise UserError(
                    self.env._("A document named for account %(name)s is another account's.", name=account.name)
                )

    def _bss_assign(self, shares):
        """Turn the suspense item of a payment into receivables of these accounts.

        :param shares: [(account, amount)], together the whole payment
        :return: the receivable items, in that order
        """
        self.ensure_one()
        line = self.statement_line_id
        _liquidity, suspense, others = line._seek_for_lines()
        if not suspense or others:
            raise UserError(
                self.env._(
                    "Payment “%(name)s” was booked in accounting meanwhile; undo that first.", name=self.display_name
                )
            )
        payees = booking.payees(self.env, [account.id for account, _amount in shares])
        partners = {payees[account.id].partner_id for account, _amount in shares}
        accounts = {account.id for account, _amount in shares}
        partner_id = partners.pop() if len(partners) == 1 else False
        account_id = accounts.pop() if len(accounts) == 1 else False
        line.move_id.write({"partner_id": partner_id, "bss_account_id": account_id})
        line.write({"partner_id": partner_id})
        line.move_id.line_ids.write({"partner_id": partner_id, "bss_account_id": account_id})
        amounts = _shared(suspense, [amount for _account, amount in shares])
        commands = []
        for place, ((account, _amount), (balance, amount_currency)) in enumerate(zip(shares, amounts, strict=True)):
            payee = payees[account.id]
            vals = {
                "account_id": payee.ledger_id,
                "partner_id": payee.partner_id,
                "bss_account_id": account.id,
            }
            if len(shares) == 1:
                commands.append(fields.Command.update(suspense.id, vals))
                continue
            vals |= {"balance": balance, "amount_currency": amount_currency}
            if place:
                vals |= {"name": suspense.name, "currency_id": suspense.currency_id.id}
                commands.append(fields.Command.create(vals))
            else:
                commands.append(fields.Command.update(suspense.id, vals))
        before = line.move_id.line_ids
        line.move_id.write({"line_ids": commands})
        return suspense | (line.move_id.line_ids - before).sorted("id")

    def _bss_decide(self, manual):
        """The payments are booked, and by whom."""
        decided = {"state": "booked"}
        if manual:
            decided |= {"decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
            self.filtered(lambda match: match.reason != "REVERSAL_OF_CREDIT").reason = "MANUAL"
        self.with_context(bss_booking=True).write(decided)

    def _bss_reconcile(self, manual=False):
        """Set the booked payments against debts: those that were named first, then the longest overdue."""
        matches = self.sudo().filtered(lambda match: match.amount > 0 and not match.part_ids)
        self._bss_allocate(
            [(match, match._bss_receivable_items(), match.account_id, match.invoice_ids) for match in matches],
            manual,
        )

    @api.model
    def _bss_allocate(self, booked, manual=True):
        """Allocate payments one after another, reconcile them in one go and keep the log.

        :param booked: [(match, its receivable item, account, documents to be paid first)]
        """
        env = self.sudo().env
        items = booking.open_items(env, {account.id for _match, _line, account, _named in booked})
        own = {line.id for _match, line, _account, _named in booked}
        settled = []
        for match, line, account, named in booked:
            left = [item for item in items[account.id] if item.id not in own]
            policy = Policy(order=account.company_id.bss_allocation_order)
            amount = round(-line.amount_residual * 100)
            parts = allocate(left, max(amount, 0), named.ids, policy).parts
            used = {part.item_id: part.amount for part in parts}
            items[account.id] = [
                item._replace(residual=item.residual - used.get(item.id, 0))
                for item in left
                if item.residual != used.get(item.id, 0)
            ]
            if manual:
                parts = [part._replace(reason="MANUAL") if part.reason == NAMED else part for part in parts]
            settled.append((match, line, parts))
        booking.settle(env, settled)

    def action_undo(self):
        """Take the booking back: the money returns to the suspense account, the payment to the list."""
        self._bss_check_may_book()
        if any(match.state != "booked" for match in self):
            raise UserError(self.env._("Only booked payments can be undone."))
        matches = self.sudo()
        lines = matches.statement_line_id.with_context(bss_skip_match=True, tracking_disable=True)
        accounts = matches.account_id | matches.part_ids.account_id
        lines.move_id.line_ids.remove_move_reconcile()
        lines._bss_clear_customer()
        lines.action_undo_reconciliation()
        matches._bss_reopen(self.env.uid)
        # a credit that a reversal had used up pays its invoice again
        accounts._bss_with_open_credit()._bss_reconcile_open_items()
        return True

    def _bss_reopen(self, user_id=False):
        """The payments wait for a decision again; what was written of the last one goes."""
        self.sudo().allocation_ids.unlink()
        self.sudo().part_ids.unlink()
        self.filtered(lambda match: match.reason != "REVERSAL_OF_CREDIT").reason = "UNDONE"
        self.with_context(bss_booking=True).write(
            {
                "state": "unallocated",
                "confidence": 0,
                "reversed_id": False,
                "account_id": False,
                "decided_by_id": user_id or self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )


def _shared(suspense, amounts):
    """[(balance, amount in currency)] of the items that replace a suspense item; the last takes what rounding leaves."""
    currency, company_currency = suspense.currency_id, suspense.company_currency_id
    sign = -1 if suspense.amount_currency < 0 else 1
    result = []
    left = suspense.balance
    for place, amount in enumerate(amounts, 1):
        part = currency.round(sign * amount)
        balance = left
        if place < len(amounts):
            balance = company_currency.round(suspense.balance * part / suspense.amount_currency)
        left = company_currency.round(left - balance)
        result.append((balance, part))
    return result
