import base64

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError


class BssDunningLetterPreview(models.TransientModel):
    """What a step or a template says, on a real case: the letter, the e-mail, the message."""

    _name = "bss.dunning.letter.preview"
    _description = "Preview of a Letter"

    step_id = fields.Many2one("bss.dunning.step", readonly=True)
    text_id = fields.Many2one("bss.dunning.template.text", readonly=True)
    case_id = fields.Many2one("bss.dunning.case", string="On Case", domain="[('state', '!=', 'closed')]")
    title = fields.Char(compute="_compute_preview")
    subject = fields.Char(compute="_compute_preview")
    body_html = fields.Html(compute="_compute_preview", string="E-mail", sanitize=False)
    sms_text = fields.Text(compute="_compute_preview", string="SMS")
    sms_size = fields.Char(compute="_compute_preview", string="Length and Cost")
    pdf_file = fields.Binary(readonly=True, attachment=True)

    @api.depends("case_id", "step_id", "text_id")
    def _compute_preview(self):
        for wizard in self:
            action = wizard._bss_imagined()
            mail = action._bss_preview_mail() if action else (False, False)
            sms = action._bss_preview_sms() if action and action.own_sms_text else (False, False)
            wizard.title = action.letter_title
            wizard.subject, wizard.body_html = mail
            wizard.sms_text, wizard.sms_size = sms

    def _bss_default_case(self):
        """A real case: one that waits for this step, one that had it, else any open one that suits its texts."""
        cases, step = self.env["bss.dunning.case"], self.step_id
        domains = [[("next_step_id", "=", step.id)], [("step_id", "=", step.id)]] if step else []
        if step:
            domains.append([("strategy_id", "=", step.strategy_id.id)])
        for domain in [*domains, []]:
            found = cases.search([("state", "!=", "closed"), ("amount_demanded", ">", 0), *domain], limit=1)
            if found:
                return found
        return cases

    def _bss_text(self):
        case, company = self.case_id, self.case_id.company_id
        if self.step_id:
            text = self.step_id._bss_letter_text(case.customer_kind, company)
            return text._replace(sms=text.sms or self.step_id.sms_text or "")
        return self.text_id._bss_letter_text()

    def _bss_imagined(self):
        """The action that would be; empty without a case."""
        actions = self.env["bss.dunning.action"].sudo()
        if not self.case_id:
            return actions
        # the reader's rights cover the case; the texts and the customer's address are read for him
        self.case_id.check_access("read")
        days = self.step_id.deadline_days if self.step_id else 7
        imagined = actions._bss_imagine_letter(self.case_id.sudo(), self._bss_text(), polish_day.today(), days)
        return imagined.with_context(bss_mail_template=self.step_id.mail_template_id.id)

    def action_pdf(self):
        self.ensure_one()
        if not self.case_id:
            raise UserError(self.env._("Choose a case: there is none yet on which the texts could be shown."))
        self.pdf_file = base64.b64encode(self._bss_imagined()._bss_preview_pdf(polish_day.today()))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/pdf_file/podglad.pdf",
            "target": "new",
        }
