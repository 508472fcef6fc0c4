"""Payments that the bank took back: what they paid is open again."""

from odoo import models
from odoo.fields import Command, Domain

from .bss_payment_match_book import QUIET

#: what banks write where there is no reference
NO_REFERENCE = ("", "NONREF", "NOTPROVIDED")


class BssPaymentMatchReturn(models.Model):
    _inherit = "bss.payment.match"  # pylint: disable=consider-merging-classes-inherited

    def _bss_settle_returns(self):
        """Take back what the bank's own reference names; every other return waits with a proposal.

        The debts that the original had paid are open again, and so are the rights of the operator.
        """
        for match in self.filtered(lambda match: match._bss_is_return() and match.state != "booked"):
            original = match._bss_referred_original()
            if len(original) == 1:
                match._bss_take_back(original)
            else:
                match._bss_propose_original()

    def _bss_settle_late_returns(self, journal):
        """Returns that came before what they take back: an older statement may have brought it now."""
        waiting = self.search(
            [
                ("journal_id", "=", journal.id),
                ("reason", "=", "REVERSAL_OF_CREDIT"),
                ("amount", "<", 0),
                ("state", "in", ("proposed", "unallocated")),
                ("decided_at", "=", False),
            ]
        )
        for match in waiting:
            original = match._bss_referred_original()
            if len(original) == 1:
                match._bss_take_back(original)

    def _bss_is_return(self):
        return self.reason == "REVERSAL_OF_CREDIT" and self.amount < 0

    def _bss_referred_original(self):
        """The payments of this amount that the bank's references name; more than one is as good as none."""
        self.ensure_one()
        named = [self.original_reference or "", self.bank_reference or "", self.entry_reference or ""]
        wanted = [word for word in dict.fromkeys(named[:1] if named[0] else named) if word not in NO_REFERENCE]
        if not wanted:
            return self.browse()
        domain = Domain("bank_reference", "in", wanted) | Domain("entry_reference", "in", wanted)
        return self._bss_originals(domain)

    def _bss_originals(self, domain):
        """Payments that may be the one taken back: of that amount, not later, and not taken back before."""
        found = self.search(
            Domain(
                [
                    ("journal_id", "=", self.journal_id.id),
                    ("id", "!=", self.id),
                    ("amount", ">", 0),
                    ("date", "<=", self.date),
                ]
            )
            & domain,
            order="date desc, id desc",
            limit=200,
        ).filtered(lambda match: match.currency_id.compare_amounts(match.amount, -self.amount) == 0)
        return found - self.search([("reversed_id", "in", found.ids)]).reversed_id

    def _bss_take_back(self, original):
        if original.state != "booked":
            # it never reached a customer: nothing is left to decide about either of them
            (self | original).with_context(bss_booking=True).write({"state": "rejected", "account_id": False})
            self.reversed_id = original
        elif original.part_ids:
            self._bss_take_back_parts(original)
        elif original.account_id:
            self.with_context(bss_booking=True).account_id = original.account_id
            self.reversed_id = original
            self._bss_book()
        else:
            self._bss_propose_original()

    def _bss_take_back_parts(self, original):
        """A payment that was split over several accounts is taken from each of them."""
        match = self.sudo().with_context(bss_booking=True, **QUIET)
        parts = original.sudo().part_ids
        lines = match._bss_assign([(part.account_id, part.amount) for part in parts])
        match.write(
            {
                "account_id": False,
                "reversed_id": original.id,
                "part_ids": [
                    Command.create(
                        {
                            "sequence": part.sequence,
                            "account_id": part.account_id.id,
                            "amount": -part.amount,
                            "move_line_id": line.id,
                        }
                    )
                    for part, line in zip(parts, lines, strict=True)
                ],
            }
        )
        match._bss_decide(manual=False)
        match._bss_pair_reversals()
        match._bss_after_booking()

    def _bss_propose_original(self):
        """One payment of this amount by this payer, or by this account: a clerk decides."""
        candidates = self.browse()
        end_to_end = (self.end_to_end or "").strip()
        if end_to_end not in NO_REFERENCE:
            candidates = self._bss_originals(Domain([("state", "=", "booked"), ("end_to_end", "=", end_to_end)]))
        if not candidates and self.payer_nrb:
            candidates = self._bss_originals(Domain([("state", "=", "booked"), ("payer_nrb", "=", self.payer_nrb)]))
        if not candidates and self.account_id:
            candidates = self._bss_originals(
                Domain([("state", "=", "booked"), ("account_id", "=", self.account_id.id)])
            )
        if len(candidates) == 1 and candidates.account_id:
            self.with_context(bss_booking=True).write({"account_id": candidates.account_id.id, "state": "proposed"})

    def _bss_pair_reversals(self):
        """A payment taken back by the bank no longer pays anything: its invoices are open again."""
        for match in self.filtered(lambda match: match._bss_is_return()):
            original = match.reversed_id or match._bss_original()
            if not original:
                continue
            match.reversed_id = original
            items = original._bss_receivable_items()
            items.remove_move_reconcile()
            self.env["bss.payment.allocation"].sudo().search([("match_id", "=", original.id)]).unlink()
            both = (items | match._bss_receivable_items()).grouped(lambda item: (item.account_id, item.bss_account_id))
            self.env["account.move.line"].sudo()._reconcile_plan([found for found in both.values() if len(found) > 1])

    def _bss_original(self, account=None):
        """The payment of the account with this amount that a return booked by hand takes back, else the latest.

        :param account: the billing account it would be booked on; that of the return when left out
        """
        self.ensure_one()
        account = account or self.account_id
        booked = Domain([("account_id", "=", account.id), ("state", "=", "booked")])
        candidates = self._bss_originals(booked)
        named = self._bss_referred_original() & candidates
        return (named or candidates)[:1]
