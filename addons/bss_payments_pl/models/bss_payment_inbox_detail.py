"""One waiting payment of the inbox: its candidates, their open documents, and what its payer paid before."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..booking.items import DEBT_OF_NOTE, DISPUTED, READ, READ_OF_MOVE

MAX_CANDIDATES = 9
MAX_DOCUMENTS = 60
MAX_PAST = 8


class BssPaymentInboxDetail(models.AbstractModel):
    _inherit = "bss.payment.inbox"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def detail(self, match_id):
        """Everything the right pane shows; ``{"gone": True}`` when somebody decided the payment meanwhile."""
        match = self._waiting(match_id)
        if not match:
            return {"gone": True}
        candidates = match.candidate_ids[:MAX_CANDIDATES]
        named = set(match.sudo().invoice_ids.ids)
        speaking = {each.account_id.id: set(each.document_ids or ()) for each in candidates}
        accounts = candidates.account_id
        if match.account_id:
            accounts = match.account_id | accounts
        words = {each.account_id.id: self.env["bss.payment.evidence"]._words(each) for each in candidates}
        sure = {each.account_id.id: each.confidence for each in candidates}
        shown = self._accounts(accounts, match.currency_id)
        for account in shown:
            account["evidence"] = words.get(account["id"], [])
            account["confidence"] = sure.get(account["id"], 0)
            account["proposed"] = account["id"] == match.account_id.id
            account["undoes"] = self._undoes(match, accounts.browse(account["id"]))
            theirs = {document["id"] for document in account["documents"]}
            account["named"] = sorted(theirs & (speaking.get(account["id"]) or named))
        return {
            "payment": self._payment(match),
            "accounts": shown,
            "history": self._history(match),
            "interest_first": match.company_id.bss_allocation_order == "interest_first",
            "others": len(match.candidate_ids) - len(candidates),
        }

    @api.model
    def _undoes(self, match, account):
        """The payment that a return takes back when it is booked on the account, and what is open again then."""
        original = match._bss_original(account) if match._bss_is_return() else match.browse()
        if not original:
            return False
        allocations = self.env["bss.payment.allocation"].sudo().search([("match_id", "=", original.id)])
        return {
            "date": str(original.date),
            "amount": self._minor(original.amount, original.currency_id),
            "payer": original.payer_name or "",
            "title": original.title or "",
            "documents": allocations.invoice_id.mapped("name"),
        }

    @api.model
    def _payment(self, match):
        row = self._rows(match)[0]
        return {
            **row,
            "journal": match.journal_id.sudo().display_name or "",
            "payer_nrb": match.payer_nrb or "",
            "payer_address": match.payer_address or "",
            "nrb": match.nrb or "",
            "payer_key": match.payer_key or "",
            "bank_reference": match.bank_reference or "",
            "raw": match.raw or "",
            "unreadable": match.reason == "UNREADABLE",
            "is_reversal": match.reason.startswith("REVERSAL"),
            "can_book": bool(match.statement_line_id) and (match.amount > 0 or match.reason == "REVERSAL_OF_CREDIT"),
            "proposed_by": match.proposed_by_id.name or "",
        }

    @api.model
    def account_detail(self, match_id, account_id):
        """An account that was searched for, in the form of a candidate.

        :raises UserError: the account belongs to another company than the payment
        """
        match = self._waiting(match_id)
        account = self.env["bss.account"].browse(int(account_id))
        account.check_access("read")
        if match and account.company_id != match.company_id:
            raise UserError(self.env._("Account %(name)s belongs to another company.", name=account.name))
        shown = self._accounts(account, match.currency_id or account.currency_id)
        return {**shown[0], "evidence": [], "confidence": 0, "proposed": False, "named": []}

    @api.model
    def _accounts(self, accounts, currency):
        documents = self._open_documents(accounts, currency)
        return [
            {
                **self._who(account),
                "state": account.state,
                "due": sum(document["residual"] for document in documents.get(account.id, ())),
                "documents": documents.get(account.id, [])[:MAX_DOCUMENTS],
            }
            for account in accounts
        ]

    @api.model
    def _open_documents(self, accounts, currency):
        """{account id: open debts and credit notes, longest overdue first}, one statement for all accounts.

        The rows are read past the rights to entries: who may decide payments sees the debts of the accounts
        that he may read.
        """
        if not accounts:
            return {}
        self.env["account.move.line"].flush_model([*READ, "amount_residual_currency", "amount_currency"])
        self.env["account.move"].flush_model([*READ_OF_MOVE, "invoice_date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.bss_account_id, move.id, move.name, move.move_type,
                       coalesce(move.invoice_date, move.date), min(coalesce(line.date_maturity, line.date)),
                       sum(line.amount_residual_currency), sum(line.amount_currency), bool_or(%s),
                       bool_and(move.bss_settlement_kind = 'interest_note' AND move.bss_account_id = line.bss_account_id),
                       min(late.id)
                  FROM account_move_line line
                  JOIN account_account ledger ON ledger.id = line.account_id
                  JOIN account_move move ON move.id = line.move_id
                       %s
                 WHERE line.bss_account_id IN %s
                   AND ledger.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
                   AND line.reconciled IS NOT TRUE
                   AND line.currency_id = %s
                   AND line.amount_residual_currency <> 0
              GROUP BY line.bss_account_id, move.id
              ORDER BY min(coalesce(line.date_maturity, line.date)), move.id
                """,
                SQL(DISPUTED),
                SQL(DEBT_OF_NOTE),
                tuple(accounts.ids),
                currency.id,
            )
        )
        today = fields.Date.context_today(self)
        result = {}
        for account_id, move_id, name, move_type, day, due, residual, total, disputed, is_note, debt_id in rows:
            kind = self._kind(move_type, residual, is_note)
            result.setdefault(account_id, []).append(
                {
                    "id": move_id,
                    # an interest note is of the debt whose delay it is for
                    "debt": debt_id or move_id,
                    "name": name,
                    "kind": kind,
                    "date": fields.Date.to_string(day) or "",
                    "due": fields.Date.to_string(due) or "",
                    "overdue": (today - due).days if due else 0,
                    "residual": self._minor(residual, currency),
                    "total": self._minor(total, currency),
                    "disputed": bool(disputed) and residual > 0,
                    # an earlier overpayment is set off by itself, it cannot be named
                    "tickable": kind in ("invoice", "credit_note", "interest_note"),
                }
            )
        return result

    @api.model
    def _kind(self, move_type, residual, is_note):
        if move_type == "out_refund":
            return "credit_note"
        if move_type == "out_invoice":
            return "invoice"
        if residual < 0:
            return "overpayment"
        return "interest_note" if is_note else "other"

    # --- what the payer did before

    @api.model
    def _history(self, match):
        """What came from this payer before: by account, and the latest payments with how each was decided."""
        same = self._same_payer(match)
        if not same:
            return {"by": "", "accounts": [], "payments": []}
        matches = self.env["bss.payment.match"]
        domain = [*same, ("state", "=", "booked"), ("company_id", "=", match.company_id.id), ("id", "!=", match.id)]
        groups = matches._read_group(
            [*domain, ("account_id", "!=", False)],  # a payment that was split has no single account
            ["account_id"],
            ["__count", "amount:sum", "date:max"],
            order="date:max desc",
            limit=MAX_PAST,
        )
        reasons = self._reason_labels()
        latest = matches.search(domain, order="date desc, id desc", limit=MAX_PAST)
        return {
            "by": same[0][0],
            "accounts": [
                {
                    "id": account.id,
                    "number": account.name,
                    "customer": account.partner_id.display_name,
                    "count": count,
                    "amount": self._minor(amount, match.currency_id),
                    "last": fields.Date.to_string(last),
                }
                for account, count, amount, last in groups
            ],
            "payments": [
                {
                    "id": each.id,
                    "date": fields.Date.to_string(each.date),
                    "amount": self._minor(each.amount, each.currency_id),
                    "title": each.title or "",
                    "number": ", ".join((each.account_id or each.part_ids.account_id).mapped("name")),
                    "how": reasons.get(each.reason, each.reason),
                    "who": each.decided_by_id.name or "",
                }
                for each in latest
            ],
        }

    @api.model
    def _same_payer(self, match):
        """By the payer's bank account, which says more than his name."""
        if match.payer_nrb and self.env["bss.payment.match"].search_count(
            [("payer_nrb", "=", match.payer_nrb), ("state", "=", "booked"), ("company_id", "=", match.company_id.id)],
            limit=1,
        ):
            return [("payer_nrb", "=", match.payer_nrb)]
        return [("payer_name", "=", match.payer_name)] if match.payer_name else []
