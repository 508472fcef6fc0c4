"""The decisions of the inbox: book, split, propose, set aside, take back. One payment and one call each."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

MAX_PARTS = 50


class BssPaymentInboxDecide(models.AbstractModel):
    _inherit = "bss.payment.inbox"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _may_book(self):
        try:
            self.env["bss.payment.match"]._bss_check_may_book()
        except AccessError:
            return False
        return True

    @api.model
    def _to_decide(self, match_id):
        """The payment, held by this transaction so that two people cannot decide it at once."""
        match = self._waiting(match_id)
        match.check_access("write")
        match.lock_for_update()
        return match

    @api.model
    def _account_for(self, match, account_id):
        account = self.env["bss.account"].browse(int(account_id)).exists()
        account.check_access("read")
        if not account or account.company_id != match.company_id:
            raise UserError(self.env._("Choose an account of the company that the payment came to."))
        return account

    @api.model
    def _documents_for(self, match, account, document_ids):
        """Those of the wanted documents that are the account's and open, in the order in which they are shown."""
        wanted = {int(each) for each in document_ids or ()}
        shown = self._open_documents(account, match.currency_id).get(account.id, ())
        return self.env["account.move"].browse([row["id"] for row in shown if row["tickable"] and row["id"] in wanted])

    # --- decisions

    @api.model
    def book(self, match_id, account_id, document_ids=(), rule=None):
        """Book a payment on an account; the ticked documents are paid first, then the oldest debt.

        :param rule: None = no rule; {"words": str} = the next payment of this payer goes the same way, when its
            title holds the words (empty = whatever the title says)
        :return: what was done, for the screen; ``{"gone": True}`` when somebody else decided it meanwhile
        :raises AccessError: the user may not book
        """
        match = self._to_book(match_id)
        if not match:
            return {"gone": True}
        account = self._account_for(match, account_id)
        before = self._before(match)
        match.sudo().with_context(bss_booking=True).write(
            {
                "account_id": account.id,
                "invoice_ids": [fields.Command.set(self._documents_for(match, account, document_ids).ids)],
            }
        )
        match.action_book()
        made = self._make_rule(match, rule)
        return {**self._told(match, "booked"), "before": before, "rule": made}

    @api.model
    def _to_book(self, match_id):
        self.env["bss.payment.match"]._bss_check_may_book()
        return self._to_decide(match_id)

    @api.model
    def _make_rule(self, match, rule):
        """Name of the rule that was made; empty when none was wanted."""
        if rule is None:
            return ""
        words = (rule.get("words") or "").strip()
        return match._bss_make_rule(words or False).display_name or ""

    @api.model
    def split(self, match_id, parts):
        """Book a payment on several accounts.

        :param parts: [{"account_id": int, "amount": minor units, "document_ids": [int]}], together the whole payment
        """
        match = self._to_book(match_id)
        if not match:
            return {"gone": True}
        if not 1 < len(parts) <= MAX_PARTS:
            raise UserError(self.env._("A payment is split over two to %(limit)s accounts.", limit=MAX_PARTS))
        currency = match.currency_id
        rows = []
        for part in parts:
            account = self._account_for(match, part["account_id"])
            named = self._documents_for(match, account, part.get("document_ids"))
            rows.append((account, self._major(part["amount"], currency), named))
        total = sum(int(part["amount"]) for part in parts)
        if total != self._minor(match.amount, currency) or any(int(part["amount"]) <= 0 for part in parts):
            raise UserError(self.env._("The parts must be positive and together make the whole payment."))
        before = self._before(match)
        match._bss_book_split(rows)
        return {**self._told(match, "split"), "before": before}

    @api.model
    def reject(self, match_id, rule=None):
        """No customer's payment: it leaves the inbox and stays in suspense for accounting."""
        match = self._to_book(match_id)
        if not match:
            return {"gone": True}
        before = self._before(match)
        match.action_reject()
        made = self._make_rule(match, rule)
        return {**self._told(match, "rejected"), "before": before, "rule": made}

    @api.model
    def propose(self, match_id, account_id, note=""):
        """For clerks who may not book: the account is noted, an accountant books it with one key."""
        match = self._to_decide(match_id)
        if not match:
            return {"gone": True}
        account = self._account_for(match, account_id)
        before = self._before(match)
        match.write({"account_id": account.id, **({"note": note} if note else {})})
        match.sudo().with_context(bss_booking=True).write({"state": "proposed", "proposed_by_id": self.env.uid})
        return {**self._told(match, "proposed"), "before": before}

    @api.model
    def match_again(self):
        """Look for the accounts of all waiting payments again: an invoice, a rule or a virtual account came meanwhile.

        :return: {"kind": "matched", "booked": how many of them needed no clerk any more, "error": what was said about
            those that could not be matched}; for many payments {"kind": "matching", "run": what to ask the progress
            of, "done": …, "total": …}
        :raises AccessError: the user may not book
        """
        matches = self.env["bss.payment.match"]
        matches._bss_check_may_book()
        return matches._bss_all_waiting()._bss_match_again_or_later()._bss_figures()

    @api.model
    def match_again_progress(self, run_id):
        """How far matching again in the background is; "matched" when it is done.

        :raises AccessError: it is somebody else's
        """
        run = self.env["bss.payment.rematch"].browse(int(run_id)).exists()
        if not run:
            # cleaned up long after it was done
            return {"kind": "matched", "booked": 0, "stopped": False, "error": ""}
        run.check_access("read")
        return run._bss_figures()

    @api.model
    def note(self, match_id, note):
        """What was found out; the payment goes on waiting."""
        match = self._to_decide(match_id)
        if not match:
            return {"gone": True}
        match.write({"note": (note or "").strip()})
        return {"note": match.note or ""}

    @api.model
    def undo(self, match_id, before=None):
        """Take a decision back; the payment waits again, with the proposal it had.

        :param before: what the decision answered under "before"
        """
        match = self.env["bss.payment.match"].browse(int(match_id)).exists()
        match.check_access("write")
        match.lock_for_update()
        before = before or {}
        if match.state == "booked":
            match.action_undo()
        elif match.state == "rejected":
            match.action_reopen()
        elif match.proposed_by_id == self.env.user:
            match.write({"account_id": False})
            match.sudo().with_context(bss_booking=True).proposed_by_id = False
        else:
            raise UserError(self.env._("This decision was taken back already."))
        self._restore(match, before)
        return {"id": match.id}

    @api.model
    def _before(self, match):
        return {"account_id": match.account_id.id, "document_ids": match.sudo().invoice_ids.ids, "state": match.state}

    @api.model
    def _restore(self, match, before):
        account = self.env["bss.account"].browse(int(before.get("account_id") or 0)).exists()
        account = account.filtered(lambda each: each.company_id == match.company_id)
        named = (
            self.env["account.move"].sudo().browse([int(each) for each in before.get("document_ids") or ()]).exists()
        )
        named = named.filtered(lambda move: move.company_id == match.company_id and move.bss_account_id)
        match.sudo().with_context(bss_booking=True).write(
            {
                "account_id": account.id,
                "invoice_ids": [fields.Command.set(named.ids)],
                "state": "proposed" if before.get("state") == "proposed" else "unallocated",
                "proposed_by_id": match.proposed_by_id.id if account else False,
            }
        )

    @api.model
    def _told(self, match, kind):
        """What was done, for the line at the foot of the screen."""
        return {
            "id": match.id,
            "kind": kind,
            "customer": match.account_id.partner_id.display_name or "",
            "number": match.account_id.name or "",
            "amount": self._minor(match.amount, match.currency_id),
            "currency": match.currency_id.id,
            "left": self._minor(match.amount_open, match.currency_id) if kind in ("booked", "split") else 0,
        }
