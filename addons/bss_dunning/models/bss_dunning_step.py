from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

CHANNELS = [
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("sms", "SMS"),
    ("call", "Call"),
    ("restrict", "Restrict services"),
    ("suspend", "Suspend services"),
]
CONTACT_CHANNELS = ("email", "letter", "sms", "call")
SERVICE_CHANNELS = ("restrict", "suspend")


class BssDunningStep(models.Model):
    _name = "bss.dunning.step"
    _description = "Dunning Step"
    _order = "strategy_id, stage_sequence, stage_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    stage_id = fields.Many2one("bss.dunning.stage", required=True, index=True, ondelete="cascade", check_company=True)
    stage_sequence = fields.Integer(related="stage_id.sequence", store=True, string="Stage Order")
    strategy_id = fields.Many2one(related="stage_id.strategy_id", store=True, index=True, precompute=True)
    company_id = fields.Many2one(related="stage_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="stage_id.currency_id")
    days_after_due = fields.Integer(
        string="Day", required=True, default=7, help="Counted from the oldest due date, moved off free days."
    )
    days_after_previous = fields.Integer(
        string="Gap", default=7, help="At least so many days after the step before, however old the debt is."
    )
    channel = fields.Selection(CHANNELS, required=True, default="email")
    fallback_channel = fields.Selection(
        [("email", "E-mail"), ("letter", "Letter"), ("call", "Call")],
        help="Tried when the customer may not or cannot be reached by the first channel.",
    )
    with_letter = fields.Boolean(string="PDF Letter", default=True, help="The e-mail carries the letter as PDF.")
    letter_kind = fields.Selection([("reminder", "Reminder"), ("demand", "Demand for payment")], default="reminder")
    letter_title = fields.Char(help="Title of the letter and subject of the e-mail.")
    letter_text = fields.Text(
        help="Paragraphs of the letter and of the e-mail. $amount, $deadline, $account and $oldest_due are filled in.",
    )
    deadline_days = fields.Integer(string="Days to Pay", default=7, help="Pay-by date of the letter.")
    mail_template_id = fields.Many2one(
        "mail.template", domain="[('model', '=', 'bss.dunning.action')]", ondelete="restrict"
    )
    legal_notice = fields.Selection(
        [
            ("n1", "Notice of restriction"),
            ("n2", "Notice of suspension"),
            ("n3", "Notice of termination"),
        ],
        help="The letter is this notice of art. 382 of the PKE act; its proven delivery starts a statutory term.",
    )
    gate = fields.Char(compute="_compute_gate", help="Legal precondition checked before the step.")
    min_amount = fields.Monetary(string="From Amount")
    working_days_only = fields.Boolean(
        compute="_compute_working_days_only", store=True, readonly=False, precompute=True
    )
    auto = fields.Boolean(
        string="Automatic", default=True, help="Without it the step waits until a collector carries it out."
    )

    _days_positive = models.Constraint(
        "CHECK(days_after_due >= 0 AND days_after_previous >= 0 AND deadline_days >= 0)",
        "Days of a step cannot be negative.",
    )

    @api.depends("channel")
    def _compute_working_days_only(self):
        for step in self:
            step.working_days_only = step.channel in ("call", "sms")

    @api.depends("channel", "legal_notice")
    def _compute_gate(self):
        for step in self:
            notice = step.legal_notice if step.legal_notice in ("n2", "n3") else False
            step.gate = step.channel if step.channel in SERVICE_CHANNELS else notice

    @api.constrains("channel", "mail_template_id", "fallback_channel", "legal_notice")
    def _check_channel(self):
        for step in self:
            if "email" in (step.channel, step.fallback_channel) and not step.mail_template_id:
                raise ValidationError(self.env._("Step %(name)s sends e-mail: choose a template.", name=step.name))
            if step.channel in SERVICE_CHANNELS and (step.fallback_channel or step.legal_notice):
                raise ValidationError(
                    self.env._(
                        "Step %(name)s blocks services: it has no second channel and is no notice.", name=step.name
                    )
                )
            if step.legal_notice and step.channel not in ("email", "letter"):
                raise ValidationError(self.env._("Step %(name)s: a notice goes by letter or e-mail.", name=step.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["bss.dunning.action"].sudo().search([("step_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._("Step %(name)s was taken in some cases and cannot be deleted.", name=used.step_id.name)
            )

    def _bss_channels(self):
        """Channels in the order in which they are tried."""
        self.ensure_one()
        return [self.channel] + ([self.fallback_channel] if self.fallback_channel else [])

    def _bss_how(self, channels):
        """Channels of the step in words."""
        self.ensure_one()
        parts = [channels.get(self.channel, "")]
        if self.fallback_channel:
            parts.append(self.env._("else %(channel)s", channel=channels.get(self.fallback_channel, "")))
        if not self.auto:
            parts.append(self.env._("by hand"))
        return " · ".join(parts)
