"""Importing a bank file: statements, what is certain booked, the rest listed; repeating it changes nothing."""

from odoo import fields, models
from odoo.tools import SQL

from .. import adapters, booking
from ..bank_core import keys, matching
from ..bank_core.allocation import Policy, allocate

BATCH = 2000


class BssBankImportBook(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    def _bss_import(self, progress=None):
        """Make the statements, book what is certain, list the rest. Repeating it changes nothing.

        :param progress: ``progress(done, total)`` called after each batch
        """
        for record in self:
            record.lock_for_update()
            if record.state == "received":
                record._bss_import_one(progress)

    def _bss_import_one(self, progress):
        # the statement belongs to accounting; who may import was checked by the access to this record
        record = self.sudo().with_company(self.company_id).with_context(tracking_disable=True)
        found = record._bss_parse()
        usable, _refusals = record._bss_usable(found)
        matcher = matching.Matcher(
            adapters.DirectoryBuilder(
                record.env, record.journal_id, [tx for s in usable for tx in s.transactions]
            ).build()
        )
        total = sum(len(s.transactions) for s in usable)
        tally = {"count_credits": 0, "count_debits": 0, "count_known": 0, "count_zero": 0}
        tally |= {"amount_credits": 0, "amount_debits": 0}
        done = 0
        for statement in usable:
            record._bss_check_chain(statement)
            fresh = record._bss_fresh(statement, found.dialect, tally)
            if not fresh and not statement.unreadable:
                done += len(statement.transactions)
                continue
            target = record._bss_make_statement(statement, fresh)
            for start in range(0, len(fresh), BATCH):
                batch = fresh[start : start + BATCH]
                record._bss_book_batch(target, batch, matcher)
                if progress:
                    progress(done + start + len(batch), total)
            record._bss_keep_unreadable(statement)
            done += len(statement.transactions)
        record.write(
            {
                **{name: float(value) if name.startswith("amount") else value for name, value in tally.items()},
                "state": "imported",
                "is_queued": False,
                "imported_at": fields.Datetime.now(),
            }
        )
        if progress:
            progress(total, total)

    def _bss_check_chain(self, statement):
        opening = statement.head.opening
        if opening is None:
            return
        last = adapters.last_statement(self.journal_id, statement.account, opening.day)
        self._bss_note_problems(list(keys.chain_problems([statement], last)))

    def _bss_fresh(self, statement, dialect, tally):
        """(transaction, key) not imported before; counts the others."""
        pairs = list(zip(statement.transactions, keys.dedupe_keys(statement, dialect), strict=True))
        known = self._bss_known_keys([key for _tx, key in pairs])
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
        return fresh

    def _bss_known_keys(self, wanted):
        if not wanted:
            return set()
        self.env["account.bank.statement.line"].flush_model(["bss_dedupe_key", "journal_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT bss_dedupe_key FROM account_bank_statement_line WHERE journal_id = %s AND bss_dedupe_key IN %s",
                self.journal_id.id,
                tuple(wanted),
            )
        )
        return {row[0] for row in rows}

    # Booking

    def _bss_make_statement(self, statement, fresh):
        closing = statement.closing
        movement = sum(tx.amount for tx, _key in fresh)
        opening = statement.opening
        if closing is None:
            opening = opening or 0
            closing = opening + movement
        elif len(fresh) != len(statement.transactions) or opening is None:
            # entries known before stand on an earlier statement: this one carries the rest
            opening = closing - movement - (statement.difference or 0)
        day = statement.foot.closing.day if statement.foot.closing else fresh[-1][0].entry_date if fresh else False
        return self.env["account.bank.statement"].create(
            {
                "name": f"{self.journal_id.code} {statement.number}/{day.year if day else ''}".strip("/ "),
                "reference": self.file_name,
                "journal_id": self.journal_id.id,
                "date": day,
                "balance_start": float(opening),
                "balance_end_real": float(closing),
                "bss_import_id": self.id,
                "bss_number": statement.number,
                "attachment_ids": [(4, self.attachment_id.id)],
            }
        )

    def _bss_book_batch(self, target, batch, matcher):
        """Statement lines, matches and reconciliation of one batch, each with one call."""
        found = [matcher.match(tx) for tx, _key in batch]
        items = booking.open_items(self.env, {m.account_id for m in found if m.decision == matching.BOOK})
        policy = Policy(order=self.company_id.bss_allocation_order)
        rows = []
        for (tx, key), match in zip(batch, found, strict=True):
            account_id = match.account_id if match.decision == matching.BOOK else 0
            parts = ()
            if account_id:
                parts = allocate(items[account_id], round(tx.amount * 100), match.document_ids, policy).parts
                used = {part.item_id: part.amount for part in parts}
                items[account_id] = [
                    item._replace(residual=item.residual - used.get(item.id, 0))
                    for item in items[account_id]
                    if item.residual != used.get(item.id, 0)
                ]
            rows.append(booking.Row(tx, key, match, account_id, parts))
        result = booking.write(self.env, self, target, rows)
        made = self.env["bss.payment.match"].browse(result.match_ids)
        return made

    def _bss_keep_unreadable(self, statement):
        taken = [(row, keys.unreadable_key(statement, row.raw, row.position)) for row in statement.unreadable]
        known = set(
            self.env["bss.payment.match"]
            .search([("journal_id", "=", self.journal_id.id), ("dedupe_key", "in", [key for _row, key in taken])])
            .mapped("dedupe_key")
        )
        self.env["bss.payment.match"].create(
            [
                {
                    "import_id": self.id,
                    "date": statement.foot.closing.day if statement.foot.closing else self.date_end,
                    "amount": 0,
                    "state": "unallocated",
                    "reason": "UNREADABLE",
                    "raw": adapters.storable(row.raw),
                    "line_no": row.line,
                    "position": row.position,
                    "dedupe_key": key,
                    "title": self._bss_problem_text(row.problem),
                }
                for row, key in taken
                if key not in known
            ]
        )

    def _bss_problem_text(self, problem):
        return (
            self.env["bss.bank.import.problem"]
            .new({"code": problem.code, "line_no": problem.line, "params": dict(problem.params)})
            .message
        )
