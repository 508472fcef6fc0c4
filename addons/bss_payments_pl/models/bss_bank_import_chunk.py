"""One step of an import: which entries are new, whose they are, and their booking."""

from collections import Counter
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from .. import adapters, booking
from ..bank_core import matching
from ..bank_core.allocation import Policy, allocate

#: what a statement derives from its lines
FROM_LINES = ("balance_end", "balance_end_real", "date", "first_line_index", "is_complete", "journal_id")


class BssBankImportChunk(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    def _bss_book_chunk(self, part, pairs):
        """Book the entries of one step that nobody imported before.

        :param pairs: [(transaction, key), …] of one statement
        """
        known = self._bss_known_keys([key for _tx, key in pairs])
        tally = Counter()
        fresh = []
        for tx, key in pairs:
            if key in known:
                tally["count_known"] += 1
            elif not tx.amount:
                tally["count_zero"] += 1
            else:
                fresh.append((tx, key))
                kind = "credits" if tx.amount > 0 else "debits"
                tally[f"count_{kind}"] += 1
                tally[f"amount_{kind}"] += abs(tx.amount)
        if known:
            part.count_known += tally["count_known"]
            self._bss_recognise(part, known)
        if fresh:
            self._bss_book_fresh(part, fresh)
        for name, value in tally.items():
            self[name] += float(value) if name.startswith("amount") else value

    def _bss_book_fresh(self, part, pairs):
        rows = self._bss_rows(pairs)
        goes_on = bool(part.statement_id.first_line_index)
        statement = self._bss_statement_of(part, pairs)
        # Odoo would read all lines of the statement for these again in every step
        kept = [statement._fields[name] for name in FROM_LINES] if goes_on else []
        try:
            with self.env.protecting(kept, statement):
                result = booking.write(self.env, self, statement, rows)
        except booking.ClashError as error:
            self._bss_try_later(error)
        if goes_on:
            self._bss_balance(statement, statement.balance_start, statement.balance_end_real)
        self.env["bss.payment.rule"]._bss_count_uses([row.match.rule_id for row in rows if row.match.rule_id])
        made = self.env["bss.payment.match"].browse(result.match_ids)
        if any(row.match.reason == "REVERSAL_OF_CREDIT" for row in rows):
            made.filtered(lambda match: match.reason == "REVERSAL_OF_CREDIT")._bss_settle_returns()
        return made

    def _bss_known_keys(self, wanted):
        """{key: id of the statement line} of those imported before, whatever file brought them."""
        if not wanted:
            return {}
        self.env["account.bank.statement.line"].flush_model(["bss_dedupe_key", "journal_id"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT bss_dedupe_key, id FROM account_bank_statement_line
                     WHERE journal_id = ANY(%s) AND bss_dedupe_key = ANY(%s)
                    """,
                    (self._bss_journals_of_account() | self._bss_line_journal()).ids,
                    list(wanted),
                )
            )
        )

    def _bss_journals_of_account(self):
        """Journals of this bank account: an entry of it is booked once, whichever of them its file is given to."""
        number = self.journal_id.bank_account_id.sanitized_acc_number
        if not number:
            return self.journal_id
        same = [("company_id", "=", self.company_id.id), ("bank_account_id.sanitized_acc_number", "=", number)]
        return self.journal_id | self.env["account.journal"].search(same)

    def _bss_rows(self, pairs):
        """Whose each payment is, and which debts it is set against: rows for the booking."""
        # debts are compared in the currency of the company
        worth = [self._bss_in_company_currency(tx) for tx, _key in pairs]
        found = self._bss_match(worth)
        booked = {match.account_id for match in found if match.decision == matching.BOOK and match.account_id}
        items = booking.open_items(self.env, booked)
        policy = self._bss_policy()
        rows = []
        for (tx, key), here, match in zip(pairs, worth, found, strict=True):
            account_id = match.account_id if match.decision == matching.BOOK and tx.amount > 0 else 0
            parts = ()
            if account_id:
                parts = allocate(items[account_id], round(here.amount * 100), match.document_ids, policy).parts
                items[account_id] = _left_open(items[account_id], parts)
            rows.append(booking.Row(tx, key, match, account_id or 0, parts))
        return rows

    def _bss_match(self, transactions):
        """What the matcher says of each of them."""
        reader = adapters.FactsReader(self.env, self.journal_id)
        matcher = matching.Matcher(reader.of(transactions), reader.settings)
        with matching.no_cycles():
            return [matcher.match(tx) for tx in transactions]

    def _bss_in_company_currency(self, tx):
        """The transaction as the books of the company see it, by the rate of its day."""
        home = self.company_id.currency_id
        if self.currency_id == home:
            return tx
        amount = self.currency_id._convert(float(tx.amount), home, self.company_id, tx.entry_date)
        return tx._replace(amount=Decimal(f"{amount:.2f}"))

    def _bss_policy(self):
        return Policy(order=self.company_id.bss_allocation_order)

    def _bss_keep_unreadable(self, part, rows):
        """Entries that cannot be read are listed, to be corrected and read again."""
        known = set(
            self.env["bss.payment.match"]
            .search([("journal_id", "=", self.journal_id.id), ("dedupe_key", "in", [key for _row, key in rows])])
            .mapped("dedupe_key")
        )
        self.env["bss.payment.match"].create(
            [
                {
                    "import_id": self.id,
                    "file_statement_id": part.id,
                    "date": part.date_end or self.date_end,
                    "amount": 0,
                    "state": "unallocated",
                    "reason": "UNREADABLE",
                    "raw": adapters.storable(row.raw),
                    "line_no": row.line,
                    "position": row.position,
                    "dedupe_key": key,
                    "title": self._bss_problem_text(row.problem),
                }
                for row, key in rows
                if key not in known
            ]
        )


def _left_open(items, parts):
    """The open items after a payment: the next one of the same account finds less."""
    taken = {part.item_id: part.amount for part in parts}
    left = (item._replace(residual=item.residual - taken.get(item.id, 0)) for item in items)
    return [item for item in left if item.residual]
