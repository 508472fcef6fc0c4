from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .bss_dunning_strategy import fresh_code

CHANNELS = [
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("sms", "SMS"),
    ("call", "Call"),
    ("restrict", "Restrict services"),
    ("suspend", "Suspend services"),
    ("terminate", "Terminate contracts"),
]
CONTACT_CHANNELS = ("email", "letter", "sms", "call")
SERVICE_CHANNELS = ("restrict", "suspend", "terminate")
NOTICE_GATES = ("n2", "n3", "persistent")


class BssDunningStep(models.Model):
    _name = "bss.dunning.step"
    _description = "Dunning Step"
    _order = "strategy_id, stage_sequence, stage_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        index=True,
        help="Names the step in all versions of the strategy: a case that is moved goes on behind the step of this code.",
    )
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
            ("persistent", "Single notice to a persistent late payer"),
        ],
        help="The letter is this notice of art. 382 of the PKE act; its proven delivery starts a statutory term.",
    )
    gate = fields.Char(compute="_compute_gate", help="Legal precondition checked before the step.")
    by_preference = fields.Boolean(
        string="Customer's Channel First",
        help="The channel the customer prefers and can be reached by is tried before those of the step.",
    )
    min_amount = fields.Monetary(string="From Amount")
    min_documents = fields.Integer(string="From Documents", help="0 means any number of documents.")
    repeat_count = fields.Integer(
        string="Times", default=1, required=True, help="The step is taken so many times before the next one."
    )
    repeat_days = fields.Integer(string="Days Between", default=7, help="Between two repetitions of the step.")
    cost = fields.Monetary(help="Planned cost of one action; the real one is written on the action.")
    tone = fields.Selection(
        [("friendly", "Friendly"), ("neutral", "Neutral"), ("firm", "Firm")], required=True, default="neutral"
    )
    working_days_only = fields.Boolean(
        compute="_compute_working_days_only", store=True, readonly=False, precompute=True
    )
    auto = fields.Boolean(
        string="Automatic", default=True, help="Without it the step waits until a collector carries it out."
    )
    approval = fields.Boolean(
        string="With Approval",
        compute="_compute_approval",
        inverse="_inverse_approval",
        search="_search_approval",
        help="The step is planned and waits until a collector lets it go.",
    )

    _days_positive = models.Constraint(
        "CHECK(days_after_due >= 0 AND days_after_previous >= 0 AND deadline_days >= 0)",
        "Days of a step cannot be negative.",
    )
    _code_unique = models.Constraint("UNIQUE(strategy_id, code)", "Another step of this strategy has this code.")
    _counts_positive = models.Constraint(
        "CHECK(repeat_count >= 1 AND repeat_days >= 1 AND min_documents >= 0)",
        "A step is taken at least once, with at least a day between, and from no less than 0 documents.",
    )
    _amount_positive = models.Constraint("CHECK(min_amount >= 0)", "The amount of a step cannot be negative.")
    _cost_positive = models.Constraint("CHECK(cost >= 0)", "The planned cost cannot be negative.")

    @api.depends("channel")
    def _compute_working_days_only(self):
        for step in self:
            step.working_days_only = step.channel in ("call", "sms")

    @api.depends("channel", "legal_notice")
    def _compute_gate(self):
        for step in self:
            notice = step.legal_notice if step.legal_notice in NOTICE_GATES else False
            step.gate = step.channel if step.channel in SERVICE_CHANNELS else notice

    @api.depends("auto")
    def _compute_approval(self):
        for step in self:
            step.approval = not step.auto

    def _inverse_approval(self):
        for step in self:
            step.auto = not step.approval

    def _search_approval(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("auto", "in", [not one for one in value])]

    @api.constrains("channel", "mail_template_id", "fallback_channel", "legal_notice")
    def _check_channel(self):
        for step in self:
            if "email" in (step.channel, step.fallback_channel) and not step.mail_template_id:
                raise ValidationError(self.env._("Step %(name)s sends e-mail: choose a template.", name=step.name))
            if step.channel in SERVICE_CHANNELS and (step.fallback_channel or step.legal_notice):
                raise ValidationError(
                    self.env._(
                        "Step %(name)s blocks services or ends contracts: it has no second channel and is no notice.",
                        name=step.name,
                    )
                )
            if step.legal_notice and step.channel not in ("email", "letter"):
                raise ValidationError(self.env._("Step %(name)s: a notice goes by letter or e-mail.", name=step.name))

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        stages = self.env["bss.dunning.stage"]
        taken = {}
        for vals in vals_list:
            stage = stages.browse(vals.get("stage_id") or self.env.context.get("default_stage_id"))
            strategy = stage.strategy_id
            if strategy.id not in taken:
                taken[strategy.id] = set(self.sudo().search([("strategy_id", "=", strategy.id)]).mapped("code"))
            codes = taken[strategy.id]
            if not vals.get("code"):
                vals["code"] = fresh_code(vals.get("legal_notice") or vals.get("channel") or "email", codes)
            codes.add(vals["code"])
            if vals.get("channel") in SERVICE_CHANNELS:
                vals.setdefault("auto", False)  # what touches a service waits for a person unless said otherwise
        return super().create(vals_list)

    def copy(self, default=None):
        return super(BssDunningStep, self.with_context(bss_fresh_codes=True)).copy(default)

    def copy_data(self, default=None):
        """A step copied within its strategy gets a code of its own; a copied strategy keeps the codes of its steps."""
        vals_list = super().copy_data(default=default)
        if self.env.context.get("bss_fresh_codes"):
            for vals in vals_list:
                vals.pop("code", None)
        return vals_list

    def _init_column(self, column_name):
        """Steps of a database from before versions get codes of their own."""
        if column_name != "code":
            return super()._init_column(column_name)
        self.env.cr.execute(SQL("UPDATE bss_dunning_step SET code = %s || id::text WHERE code IS NULL", "step-"))
        return None

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["bss.dunning.action"].sudo().search([("step_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._("Step %(name)s was taken in some cases and cannot be deleted.", name=used.step_id.name)
            )

    def _bss_channels(self, partner=None, account=None):
        """Channels in the order in which they are tried; those the customer prefers first, where the step says so."""
        self.ensure_one()
        own = [self.channel] + ([self.fallback_channel] if self.fallback_channel else [])
        if not self.by_preference or not partner:
            return own
        wanted = [channel for channel in partner._bss_dunning_channels(account) if self._bss_has_content(channel)]
        return list(dict.fromkeys(wanted + own))

    def _bss_has_content(self, channel):
        """Whether the step knows what to send by this channel."""
        self.ensure_one()
        if self.legal_notice and channel not in ("email", "letter"):
            return False
        texts = {"email": self.mail_template_id, "letter": self.letter_text, "sms": self.sms_text}
        return bool(texts.get(channel)) or channel in (self.channel, self.fallback_channel)

    def _bss_how(self, channels):
        """Channels of the step in words."""
        self.ensure_one()
        parts = [channels.get(self.channel, "")]
        if self.by_preference:
            parts.insert(0, self.env._("customer's channel first"))
        if self.fallback_channel:
            parts.append(self.env._("else %(channel)s", channel=channels.get(self.fallback_channel, "")))
        if self.repeat_count > 1:
            parts.append(
                self.env._("%(count)s times, every %(days)s days", count=self.repeat_count, days=self.repeat_days)
            )
        if not self.auto:
            parts.append(self.env._("by hand"))
        return " · ".join(parts)
