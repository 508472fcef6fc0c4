"""Letters of steps: which template and tone, how they are posted, checked texts, preview on real data."""

from odoo import api, fields, models

from ..dunning_core.letters.placeholders import LETTER_NAMES, SMS_NAMES
from .bss_dunning_template import FRANKINGS, TONE_OF, TONES, LetterText


class BssDunningStepLetter(models.Model):
    _inherit = "bss.dunning.step"  # pylint: disable=consider-merging-classes-inherited

    template_id = fields.Many2one(
        "bss.dunning.template",
        string="Letter Template",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Texts where the step has none of its own; empty: the template of the kind of letter. "
        "The tone follows the kind of customer.",
    )
    letter_tone = fields.Selection(TONES, help="Empty: the tone of the kind of customer.")
    franking = fields.Selection(
        FRANKINGS,
        compute="_compute_franking",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="How the print house posts the letter. A notice needs proof of delivery: with return receipt.",
    )
    with_interest = fields.Boolean(
        compute="_compute_with_interest",
        store=True,
        readonly=False,
        precompute=True,
        help="The letter shows interest to date and per day for each document.",
    )

    @api.depends("legal_notice")
    def _compute_franking(self):
        for step in self:
            step.franking = "receipt" if step.legal_notice else step.franking or "plain"

    @api.depends("letter_kind", "legal_notice")
    def _compute_with_interest(self):
        for step in self:
            step.with_interest = step.letter_kind == "demand" and not step.legal_notice

    @api.constrains("letter_title", "letter_text", "sms_text")
    def _check_placeholders(self):
        templates = self.env["bss.dunning.template"]
        for step in self:
            for name, allowed in (
                ("letter_title", LETTER_NAMES),
                ("letter_text", LETTER_NAMES),
                ("sms_text", SMS_NAMES),
            ):
                label = step._fields[name].get_description(self.env)["string"]
                templates._bss_check_text(f"{step.name}, {label}", step[name], allowed)

    def _bss_letter_kind(self):
        return self.legal_notice or self.letter_kind or "reminder"

    def _bss_letter_text(self, customer_kind, company):
        """Words of this step for a kind of customer: its own first, then those of its template."""
        self.ensure_one()
        kind = self._bss_letter_kind()
        tone = self.letter_tone or TONE_OF.get(customer_kind, "any")
        template = self.template_id or self.env["bss.dunning.template"]._bss_of_kind(kind, company)
        text = template.sudo()._bss_text(tone)
        return LetterText(
            kind=kind,
            title=self.letter_title or text.title or self.name or "",
            salutation=text.salutation or "Szanowni Państwo,",
            body=self.letter_text or text.body or "",
            legal=text.legal_text or "",
            sms=self.template_id and text.sms_text or "",
            with_interest=self.with_interest,
            franking=self.franking or "plain",
        )

    def _bss_has_content(self, channel):
        """A step without a text of its own takes that of its template."""
        if super()._bss_has_content(channel):
            return True
        if self.legal_notice and channel not in ("email", "letter"):
            return False
        if channel == "sms":
            return bool(self.template_id.text_ids.filtered("sms_text"))
        own = self.template_id or self.env["bss.dunning.template"]._bss_of_kind(
            self._bss_letter_kind(), self.company_id
        )
        return channel == "letter" and bool(own.text_ids)

    def action_preview(self):
        """The texts of this step on a real case."""
        self.ensure_one()
        wizard = self.env["bss.dunning.letter.preview"].create({"step_id": self.id})
        wizard.case_id = wizard._bss_default_case()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview: %(name)s", name=self.name),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
