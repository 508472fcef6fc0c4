"""Odoo's statements of an import: opening, closing, what was told before by a notice, and their neighbours."""

from odoo import models
from odoo.tools import SQL

from .. import adapters
from ..bank_core import chain
from ..bank_core.model import Problem, Severity


class BssBankImportLedger(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    def _bss_statement_of(self, part, pairs=()):
        """The statement that the entries of a part go to, made when the first one does."""
        if part.statement_id:
            return part.statement_id
        day = part.date_end or (pairs[-1][0].entry_date if pairs else self.date_end)
        number = "/".join(word for word in (part.number, part.page) if word)
        movement = part.amount_credits - part.amount_debits
        opening = part.balance_start if part.has_opening else part.balance_end - movement
        closing = part.balance_end if part.has_closing else opening + movement
        part.statement_id = self.env["account.bank.statement"].create(
            {
                "name": f"{self._bss_line_journal().code} {number}/{day.year if day else ''}".strip("/ "),
                "reference": self.file_name,
                "journal_id": self._bss_line_journal().id,
                "date": day,
                "balance_start": opening,
                "balance_end_real": closing,
                "bss_import_id": self.id,
                "bss_number": part.number,
                "attachment_ids": [(4, self.attachment_id.id)],
            }
        )
        return part.statement_id

    def _bss_recognise(self, part, line_of):
        """Entries told before by a notice now stand on their statement.

        :param line_of: {key: id of the statement line}
        """
        if part.kind != "statement":
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, line.statement_id
                  FROM account_bank_statement_line line
                  JOIN account_bank_statement statement ON statement.id = line.statement_id
                  JOIN bss_bank_import file ON file.id = statement.bss_import_id
                 WHERE line.id = ANY(%s) AND file.kind IN ('interim', 'notice')
                """,
                list(line_of.values()),
            )
        )
        if not rows:
            return
        statement = self._bss_statement_of(part)
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE account_bank_statement_line SET statement_id = %s WHERE id = ANY(%s) RETURNING id",
                statement.id,
                [row[0] for row in rows],
            )
        )
        self.env["account.bank.statement.line"].invalidate_model(["statement_id"])
        told = self.env["account.bank.statement"].browse({row[1] for row in rows})
        for notice in told:
            self._bss_balance(notice, notice.balance_start, None)

    def _bss_end_part(self, part):
        """All entries of a part are booked: its balances are fixed, and its neighbours looked at."""
        if part.statement_id:
            self._bss_fix_balances(part)
        if part.kind == "statement":
            self._bss_check_chain(part)
        part.is_done = True

    def _bss_fix_balances(self, part):
        """Entries known before stand on another statement: this one carries the rest."""
        movement = self._bss_movement(part.statement_id)
        opening, closing = part.balance_start, part.balance_end
        lost = closing - opening - (part.amount_credits - part.amount_debits)
        if not part.has_closing:
            opening = opening if part.has_opening else 0
            closing = opening + movement
        elif part.count_known or not part.has_opening:
            opening = closing - movement - (lost if part.has_opening else 0)
        self._bss_balance(part.statement_id, opening, closing, part.date_end)

    def _bss_movement(self, statement):
        self.env["account.bank.statement.line"].flush_model(["amount", "statement_id"])
        query = SQL(
            "SELECT COALESCE(sum(amount), 0) FROM account_bank_statement_line WHERE statement_id = %s", statement.id
        )
        return float(self.env.execute_query(query)[0][0])

    def _bss_balance(self, statement, opening, closing, day=None):
        """Balances as the lines give them; Odoo's own way would fetch every line of the statement.

        :param closing: None = what the lines add up to
        """
        self.env.flush_all()
        movement = self._bss_movement(statement)
        digits = statement.currency_id.decimal_places or 2
        ends = round(opening + movement, digits)
        real = ends if closing is None else round(closing, digits)
        self.env.execute_query(
            SQL(
                """
                UPDATE account_bank_statement statement
                   SET balance_start = %(opening)s, balance_end = %(ends)s, balance_end_real = %(real)s,
                       date = COALESCE(%(day)s, statement.date),
                       first_line_index = found.first_line, is_complete = found.first_line IS NOT NULL AND %(ends)s = %(real)s
                  FROM (SELECT min(line.internal_index) AS first_line
                          FROM account_bank_statement_line line WHERE line.statement_id = %(id)s) found
                 WHERE statement.id = %(id)s RETURNING statement.id
                """,
                opening=round(opening, digits),
                ends=ends,
                real=real,
                day=day or None,
                id=statement.id,
            )
        )
        statement.invalidate_recordset()

    # --- neighbours

    def _bss_check_chain(self, part):
        """Say what is missing before a statement, and what one that comes late has brought."""
        link, others = adapters.link_of(part), adapters.links_of(part)
        previous, following = chain.before(link, others), chain.after(link, others)
        found = list(chain.problems(link, previous))
        if following is None and link.to_page:
            found.append(chain.awaited(link))
        if following is not None and others[following].import_id != self:
            found.append(chain.late(link, following))
            self._bss_close_gap(link, following, others[following])
        if previous is not None and previous.to_page:
            self._bss_resolve(others[previous], {"PAGE_AWAITED"})
        self._bss_note_problems(found, part)

    def _bss_close_gap(self, link, following, part):
        """What was missing before a later statement may have come now."""
        still = {problem.code for problem in chain.problems(following, link)}
        self._bss_resolve(part, chain.GAPS - still)

    def _bss_resolve(self, part, codes):
        self.env["bss.bank.import.problem"].sudo().search(
            [("part_id", "=", part.id), ("code", "in", list(codes)), ("resolved_by_id", "=", False)]
        ).resolved_by_id = self

    def _bss_chain_may_begin(self):
        """Whether the journal takes a statement that does not go on from the one before it."""
        self._bss_forget(chain.GAPS | {"GAP_BLOCKS"})
        if self.journal_id.bss_gap_mode != "block" or self.env.context.get("bss_import_anyway"):
            return True
        gaps = self._bss_gaps()
        if not gaps:
            return True
        for part, problem in gaps:
            self._bss_note_problems([problem], part)
        self._bss_note_problems([Problem("GAP_BLOCKS", Severity.ERROR)])
        self.write({"state": "blocked", "is_queued": False})
        return False

    def _bss_gaps(self):
        """Problems of the chain before anything of the file is booked; all its statements count as come."""
        found = []
        for part in self.part_ids.filtered(lambda part: part.is_usable and part.kind == "statement"):
            link, others = adapters.link_of(part), adapters.links_of(part)
            found += [(part, problem) for problem in chain.problems(link, chain.before(link, others))]
        return found
