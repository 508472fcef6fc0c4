"""Another try: payments that wait are matched again, lines that could not be read are corrected."""

import logging
from dataclasses import replace
from decimal import Decimal

from odoo import models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError
from psycopg2 import OperationalError

from .. import adapters
from ..bank_core import formats, matching
from ..bank_core.keys import KeyMaker
from ..bank_core.model import Balance, StatementFoot, StatementHead, Transaction, Unreadable
from .bss_payment_inbox import WAITING

_logger = logging.getLogger(__name__)

#: payments whose facts are read together
BATCH = 1000
#: from so many on it takes a job
AT_ONCE = 50


class BssPaymentMatchAgain(models.Model):
    _inherit = "bss.payment.match"  # pylint: disable=consider-merging-classes-inherited

    def action_match_again(self):
        """Look for the account again (a virtual account or an invoice was added meanwhile) and book what is certain.

        More than a few are matched by a job, which tells when it is done.
        """
        run = self._bss_match_again_or_later()
        if run.is_done:
            return _notification("warning", run._bss_problem_words()) if run.problems else True
        return self._bss_told_of(run)

    def _bss_told_of(self, run):
        text = self.env._(
            "%(count)s payments are matched again in the background; you are told when it is done.",
            count=run.progress_total,
        )
        return _notification("info", text)

    def _bss_all_waiting(self):
        return self.search([("state", "in", WAITING), ("company_id", "in", self.env.companies.ids)])

    def _bss_match_again_or_later(self):
        """Match a few at once, and many by a job; what a job is under way to is left to it.

        :return: ``bss.payment.rematch`` that is done, or goes on in the background
        """
        self._bss_check_may_book()
        waiting = self._bss_waiting()
        runs = self.env["bss.payment.rematch"].sudo()
        going = runs._bss_going()
        to_come = {payment_id for run in going for payment_id in run._bss_to_come()}
        left = waiting.filtered(lambda match: match.id not in to_come)
        if waiting and not left:
            return going._bss_join()
        run = runs.create({"payment_ids": left.ids, "progress_total": len(left)})
        if len(left) < AT_ONCE:
            run._bss_all_steps()
        else:
            run._bss_delay()
        return run

    def _bss_waiting(self):
        """Those of the payments that nobody decided yet, journal by journal."""
        return self.sudo().search(
            [
                ("id", "in", self.ids),
                ("state", "in", WAITING),
                ("amount", ">", 0),
                ("statement_line_id", "!=", False),
            ],
            order="journal_id, id",
        )

    def _bss_match_apart(self):
        """Match these payments; where one of them raises, each by itself, so that it stops no other.

        :return: what was said about those that could not be matched, a text each
        """
        try:
            with self.env.cr.savepoint():
                self._bss_match_batches()
        except (OperationalError, RetryableJobError):
            raise
        except Exception as error:  # it raises whatever it stumbles upon
            if len(self) == 1:
                _logger.warning("Payment %s could not be matched again", self.id, exc_info=True)
                return [f"{self.display_name}: {error}"]
            return [text for one in self for text in one._bss_match_apart()]
        return []

    def _bss_match_batches(self):
        for journal, matches in self.grouped("journal_id").items():
            for start in range(0, len(matches), BATCH):
                matches[start : start + BATCH]._bss_match_again(journal)

    def _bss_match_again(self, journal):
        """One batch of one bank journal; what is undone or proposed before may be decided now."""
        reader = adapters.FactsReader(self.env, journal)
        batch = {match: match.import_id._bss_in_company_currency(adapters.transaction_of(match)) for match in self}
        matcher = matching.Matcher(reader.of(list(batch.values())), reader.settings)
        with matching.no_cycles():
            found = {match: matcher.match(tx) for match, tx in batch.items()}
        self.candidate_ids.unlink()
        certain = self.browse()
        for match, answer in found.items():
            books = answer.decision == matching.BOOK and bool(answer.account_id)
            vals = adapters.answer_vals(batch[match], answer)
            if match.proposed_by_id and not books:
                # a person looked at it: the matcher's guess is no better
                match.with_context(bss_booking=True).candidate_ids = vals["candidate_ids"]
                continue
            match.with_context(bss_booking=True).write(
                {
                    "account_id": answer.account_id or False,
                    "state": "proposed" if books or answer.decision == matching.PROPOSE else "unallocated",
                    **vals,
                }
            )
            if books:
                certain |= match
        self.env["bss.payment.rule"]._bss_count_uses(
            [found[match].rule_id for match in certain if found[match].rule_id]
        )
        if certain:
            certain._bss_book()
        for match in (self - certain).filtered(lambda one: not one.proposed_by_id):
            if found[match].decision == matching.IGNORE and found[match].rule_id:
                match.with_context(bss_booking=True).write({"state": "rejected", "account_id": False})

    # --- lines that could not be read

    def _bss_read_raw(self):
        """The corrected text as an entry, by the format and layout of its file."""
        self.ensure_one()
        record = self.import_id
        options = replace(record._bss_options(), dialect=record.dialect or "")
        return formats.read_entry(record.format or "mt940", self.raw or "", options, self.line_no, self.position)

    def action_read_again(self):
        """Read the corrected text of an unreadable line and import it like the others."""
        self._bss_check_may_book()
        for match in self:
            if match.reason != "UNREADABLE" or match.statement_line_id:
                raise UserError(self.env._("“%(name)s” is no unreadable line.", name=match.display_name))
            tx = match._bss_read_raw()
            if isinstance(tx, Unreadable):
                raise UserError(match.import_id._bss_problem_text(tx.problem))
            match._bss_replace_by(tx)
        return True

    def _bss_replace_by(self, tx):
        """Book the entry that this unreadable row turned out to be; the row goes on as its payment."""
        record = self.import_id.sudo().with_company(self.company_id).with_context(tracking_disable=True)
        part = self.sudo().file_statement_id or record.part_ids[:1]
        if not tx.amount:
            raise UserError(self.env._("The entry has no amount."))
        key = self._bss_corrected_key(record, part, tx)
        if not key:
            raise UserError(self.env._("This bank transaction was imported before."))
        candidates = self.candidate_ids
        self.sudo().with_context(bss_booking=True).write({"dedupe_key": f"read:{self.id}"})
        made = record._bss_book_fresh(part, [(tx, key)])
        kind = "credits" if tx.amount > 0 else "debits"
        record[f"amount_{kind}"] += abs(float(tx.amount))
        record[f"count_{kind}"] += 1
        record.count_unreadable -= 1
        part[f"amount_{kind}"] += abs(float(tx.amount))
        part.count_unreadable -= 1
        record._bss_fix_balances(part)
        candidates.sudo().unlink()
        self.sudo().unlink()
        return made

    def _bss_corrected_key(self, record, part, tx):
        """Key of an entry that was corrected; "" when it was imported before.

        Equal rows of a report are told apart by their order: this one comes after those of its file that could be
        read and those that were corrected before. So it is new, unless another report brought as many of them.
        """
        key = KeyMaker(_head_of(part), record.dialect or "").key(tx)
        known = record._bss_known_keys([key])
        if known and part.kind == "report":
            maker = record._bss_maker_after(part)
            corrected = True
            while known and corrected:
                key = maker.key(tx)
                known = record._bss_known_keys([key])
                lines = self.env["account.bank.statement.line"].sudo().browse(known.values())
                corrected = lines.bss_match_ids.import_id == record
        return "" if known else key


class BssBankImport(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    def _bss_maker_after(self, part):
        """The maker of keys as it was after the readable entries of a statement of the file."""
        parts, maker = iter(self.part_ids), None
        with self._bss_open() as stream:
            for event in stream:
                if isinstance(event, StatementHead):
                    maker = KeyMaker(event, stream.dialect) if next(parts) == part else None
                elif maker and isinstance(event, Transaction):
                    maker.key(event)
                elif maker and isinstance(event, StatementFoot):
                    break
        return maker


def _notification(kind, text):
    return {"type": "ir.actions.client", "tag": "display_notification", "params": {"type": kind, "message": text}}


def _head_of(part):
    """Where the entry stands, as its key names it."""
    opening = None
    if part.has_opening and part.date_start:
        opening = Balance(Decimal(f"{part.balance_start:.2f}"), part.date_start, part.currency_code, part.line_no)
    return StatementHead(
        part.line_no,
        "",
        part.account_number or "",
        part.number or "",
        part.page or "",
        opening,
        part.currency_code or "",
        kind=part.kind,
    )
