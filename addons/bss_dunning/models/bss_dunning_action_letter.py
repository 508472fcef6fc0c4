"""Words of actions: texts of the step, of its template or of the hand that wrote them, with their values."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import format_date, format_money, format_nrb

from .. import adapters
from ..adapters_letter import LetterDesk
from ..report import dunning_letter
from .bss_dunning_template import FRANKINGS, LETTER_KINDS, WITH_INTEREST, LetterText

HEAD = ("Dokument", "Wystawiony", "Termin płatności", "Kwota", "Do zapłaty")


class BssDunningActionLetter(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    letter_kind = fields.Selection(LETTER_KINDS, readonly=True, copy=False, help="Of a letter written by hand.")
    own_title = fields.Char(readonly=True, copy=False)
    own_salutation = fields.Char(readonly=True, copy=False)
    own_text = fields.Text(readonly=True, copy=False)
    own_legal_text = fields.Text(readonly=True, copy=False)
    own_sms_text = fields.Text(readonly=True, copy=False)
    own_franking = fields.Selection(FRANKINGS, readonly=True, copy=False)

    # Words

    @api.depends(
        "amount",
        "deadline",
        "line_ids",
        "own_text",
        "own_title",
        "step_id.letter_text",
        "step_id.letter_title",
        "step_id.template_id",
    )
    @api.depends_context("bss_as_of")
    def _compute_words(self):
        """For all actions together: a batch of e-mails reads its documents once."""
        desk = self._bss_desk(self)
        for action in self:
            text = desk.text(action)
            words = dunning_letter.words_of(text, action._bss_text_values(desk, text))
            action.amount_text = format_money(adapters.to_money(action.amount))
            action.deadline_text = format_date(action.deadline)
            action.nrb_text = format_nrb(desk.nrb(action.account_id))
            action.letter_title = words["title"]
            action.letter_html = Markup("").join(Markup("<p>%s</p>") % part for part in words["paragraphs"])
            action.documents_html = self._bss_documents_html(desk.items(action))

    def _bss_desk(self, actions=None):
        """The desk of the batch under way; without one, a desk for these actions and those read with them."""
        desk = self.env.context.get("bss_letter_desk")
        if isinstance(desk, LetterDesk):
            return desk
        as_of = fields.Date.to_date(self.env.context.get("bss_as_of"))
        as_of = as_of or self[:1].date or polish_day.today()
        return LetterDesk(self.env, as_of, actions if actions is not None else self.browse(self._prefetch_ids))

    def _bss_own_text(self):
        """Words that a person wrote for this one letter."""
        self.ensure_one()
        return LetterText(
            kind=self.letter_kind or "reminder",
            title=self.own_title or "",
            salutation=self.own_salutation or "",
            body=self.own_text or "",
            legal=self.own_legal_text or "",
            sms=self.own_sms_text or "",
            with_interest=self.letter_kind in WITH_INTEREST,
            franking=self.own_franking or "plain",
        )

    def _bss_letter_sums(self, desk, text):
        """(sums, compensations, what was left out and why)"""
        items = desk.items(self)
        results = desk.compensation(self.account_id, items) if text.with_interest else []
        good = [(document, one) for document, one in results if desk.is_compensation(one)]
        failed = [
            self.env._("No compensation for %(document)s: %(why)s", document=document, why=why)
            for document, failure in results
            if not desk.is_compensation(failure)
            for why in self.env["bss.legal.text"]._bss_sentences([failure])
        ]
        return dunning_letter.sums_of(adapters.to_money(self.amount), items, good), good, failed

    def _bss_text_values(self, desk, text):
        """{placeholder: text} of this action."""
        facts = desk.facts(self.account_id, self.case_id, desk.items(self), self.deadline)
        return dunning_letter.text_values(self._bss_letter_sums(desk, text)[0], facts)

    @api.model
    def _bss_documents_html(self, items):
        cell = Markup("<td style='padding:4px 12px 4px 0'>%s</td>")
        names = ("document", "issued", "due", "total", "open")
        rows = Markup("").join(
            Markup("<tr>%s</tr>") % Markup("").join(cell % row[name] for name in names)
            for row in dunning_letter.rows_of(items)
        )
        titles = Markup("").join(
            Markup("<th style='text-align:left;padding:4px 12px 4px 0'>%s</th>") % text for text in HEAD
        )
        return Markup("<table><thead><tr>%s</tr></thead><tbody>%s</tbody></table>") % (titles, rows)
