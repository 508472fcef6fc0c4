"""SMS as a channel of steps: its text, what it costs, the second channel."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..dunning_core.letters.placeholders import fill

EXAMPLE = {
    "amount": "1 234,56 zł",
    "deadline": "30.11.2026",
    "account": "100000123",
    "oldest_due": "05.10.2026",
    "nrb": "61 1090 1014 0000 0712 1981 2874",
}


class BssDunningStepSms(models.Model):
    _inherit = "bss.dunning.step"  # pylint: disable=consider-merging-classes-inherited

    fallback_channel = fields.Selection(selection_add=[("sms", "SMS")])
    sms_text = fields.Text(
        string="SMS Text",
        default="Konto $account: prosimy o zapłatę $amount do $deadline. Rachunek: $nrb. $company",
        help="$amount, $deadline, $account, $nrb, $oldest_due and $company are filled in.",
    )
    sms_preview = fields.Text(string="Example", compute="_compute_sms_preview")
    sms_size = fields.Char(string="Length and Cost", compute="_compute_sms_preview")

    @api.depends("sms_text", "company_id")
    @api.depends_context("company")
    def _compute_sms_preview(self):
        for step in self:
            company = step.company_id or self.env.company
            gateway = self.env["bss.sms.gateway"]._bss_of(company)
            text = step._bss_sms_fill({**EXAMPLE, "company": company.name or ""})
            step.sms_preview = gateway._bss_text(text) if gateway else text
            step.sms_size = self.env["bss.sms.gateway"]._bss_size_text(step.sms_preview, gateway)

    @api.constrains("channel", "fallback_channel", "sms_text", "legal_notice")
    def _check_sms(self):
        for step in self:
            if "sms" not in (step.channel, step.fallback_channel):
                continue
            if not (step.sms_text or "").strip():
                raise ValidationError(self.env._("Step %(name)s sends SMS: write its text.", name=step.name))
            if step.legal_notice:
                raise ValidationError(self.env._("Step %(name)s: a notice goes by letter or e-mail.", name=step.name))

    def _bss_sms_fill(self, values):
        """Text of the message with the values put in."""
        text = fill(self.sms_text or "", values)
        return "\n".join(line.strip() for line in text.strip().split("\n"))
