"""The PDF of actions: printed for a whole batch at once, frozen in the archive."""

from datetime import UTC, datetime, time, timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import amount_in_words, format_date, format_money, format_nrb
from odoo.addons.bss_contracts.report import invoice_data, typst_engine
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import file_path

from .. import adapters
from ..adapters_letter import LetterDesk
from ..report import dunning_letter
from .bss_dunning_template import NOTICES

LETTER_TEMPLATE = "bss_dunning/report/typst/dunning_letter.typ"
# documents up to which a letter mostly fits on one page
ONE_PAGE_ROWS = 8
DOCUMENT_KINDS = {"reminder": "reminder", "balance": "other"}


class BssDunningActionLetterPdf(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    def _bss_execute(self, as_of, by_hand=False):
        """Letters of a batch share one desk, which reads what they say once."""
        desk = LetterDesk(self.env, as_of, self)
        return super(BssDunningActionLetterPdf, self.with_context(bss_letter_desk=desk))._bss_execute(as_of, by_hand)

    def _bss_do_letter(self, as_of):
        self._check_documents()
        document = self._bss_archive_letter(as_of, "post")
        return self.env._("Letter %(number)s by post.", number=document.name)

    def _check_documents(self):
        if not self.line_ids and self.letter_kind != "balance":
            raise UserError(self.env._("No document is open any more."))

    def _bss_archive_letter(self, as_of, channel):
        """The PDF, frozen in the archive."""
        self.ensure_one()
        return self._bss_archive_letters(as_of, channel)

    def _bss_archive_letters(self, as_of, channel):
        """PDFs of these actions, frozen in the archive, one document each."""
        desk = self.with_context(bss_as_of=as_of)._bss_desk()
        entries = {}
        for action in self:
            text = desk.text(action)
            number = desk.number(action.company_id)
            data, assets = action._bss_letter_data(as_of, number, desk)
            code = desk.barcode() if channel == "post" else None
            data |= {"barcode": code} if code else {}
            pdf = self._bss_print_letter(data, assets, as_of)
            entries.setdefault((DOCUMENT_KINDS.get(text.kind, "demand"), action.company_id), []).append(
                {
                    "name": number,
                    "pdf": pdf,
                    "record": action,
                    "account": action.account_id,
                    "channel": channel,
                    "issued_at": action._bss_issued_at(as_of),
                    "print": {
                        "print_franking": text.franking,
                        "print_pages": typst_engine.page_count(pdf),
                        "print_address": data["recipient"],
                        "print_barcode": code["text"] if code else False,
                    },
                }
            )
        archive = self.env["bss.document"].sudo()
        documents = archive.browse()
        for (kind, company), group in entries.items():
            documents |= archive.with_company(company)._bss_archive_many(kind, group)
        by_action = {document.res_id: document for document in documents}
        for action in self:
            action.document_id = by_action[action.id]
            if channel == "post":
                action._bss_note_postage(desk)
        return documents

    @api.model
    def _bss_print_letter(self, data, assets, as_of):
        """PDF bytes."""
        template = file_path(LETTER_TEMPLATE, filter_ext=(".typ",))
        short = len(data["documents"]) <= ONE_PAGE_ROWS
        render = typst_engine.render_short if short else typst_engine.render
        return render(template, data, assets, as_of)

    def _bss_issued_at(self, as_of):
        """Now; for the run of a past day the beginning of that day in Poland."""
        day = datetime.combine(as_of, time.min, tzinfo=polish_day.POLAND).astimezone(UTC).replace(tzinfo=None)
        now = fields.Datetime.now()
        return now if day + timedelta(days=1) > now else day

    @api.model
    def _bss_letter_numbers(self, company, day, count):
        """``count`` numbers of letters in one go."""
        return self._bss_sequence_numbers("bss.dunning.letter", company, day, count)

    @api.model
    def _bss_sequence_numbers(self, code, company, day, count):
        """``count`` next numbers of a sequence, by one query where the sequence is one of the database."""
        sequences = self.env["ir.sequence"].sudo().with_company(company)
        sequence = sequences.search(
            [("code", "=", code), ("company_id", "in", [company.id, False])],
            order="company_id",
            limit=1,
        )
        dates = sequence.date_range_ids.filtered(lambda one: one.date_from <= day <= one.date_to)[:1]
        if count == 1 or sequence.implementation != "standard" or (sequence.use_date_range and not dates):
            return [sequences.next_by_code(code, sequence_date=day) for _one in range(count)]
        name = f"ir_sequence_{sequence.id:03d}" + (f"_{dates.id:03d}" if sequence.use_date_range else "")
        rows = self.env.execute_query(SQL("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", name, count))
        named = sequence.with_context(ir_sequence_date=day, ir_sequence_date_range=dates.date_from if dates else day)
        return [named.get_next_char(number) for (number,) in rows]

    # What is printed

    def _bss_letter_data(self, as_of, number, desk=None):
        """Everything the letter template prints, as plain text; extended by super()."""
        action = self.sudo()
        desk = desk or action.with_context(bss_as_of=as_of)._bss_desk()
        text = desk.text(action)
        company = action.company_id
        seller, assets = desk.seller(company)
        words = dunning_letter.words_of(text, action._bss_text_values(desk, text))
        window = company._bss_letter_window_box()
        return {
            "lang": "pl",
            "kind": text.kind,
            "number": number,
            "date": format_date(as_of),
            "place_date": ", ".join(filter(None, [company.city, format_date(as_of)])),
            "seller": seller,
            "recipient": invoice_data.recipient(action.partner_id, "pl"),
            "references": action._bss_letter_references(),
            **({"window": window} if window else {}),
            **words,
            **action._bss_letter_money(desk, text, as_of),
        }, assets

    def _bss_letter_references(self):
        rows = [["Numer konta abonenta", self.account_id.name], ["Numer sprawy", self.case_id.name]]
        return [row for row in rows if row[1]]

    def _bss_letter_money(self, desk, text, as_of):
        """Table, sums and the block that says what to pay where."""
        if text.kind == "balance":
            return self._bss_letter_balance(desk)
        items = desk.items(self)
        sums, compensations, _failed = self._bss_letter_sums(desk, text)
        credit = adapters.to_money(self.case_id.amount_credit)
        left = sum((item.left for item in items), dunning_letter.ZERO)
        seller = desk.seller(self.company_id)[0]
        return {
            "with_interest": text.with_interest,
            "documents": dunning_letter.rows_of(items),
            "sums": dunning_letter.row_sums(items),
            "remarks": dunning_letter.remarks(
                sums,
                left,
                credit,
                as_of,
                compensations,
                text.with_interest,
                any(item.bearing and item.bearing.covered_to for item in items),
            ),
            "amount_label": "Do zapłaty",
            "amount": format_money(sums.amount),
            "words": amount_in_words(sums.amount),
            "deadline": self._bss_deadline_words(text.kind, desk),
            "payment": dunning_letter.payment_block(
                sums.amount, format_nrb(desk.nrb(self.account_id)), seller, self.account_id.name or ""
            ),
        }

    def _bss_deadline_words(self, kind, desk):
        """The pay-by date; of a notice the statutory days, which begin with its delivery."""
        if kind not in NOTICES or desk.chain is None:
            return format_date(self.deadline)
        days = getattr(desk.chain, f"pay_after_{kind}")
        return f"{days} dni od dnia doręczenia tego pisma"

    def _bss_letter_balance(self, desk):
        return self._bss_balance_block(desk, self.account_id)

    @api.model
    def _bss_balance_block(self, desk, account):
        """Everything open on an account, for a confirmation of its balance."""
        movements = desk.balance(account)
        rows, sums = dunning_letter.balance_rows(movements)
        balance = sum((left for *_rest, left in movements), dunning_letter.ZERO)
        favour = "Saldo na naszą korzyść" if balance >= 0 else "Saldo na Państwa korzyść"
        return {
            "with_interest": False,
            "documents": rows,
            "sums": sums,
            "remarks": [],
            "amount_label": favour,
            "amount": format_money(abs(balance)),
            "words": amount_in_words(abs(balance)),
            "deadline": "",
            "payment": None,
        }

    # Delivery

    def _bss_delivered_on(self):
        """Polish day of proven delivery of the letter, None when not proven."""
        document = self.document_id.sudo()
        delivered = document.delivered_at
        if not delivered or document.state == "returned":
            return None
        return polish_day.day_of(delivered)
