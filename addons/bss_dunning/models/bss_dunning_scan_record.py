"""Recording of a letter by its scanned code: found, compared with what is known, written.

Whoever may record the delivery of documents may scan, also who may not see debts: the letter is looked up in the user's
companies past the record rules, and nothing but its number and its addressee is told.
"""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..dunning_core.letters.address import address_of
from ..dunning_core.printing import scan as codes
from ..dunning_core.printing.ack import AckRow
from ..dunning_core.printing.ack_check import PLAIN, is_known, problem
from .bss_document_returned import RETURN_REASONS
from .bss_dunning_scan import MODES

LONGEST = 80  # characters of a code
SHOWN = 100  # scans of the day that the screen lists when it opens


class BssDunningScanRecord(models.Model):
    _inherit = "bss.dunning.scan"  # pylint: disable=consider-merging-classes-inherited

    # The screen

    @api.model
    def get_screen(self):
        """What the screen shows when it opens: modes, reasons, what this user scanned today."""
        scanner = self._bss_scanner()
        return {
            "today": fields.Date.to_string(polish_day.today()),
            "company": ", ".join(self.env.companies.mapped("name")),
            "modes": self._fields["mode"]._description_selection(self.env),
            "reasons": self._fields["return_reason"]._description_selection(self.env),
            "scans": [scan._bss_result("done") for scan in scanner._bss_own_today(SHOWN)],
        }

    @api.model
    def _bss_scanner(self):
        """Past the record rules, for who may write on documents, in the companies that are this user's.

        They are asked for before ``sudo``, which would believe whatever companies the caller names; nothing else that
        he says of the context goes on, except his language.
        """
        self.env["bss.document"].check_access("write")
        context = {"lang": self.env.lang, "allowed_company_ids": self.env.companies.ids}
        return self.sudo().with_context(context)  # pylint: disable=context-overridden  # keywords could only add keys

    @api.model
    def _bss_own_today(self, limit):
        """Scans of this user on this day that stand, the last one first."""
        return self.search(
            [
                ("user_id", "=", self.env.uid),
                ("undone_at", "=", False),
                ("company_id", "in", self.env.companies.ids),
                ("scanned_at", ">=", self._bss_midnight()),
            ],
            limit=limit,
        )

    def _bss_result(self, status):
        letter = self._bss_words_of(self.document_id)
        return {**letter, "status": status, "id": self.id, "mode": self.mode, "text": self._bss_recorded_text()}

    def _bss_recorded_text(self):
        day = format_date(self.env, self.date)
        if self.mode == "posted":
            number = self.tracking_no or ""
            return self.env._("Posted on %(day)s %(number)s", day=day, number=number).strip()
        if self.mode == "delivered":
            return self.env._("Delivered on %(day)s", day=day)
        reason = dict(self._fields["return_reason"]._description_selection(self.env))[self.return_reason]
        if self.return_reason == "refused":
            return self.env._("%(reason)s on %(day)s: counts as delivered", reason=reason, day=day)
        return self.env._("Came back on %(day)s: %(reason)s", day=day, reason=reason)

    @api.model
    def _bss_words_of(self, document):
        """The number and the addressee, as they stand on the envelope."""
        address = address_of(document.print_address or {}).name
        return {"letter": document.name, "addressee": address or document.partner_id.display_name or ""}

    # One scan

    @api.model
    def record_letter(self, code, mode, day, reason="", number=None):
        """Record what became of a letter.

        :param code: what was scanned off it
        :param mode: delivered, returned or posted
        :param day: when, as 2026-11-23
        :param reason: why it came back
        :param number: number of the post, for posted letters; None when it was not scanned yet
        :return: ``status`` (done, known, number when that of the post is wanted, refused) with ``letter``,
            ``addressee`` and ``text``
        """
        scanner = self._bss_scanner()
        code, mode, reason = (str(told or "")[:LONGEST] for told in (code, mode, reason))
        document, fault = scanner._bss_find(code)
        letter = scanner._bss_words_of(document) if document else {"letter": "", "addressee": ""}
        if fault:
            return {**letter, "status": "refused", "text": fault, "mode": mode}
        try:
            with self.env.cr.savepoint():
                result = scanner._bss_take(document, code, mode, day, reason, number)
        except UserError as error:  # what the document itself refuses
            result = {"status": "refused", "text": str(error)}
        return {"mode": mode, **letter, **result}

    def _bss_find(self, text):
        """(the letter that carries this code, why there is none)"""
        code = codes.read(text)
        documents = self.env["bss.document"]
        if code.kind == "empty":
            return documents, self.env._("Nothing was scanned.")
        if code.kind == "misread":
            return documents, self.env._("The barcode %(code)s was misread: scan it again.", code=code.value)
        found = self._bss_with_code(code, text.strip())
        if not found:
            words = self.env._("No letter of your company has the code %(code)s.", code=code.value)
            return documents, words
        if len(found) > 1:
            return documents, self.env._("Several letters have the number %(code)s: scan the barcode.", code=code.value)
        return found, ""

    def _bss_with_code(self, code, text):
        """Letters of the user's companies with this barcode, number of the post, or own number."""
        documents = self.env["bss.document"]
        own = [("company_id", "in", self.env.companies.ids)]
        if code.kind == "barcode":
            printed = documents.search([*own, ("print_barcode", "=", code.value)])
            lines = self.env["bss.dunning.print.line"].search([*own, ("barcode", "=", code.value)])
            return printed or lines.document_id
        posted = documents.search([*own, ("tracking_no", "in", [code.value, text])], limit=2)
        return posted or documents.search([*own, ("name", "=", text), ("channel", "=", "post")], limit=2)

    def _bss_take(self, document, code, mode, day, reason, number):
        row, fault = self._bss_row(document, mode, day, reason, number)
        fault = fault or self._bss_way_fault(document)
        if fault:
            return {"status": "refused", "text": fault}
        known = document._bss_posted()
        if self._bss_repeats(document, row, known):
            return {"status": "known", "text": self._bss_known_words(document)}
        fault = self._bss_row_fault(document, row, known)
        if fault:
            return {"status": "refused", "text": fault}
        wanted = self._bss_number_wanted(document, row, known, number)
        return wanted or self._bss_write(document, row, code, mode)._bss_result("done")

    def _bss_number_wanted(self, document, row, known, number):
        """Registered letters are posted under a number, scanned after the letter; of some nobody said how they go."""
        open_franking = not document.print_line_ids and not document.print_franking
        if not row.sent or row.tracking or (known.franking == PLAIN and not open_franking):
            return None
        if number is None:
            return {"status": "number", "text": self.env._("Now scan the posting number."), "optional": open_franking}
        if open_franking:
            return None
        return {"status": "refused", "text": self.env._("A registered letter has a posting number: scan it.")}

    def _bss_row(self, document, mode, day, reason, number):
        """(what was scanned as news of the letter, what is wrong with it)"""
        try:
            on = fields.Date.to_date(str(day or ""))
        except ValueError:
            on = None
        if mode not in dict(MODES):
            return None, self.env._("Choose what to record.")
        if not on:
            return None, self.env._("Choose the day.")
        if on > polish_day.today():
            return None, self.env._("This day has not come yet.")
        if mode == "returned" and reason not in dict(RETURN_REASONS):
            return None, self.env._("Choose why the letter came back.")
        tracking, fault = self._bss_number(document, number) if mode == "posted" and number else ("", "")
        return AckRow(
            line=0,
            doc_id=document.id,
            sent=on if mode == "posted" else None,
            tracking=tracking,
            delivered=on if mode == "delivered" else None,
            reason=reason if mode == "returned" else "",
            returned=on if mode == "returned" else None,
        ), fault

    def _bss_number(self, document, number):
        """(number of the post, why it cannot be this letter's)"""
        value = codes.posting_number(str(number)[:LONGEST])
        if not value:
            return "", self.env._("%(number)s is no posting number.", number=str(number)[:LONGEST])
        taken = self.env["bss.document"].search(
            [("company_id", "=", document.company_id.id), ("tracking_no", "=", value), ("id", "!=", document.id)],
            limit=1,
        )
        if taken:
            return "", self.env._("Letter %(letter)s was posted under %(number)s.", letter=taken.name, number=value)
        return value, ""

    # What keeps a letter from being recorded

    def _bss_way_fault(self, document):
        """Why this letter is not on its way, or an empty text."""
        line = document.print_line_ids
        if document.channel != "post":
            return self.env._("This document did not go by post.")
        if line.batch_id.state == "draft":
            return self.env._("Print batch %(batch)s was not handed over yet.", batch=line.batch_id.name)
        if line.state == "left_out":
            return self.env._("This letter was left out of its batch.")
        return ""

    def _bss_repeats(self, document, row, known):
        if row.sent:
            same = row.tracking in ("", document.tracking_no or "")
            return row.sent == known.sent and same and bool(document.tracking_no or known.franking == PLAIN)
        return is_known(row, known)

    def _bss_row_fault(self, document, row, known):
        """Why the news do not fit the letter, or an empty text."""
        unposted = document.state == "issued" and not document.print_line_ids
        if unposted and not row.sent:
            return self.env._("This letter was not posted yet: record its posting first.")
        if row.sent and known.settled:
            return self._bss_otherwise(document)
        if row.tracking and document.tracking_no not in (False, "", row.tracking):
            return self.env._("Posted under %(number)s already.", number=document.tracking_no)
        error = problem(row, known)
        if not error:
            return ""
        if error.code in ("DELIVERED_OTHERWISE", "SENT_OTHERWISE"):
            return self._bss_otherwise(document)
        return self.env["bss.dunning.print.ack"]._bss_error_words()[error.code]

    def _bss_otherwise(self, document):
        return self.env._("Something else is recorded: %(what)s.", what=self._bss_state_words(document))

    def _bss_known_words(self, document):
        return self.env._("Recorded already: %(what)s.", what=self._bss_state_words(document))

    def _bss_state_words(self, document):
        """What is recorded of a letter, in words of this screen."""
        known = document._bss_posted()
        reasons = dict(self._fields["return_reason"]._description_selection(self.env))
        if known.delivered:
            day = format_date(self.env, known.delivered)
            told = self.env._("delivered on %(day)s", day=day)
            return f"{told} ({reasons[known.reason]})" if known.reason else told
        if known.settled:
            returned = document.print_line_ids.returned_on or document.returned_on
            day = format_date(self.env, returned) if returned else ""
            told = [self.env._("came back"), day, reasons.get(known.reason, "")]
            return " ".join(filter(None, told))
        day = format_date(self.env, known.sent) if known.sent else ""
        return " ".join(filter(None, [self.env._("posted"), day, document.tracking_no]))

    # Writing

    def _bss_write(self, document, row, code, mode):
        """Record, by the way of acknowledgements, and remember what was before."""
        before, held = self._bss_facts(document), self._bss_holds_of(document)
        activities = document.dunning_action_ids.case_id.activity_ids
        origin = self.env._("Scanned by %(user)s", user=self.env.user.name)
        line = document.print_line_ids
        (line or document)._bss_acknowledge(row, origin)
        line.batch_id._bss_close_acknowledged()
        holds = self._bss_holds_of(document)
        return self.create(
            {
                "document_id": document.id,
                "user_id": self.env.uid,
                "scanned_at": fields.Datetime.now(),
                "code": code,
                "mode": mode,
                "date": row.sent or row.delivered or row.returned,
                "return_reason": row.reason or False,
                "tracking_no": row.tracking or False,
                "before": before,
                "after": self._bss_facts(document),
                "hold_ids": [fields.Command.set((holds - held).ids)],
                "activity_ids": [
                    fields.Command.set((document.dunning_action_ids.case_id.activity_ids - activities).ids)
                ],
                "replaced_hold": bool(held - holds),
            }
        )
