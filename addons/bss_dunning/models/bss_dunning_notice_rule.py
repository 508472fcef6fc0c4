from ast import literal_eval
from string import Template

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

KINDS = [
    ("due", "Before the due date"),
    ("invoice", "New invoice"),
    ("thanks", "Thanks for a debt paid"),
]
PLACEHOLDERS = frozenset({"name", "account", "document", "amount", "due", "nrb", "company"})


class BssDunningNoticeRule(models.Model):
    """Which friendly messages go out by themselves: about what, to whom, how. None of them advertises anything."""

    _name = "bss.dunning.notice.rule"
    _inherit = ["mail.thread"]
    _description = "Rule of Notices"
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, required=True, default="due", tracking=True)
    days = fields.Integer(string="Days Before", default=3, tracking=True, help="So many days before the due date.")
    way = fields.Selection(
        [("preference", "As the customer prefers"), ("email", "E-mail"), ("sms", "SMS")],
        string="Channel",
        required=True,
        default="preference",
        tracking=True,
    )
    min_amount = fields.Monetary(string="From Amount", tracking=True)
    domain = fields.Char(string="Audience", default="[]", tracking=True, help="Which billing accounts; empty: all.")
    subject = fields.Char(string="Subject of the E-mail", default=lambda self: self._default_text("due", "subject"))
    email_text = fields.Text(string="Text of the E-mail", default=lambda self: self._default_text("due", "email"))
    sms_text = fields.Text(string="Text of the SMS", default=lambda self: self._default_text("due", "sms"))
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("stopped", "Stopped")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    date_start = fields.Date(string="Running Since", readonly=True, copy=False)
    dry_count = fields.Integer(string="Would Go Out", readonly=True, copy=False)
    dry_date = fields.Date(string="Counted On", readonly=True, copy=False)
    selected_on = fields.Date(string="Last Selected", readonly=True, copy=False)
    notice_ids = fields.One2many("bss.dunning.notice", "rule_id", string="Notices")
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting")
    sent_count = fields.Integer(compute="_compute_counts", string="Sent")
    failed_count = fields.Integer(compute="_compute_counts", string="Failed")

    _days_positive = models.Constraint("CHECK(days BETWEEN 1 AND 60)", "Days before the due date are 1 to 60.")

    @api.model
    def _default_text(self, kind, part):
        """Polish texts of customers, by kind of notice."""
        return TEXTS[kind][part]

    @api.onchange("kind")
    def _onchange_kind(self):
        """Each kind begins with its own words."""
        texts = TEXTS[self.kind or "due"]
        self.subject, self.email_text, self.sms_text = texts["subject"], texts["email"], texts["sms"]

    @api.depends("notice_ids.state")
    def _compute_counts(self):
        groups = self.env["bss.dunning.notice"]._read_group(
            [("rule_id", "in", self.ids)], ["rule_id", "state"], ["__count"]
        )
        counts = {(rule.id, state): count for rule, state, count in groups}
        for rule in self:
            rule.waiting_count = counts.get((rule.id, "waiting"), 0)
            rule.sent_count = counts.get((rule.id, "sent"), 0)
            rule.failed_count = counts.get((rule.id, "failed"), 0)

    # Checks

    @api.constrains("domain", "company_id")
    def _check_domain(self):
        for rule in self:
            try:
                self.env["bss.account"].sudo().search_count(rule._bss_audience(), limit=1)
            except Exception as error:  # a domain may be wrong in any way
                raise ValidationError(
                    self.env._("Rule %(name)s: the audience is no condition on billing accounts.", name=rule.name)
                ) from error

    @api.constrains("subject", "email_text", "sms_text", "way")
    def _check_texts(self):
        for rule in self:
            needed = {"email": ("subject", "email_text"), "sms": ("sms_text",)}
            for channel in rule._bss_ways():
                if not all((rule[name] or "").strip() for name in needed[channel]):
                    raise ValidationError(self.env._("Rule %(name)s: write the texts of its channels.", name=rule.name))
            for name in ("subject", "email_text", "sms_text"):
                rule._bss_check_text(rule[name] or "")

    def _bss_check_text(self, text):
        template = Template(text)
        unknown = set(template.get_identifiers()) - PLACEHOLDERS if template.is_valid() else {"$"}
        if unknown:
            raise ValidationError(
                self.env._(
                    "Rule %(name)s: %(words)s is not filled in. Known are: %(known)s.",
                    name=self.name,
                    words=", ".join(sorted(unknown)),
                    known=", ".join(f"${word}" for word in sorted(PLACEHOLDERS)),
                )
            )

    # Whom

    def _bss_audience(self):
        """Condition on billing accounts."""
        self.ensure_one()
        own = Domain("company_id", "=", self.company_id.id) & Domain("state", "=", "active")
        return own & Domain(literal_eval(self.domain or "[]"))

    def _bss_ways(self):
        """Channels that the rule has texts for, in the order of its own."""
        return ["email", "sms"] if self.way == "preference" else [self.way]

    # Buttons

    def action_count(self):
        """How many would go out today; nothing is written but the number."""
        self.check_access("write")
        today = polish_day.today()
        for rule in self:
            count = self.env["bss.dunning.notice"]._bss_count(rule, today)
            rule.sudo().write({"dry_count": count, "dry_date": today})

    def action_start(self):
        """Let the nightly job send; only after somebody has seen how many that are."""
        self.check_access("write")
        today = polish_day.today()
        for rule in self:
            if rule.dry_date != today:
                raise UserError(self.env._("Rule %(name)s: count first how many would go out.", name=rule.name))
        self.write({"state": "running", "date_start": today})

    def action_stop(self):
        """What waits is not sent any more."""
        self.check_access("write")
        self.write({"state": "stopped"})
        waiting = self.env["bss.dunning.notice"].sudo().search([("rule_id", "in", self.ids), ("state", "=", "waiting")])
        waiting.write({"state": "cancelled", "reason": self.env._("The rule was stopped.")})

    def action_run(self):
        """Select and send now, as every night; what went out does not go out again."""
        self.check_access("write")
        for rule in self:
            if rule.state != "running":
                raise UserError(self.env._("Rule %(name)s is not running.", name=rule.name))
        self.env["bss.dunning.notice"]._bss_run(self, polish_day.today())

    def write(self, vals):
        """A running rule keeps whom it means: what was counted is what goes out."""
        fixed = {"kind", "days", "domain", "min_amount", "company_id"} & set(vals)
        if fixed and any(rule.state == "running" for rule in self):
            raise UserError(self.env._("Stop the rule before you change whom it means."))
        if fixed or "way" in vals:
            vals = {"dry_date": False, **vals}
        return super().write(vals)

    def action_draft(self):
        self.check_access("write")
        self.write({"state": "draft", "dry_date": False})

    def action_view_notices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_notice_action")
        action["domain"] = [("rule_id", "=", self.id)]
        action["context"] = self.env.context.get("notice_context", {})
        return action


TEXTS = {
    "due": {
        "subject": "Zbliża się termin płatności – $document",
        "email": "Szanowni Państwo,\nprzypominamy, że $due mija termin płatności dokumentu $document na kwotę $amount.\n"
        "Numer rachunku: $nrb\nTytuł wpłaty: konto abonenta $account\n"
        "Jeżeli należność została już uregulowana, prosimy uznać tę wiadomość za nieaktualną.\n$company",
        "sms": "Przypominamy: $due mija termin platnosci $document na kwote $amount. Rachunek: $nrb. $company",
    },
    "invoice": {
        "subject": "Nowa faktura $document",
        "email": "Szanowni Państwo,\nwystawiliśmy fakturę $document na kwotę $amount z terminem płatności $due.\n"
        "Numer rachunku: $nrb\nTytuł wpłaty: konto abonenta $account\n$company",
        "sms": "Nowa faktura $document: $amount, termin $due. Rachunek: $nrb. $company",
    },
    "thanks": {
        "subject": "Dziękujemy za wpłatę",
        "email": "Szanowni Państwo,\ndziękujemy za uregulowanie zaległości na koncie abonenta $account.\n$company",
        "sms": "Dziekujemy za uregulowanie zaleglosci na koncie $account. $company",
    },
}
