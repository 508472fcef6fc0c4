"""Letters at any moment: written by a collector, previewed on real data, sent by the channel of choice."""

from datetime import timedelta

from lxml.html import fragment_fromstring
from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools.rendering_tools import parse_inline_template, render_inline_template

from ..report import dunning_letter
from .bss_dunning_template import LetterText

#: kinds of letters that ask for payment; a balance confirmation states and asks for nothing
DEMANDS = frozenset({"reminder", "demand", "final_demand"})


class BssDunningActionHand(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_write_letter(self, cases, text: LetterText, channel, as_of, deadline_days):
        """Planned actions with these words, one for each case, with the documents that may be demanded today."""
        actions = self.sudo().create([self._bss_hand_vals(case, text, channel, as_of, deadline_days) for case in cases])
        actions._bss_fill_lines(as_of)
        return actions

    @api.model
    def _bss_hand_vals(self, case, text, channel, as_of, deadline_days):
        return {
            "case_id": case.id,
            "date": as_of,
            "channel": channel,
            "origin": "letter",
            "by_hand": True,
            "amount": case.amount_demanded,
            "deadline": as_of + timedelta(days=deadline_days),
            "letter_kind": text.kind,
            "own_title": text.title,
            "own_salutation": text.salutation,
            "own_text": text.body,
            "own_legal_text": text.legal,
            "own_sms_text": text.sms,
            "own_franking": text.franking,
        }

    def _bss_send_letter(self, channel, as_of):
        """Send what was written by hand; a refusal of the customer's rights is an error that says why."""
        self.ensure_one()
        refusal = self._bss_refusal(channel, as_of)
        if refusal:
            raise UserError(refusal)
        done = getattr(self, f"_bss_do_{channel}")(as_of)
        self.write({"state": "done", "date_done": as_of, "reason": done})
        # everybody reads the history of an account, collectors that of its case
        self.case_id.sudo()._message_log(body=self._bss_history_entry())

    def _bss_refusal(self, channel, as_of):
        """Bankrupts and deceased people get no demand, whoever writes it."""
        barred = self._bss_demand_barred() if self.letter_kind in DEMANDS else ""
        return barred or super()._bss_refusal(channel, as_of)

    def _bss_demand_barred(self):
        """Why nothing may be demanded of this customer; actions of a batch ask once for all."""
        desk = self.env.context.get("bss_letter_desk")
        return desk.barred(self.account_id) if desk else self.account_id._bss_demand_barred()

    @api.model
    def _bss_imagine_letter(self, case, text: LetterText, as_of, deadline_days):
        """The action that would be written, in memory only: the way of what it says is that of a real one."""
        vals = self._bss_hand_vals(case, text, "letter", as_of, deadline_days)
        lines = case._bss_debts(as_of)[case].demanded_keys
        return self.sudo().with_context(bss_as_of=as_of).new({**vals, "line_ids": [Command.set(lines)]})

    def _bss_preview_pdf(self, as_of):
        data, assets = self._bss_letter_data(as_of, dunning_letter.PREVIEW_NUMBER)
        return self._bss_print_letter({**data, "watermark": dunning_letter.PREVIEW_NUMBER}, assets, as_of)

    def _bss_preview_mail(self):
        """(subject, body) by the template of the step; mail templates themselves print stored records only."""
        template = self._bss_mail_template()
        values = {**template._render_eval_context(), "object": self}
        body = fragment_fromstring(template.body_html or "", create_parent="div")
        subject = render_inline_template(parse_inline_template(template.subject or ""), values)
        return subject, self.env["ir.qweb"]._render(body, values)

    def _bss_preview_sms(self):
        """(text, length and cost)"""
        gateways = self.env["bss.sms.gateway"]
        gateway = gateways._bss_of(self.company_id)
        body = self._bss_sms_text(gateway)
        return body, gateways._bss_size_text(body, gateway)
