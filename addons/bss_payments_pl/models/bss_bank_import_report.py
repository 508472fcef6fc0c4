"""Mass-payment reports: they replace the daily sum of the statement, or confirm payments that stand on it."""

from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ..bank_core.model import Problem, Severity, StatementHead, Transaction

#: so many days after its report a sum is credited at the latest
SUM_DAYS = 5
#: and so many days around its date a payment of a report stands on the statement
NEAR_DAYS = 3
SUM_CODES = ("SUM_AWAITED", "SUM_NOT_FOUND", "SUM_DIFFERS", "SUM_AMBIGUOUS", "REPORT_UNCONFIRMED")


class BssBankImportReport(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    def _bss_line_journal(self):
        """Payments of a report stand on a clearing journal: the bank account itself shows their sum."""
        if self.kind == "report":
            return self.journal_id._bss_clearing_journal()
        return super()._bss_line_journal()

    def _bss_report_may_begin(self):
        """A report that replaces sums is booked when all of them stand on the statement, to the grosz.

        A report of an account whose statement shows every payment books nothing.
        """
        self._bss_forget(SUM_CODES)
        if self.journal_id.bss_report_mode != "sum":
            self._bss_confirm_payments()
            self.write({"state": "shown", "is_queued": False})
            return False
        open_parts = self.part_ids.filtered(lambda part: part.is_usable and not part.sum_line_id)
        found = {part: self._bss_sum_of(part) for part in open_parts}
        missing = [(part, problem) for part, (_match, problem) in found.items() if problem]
        for part, problem in missing:
            self._bss_note_problems([problem], part)
        if missing:
            self.write({"state": "waiting", "is_queued": False})
            return False
        for part, (match, _problem) in found.items():
            match._bss_book_sum(part)
        return True

    def _bss_sum_of(self, part):
        """(the credit that the report explains, None) or (nothing, why not)."""
        none = self.env["bss.payment.match"]
        if not part.amount_credits:
            return none, None
        waiting = [
            ("journal_id", "=", self.journal_id.id),
            ("import_id.kind", "!=", "report"),
            ("state", "in", ("proposed", "unallocated")),
            ("amount", ">", 0),
            ("payer_key", "in", (False, "")),
            ("statement_line_id", "!=", False),
        ]
        until = part.date_end + timedelta(days=SUM_DAYS)
        half = self.currency_id.rounding / 2
        equal = none.search(
            [
                *waiting,
                ("date", ">=", part.date_end),
                ("date", "<=", until),
                ("amount", ">", part.amount_credits - half),
                ("amount", "<", part.amount_credits + half),
            ],
            limit=2,
        )
        params = {"value": f"{part.amount_credits:.2f}", "day": str(part.date_end)}
        if len(equal) == 1 and len(self._bss_rivals(part)) == 1:
            return equal, None
        if equal:
            return none, Problem("SUM_AMBIGUOUS", Severity.WARNING, part.line_no, "", params)
        if not self._bss_day_came(part.date_end):
            return none, Problem("SUM_AWAITED", Severity.INFO, part.line_no, "", params)
        same_day = none.search([*waiting, ("date", "=", part.date_end)], limit=2)
        if len(same_day) == 1:
            params |= {
                "found": f"{same_day.amount:.2f}",
                "difference": f"{same_day.amount - part.amount_credits:.2f}",
            }
            return none, Problem("SUM_DIFFERS", Severity.ERROR, part.line_no, "", params)
        return none, Problem("SUM_NOT_FOUND", Severity.ERROR, part.line_no, "", params)

    def _bss_rivals(self, part):
        """Reports that the same credit could belong to, this one included."""
        near = part.search(
            [
                ("journal_id", "=", self.journal_id.id),
                ("kind", "=", "report"),
                ("is_usable", "=", True),
                ("sum_line_id", "=", False),
                ("import_id.state", "in", ("received", "waiting")),
                ("date_end", ">=", part.date_end - timedelta(days=SUM_DAYS)),
                ("date_end", "<=", part.date_end + timedelta(days=SUM_DAYS)),
            ]
        )
        return near.filtered(lambda one: not self.currency_id.compare_amounts(one.amount_credits, part.amount_credits))

    def _bss_day_came(self, day):
        """Whether a statement that covers the day was imported."""
        return bool(
            self.env["bss.bank.import.statement"].search_count(
                [
                    ("journal_id", "=", self.journal_id.id),
                    ("kind", "=", "statement"),
                    ("is_done", "=", True),
                    ("date_end", ">=", day),
                ],
                limit=1,
            )
        )

    # --- reports that confirm

    def _bss_confirm_payments(self):
        """Find the report's payments on the statements; tell undecided ones who paid."""
        told = 0
        taken = set()
        entries = []
        parts = iter(self.part_ids)
        part = None
        with self._bss_open() as stream:
            for event in stream:
                if isinstance(event, StatementHead):
                    part = next(parts)
                elif isinstance(event, Transaction) and part is not None and part.is_usable and event.amount > 0:
                    entries.append(event)
                    told += 1
                    if len(entries) == 2000:
                        self._bss_confirm(entries, taken)
                        entries = []
        self._bss_confirm(entries, taken)
        known = len(taken)
        self.write({"count_known": known, "progress_done": 0})
        if known < told:
            params = {"value": str(told - known), "count": str(told)}
            self._bss_note_problems([Problem("REPORT_UNCONFIRMED", Severity.INFO, params=params)])

    def _bss_confirm(self, entries, taken):
        """Which payments of statements the entries are.

        :param taken: ids of the payments that confirm an entry already; those of these entries are added
        """
        if not entries:
            return
        days = [tx.entry_date for tx in entries]
        keys = [(kind, word) for tx in entries for kind, word, _amount in _keys_of(tx)]
        references, receivers, payers = (
            list({word for kind, word in keys if kind == wanted}) for wanted in ("ref", "to", "from")
        )
        self.env["bss.payment.match"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT paid.id, round(paid.amount * 100)::bigint, paid.nrb, paid.payer_nrb, paid.bank_reference,
                       paid.entry_reference
                  FROM bss_payment_match paid JOIN bss_bank_import file ON file.id = paid.import_id
                 WHERE paid.journal_id = %s AND paid.date BETWEEN %s AND %s AND paid.amount > 0
                   AND file.kind != 'report'
                   AND (paid.bank_reference = ANY(%s) OR paid.entry_reference = ANY(%s) OR paid.nrb = ANY(%s)
                        OR paid.payer_nrb = ANY(%s))
              ORDER BY paid.id
                """,
                self.journal_id.id,
                min(days) - timedelta(days=NEAR_DAYS),
                max(days) + timedelta(days=NEAR_DAYS),
                references,
                references,
                receivers,
                payers,
            )
        )
        by_key = {}
        for match_id, amount, nrb, payer, *references in rows:
            keys = {("ref", word, amount) for word in references if word}
            keys |= {("to", nrb, amount)} if nrb else set()
            keys |= {("from", payer, amount)} if payer else set()
            for key in keys:
                by_key.setdefault(key, []).append(match_id)
        told = {}
        for tx in entries:
            match_id = _first_free(by_key, _keys_of(tx), taken)
            if match_id:
                taken.add(match_id)
                told[match_id] = tx
        self._bss_tell_payers(told)

    def _bss_tell_payers(self, told):
        """What the statement left out about a payment that nobody could place is known from the report."""
        waiting = (
            self.env["bss.payment.match"]
            .browse(told)
            .filtered(lambda match: match.state in ("proposed", "unallocated") and not match.payer_key)
        )
        for match in waiting:
            tx = told[match.id]
            if tx.payer_key:
                match.with_context(bss_booking=True).write(
                    {"payer_key": tx.payer_key, "title": match.title or tx.title, "channel": "virtual"}
                )
        waiting.filtered("payer_key")._bss_match_again(self.journal_id)

    def _bss_forget(self, codes):
        """Problems that are looked for anew."""
        self.problem_ids.filtered(lambda problem: problem.code in codes).sudo().unlink()


def _keys_of(tx):
    amount = round(tx.amount * 100)
    for word in (tx.bank_id, tx.bank_ref):
        if word:
            yield "ref", word, amount
    if tx.payer_key:
        yield "to", tx.payer_key, amount
    if tx.party_account:
        yield "from", tx.party_account, amount


def _first_free(by_key, keys, taken):
    for key in keys:
        free = [match_id for match_id in by_key.get(key, ()) if match_id not in taken]
        if free:
            return free[0]
    return None
