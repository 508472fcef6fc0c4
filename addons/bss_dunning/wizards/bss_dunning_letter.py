import base64

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

from ..models.bss_account_letter_send import LetterOrder
from ..models.bss_dunning_action_hand import DEMANDS
from ..models.bss_dunning_template import FRANKINGS, TONE_OF, WITH_INTEREST, LetterText

KINDS = [
    ("reminder", "Reminder"),
    ("demand", "Demand for payment"),
    ("final_demand", "Final demand"),
    ("balance", "Balance confirmation"),
]
MOST_DAYS_TO_PAY = 365
#: accounts written to while somebody waits
AT_ONCE = 20


class BssDunningLetter(models.TransientModel):
    """A letter at any moment: kind and channel are chosen, the text may be changed, then it goes."""

    _name = "bss.dunning.letter"
    _description = "Write a Letter"

    account_ids = fields.Many2many("bss.account", string="Billing Accounts", required=True)
    account_id = fields.Many2one("bss.account", compute="_compute_account_id", string="Billing Account")
    company_id = fields.Many2one("res.company", compute="_compute_account_id")
    case_id = fields.Many2one("bss.dunning.case", compute="_compute_account_id")
    account_count = fields.Integer(compute="_compute_is_mass", string="Number of Accounts")
    is_mass = fields.Boolean(compute="_compute_is_mass")
    kind = fields.Selection(KINDS, required=True, default="reminder")
    channel = fields.Selection(
        [("email", "E-mail"), ("letter", "Letter"), ("sms", "SMS")], required=True, default="email"
    )
    template_id = fields.Many2one(
        "bss.dunning.template",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        domain="[('kind', '=', kind), ('company_id', 'in', [False, company_id])]",
    )
    title = fields.Char(compute="_compute_texts", store=True, readonly=False)
    salutation = fields.Char(compute="_compute_texts", store=True, readonly=False)
    body = fields.Text(compute="_compute_texts", store=True, readonly=False, string="Text")
    legal_text = fields.Text(compute="_compute_texts", store=True, readonly=False)
    sms_text = fields.Text(compute="_compute_texts", store=True, readonly=False, string="SMS Text")
    franking = fields.Selection(FRANKINGS, compute="_compute_texts", store=True, readonly=False)
    deadline_days = fields.Integer(string="Days to Pay", default=7)
    problem = fields.Text(compute="_compute_problem", help="Why this letter cannot go, or what to think of before.")
    preview_html = fields.Html(compute="_compute_preview_html", sanitize=False, string="Reads As")
    placeholder_html = fields.Html(related="template_id.placeholder_html", string="Placeholders")
    pdf_file = fields.Binary(readonly=True, attachment=True)

    # What is proposed

    @api.depends("account_ids")
    def _compute_account_id(self):
        for wizard in self:
            account = wizard.account_ids[:1]._origin
            wizard.account_id = account
            wizard.company_id = account.company_id
            wizard.case_id = account.dunning_case_id if len(wizard.account_ids) == 1 else False

    @api.depends("account_ids")
    def _compute_is_mass(self):
        for wizard in self:
            wizard.account_count = len(wizard.account_ids)
            wizard.is_mass = wizard.account_count > AT_ONCE

    @api.depends("kind", "account_ids")
    def _compute_template_id(self):
        for wizard in self:
            company = wizard.company_id or self.env.company
            wizard.template_id = self.env["bss.dunning.template"]._bss_of_kind(wizard.kind, company)

    @api.depends("template_id", "account_ids")
    def _compute_texts(self):
        for wizard in self:
            tone = TONE_OF.get(wizard.account_id.customer_kind, "any")
            text = wizard.template_id._bss_text(tone)
            words = text._bss_letter_text() if text else None
            wizard.title = words.title if words else False
            wizard.salutation = words.salutation if words else "Szanowni Państwo,"
            wizard.body = words.body if words else False
            wizard.legal_text = words.legal if words else False
            wizard.sms_text = words.sms if words else False
            wizard.franking = words.franking if words else "plain"

    @api.depends("account_ids", "channel", "kind")
    def _compute_problem(self):
        for wizard in self:
            account = wizard.account_id
            lines = []
            if len(wizard.account_ids) == 1 and account:
                if not account.sudo().partner_id._bss_may_contact("dunning", wizard.channel):
                    lines.append(self.env._("The customer may not or cannot be contacted this way."))
                barred = account._bss_demand_barred() if wizard.kind in DEMANDS else ""
                if barred:
                    lines.append(barred)
                elif wizard.case_id.state == "hold":
                    lines.append(self.env._("The case is on hold. %(why)s", why=wizard.case_id.hold_reason or ""))
            wizard.problem = "\n".join(lines)

    @api.depends("account_ids", "title", "body", "legal_text", "sms_text", "channel", "kind", "deadline_days")
    def _compute_preview_html(self):
        for wizard in self:
            wizard.preview_html = wizard._bss_reads_as() if len(wizard.account_ids) == 1 else False

    def _bss_reads_as(self):
        """The texts with the values of today."""
        action = self._bss_imagined()
        if not action:
            return False
        if self.channel == "sms":
            return Markup("<p>%s</p><p class='text-muted'>%s</p>") % action._bss_preview_sms()
        return Markup("<h4>%s</h4>%s") % action._bss_preview_mail()

    def _bss_text(self):
        return LetterText(
            kind=self.kind,
            title=self.title or "",
            salutation=self.salutation or "",
            body=self.body or "",
            legal=self.legal_text or "",
            sms=(self.sms_text or "") if self.channel == "sms" else "",
            with_interest=self.kind in WITH_INTEREST,
            franking=self.franking or "plain",
        )

    def _bss_imagined(self):
        """The action that would be; empty where there is no case."""
        actions, case = self.env["bss.dunning.action"].sudo(), self.case_id
        if not case or not (self.sms_text if self.channel == "sms" else self.body):
            return actions
        case.check_access("read")
        return actions._bss_imagine_letter(case.sudo(), self._bss_text(), polish_day.today(), self._bss_days_to_pay())

    def _bss_days_to_pay(self):
        """What the preview counts with while somebody types."""
        return min(max(self.deadline_days, 0), MOST_DAYS_TO_PAY)

    @api.model
    def _bss_open(self, accounts):
        """The wizard for these accounts; of several accounts of one customer those that owe something come first."""
        accounts = accounts.filtered(lambda one: one.state == "active" or one.dunning_case_id)
        if not accounts:
            raise UserError(self.env._("There is no billing account to write about."))
        if len(accounts) > 1 and len(accounts.partner_id.commercial_partner_id) == 1:
            accounts = accounts.filtered("dunning_case_id") or accounts
        kind = "reminder" if any(account.dunning_case_id for account in accounts) else "balance"
        channel = "email" if accounts[0].sudo().partner_id._bss_may_contact("dunning", "email") else "letter"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write a Letter"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_account_ids": accounts.ids,
                "default_kind": kind,
                "default_channel": channel,
            },
        }

    # Going

    @api.constrains("title", "salutation", "body", "legal_text", "sms_text")
    def _check_placeholders(self):
        templates = self.env["bss.dunning.template"]
        for wizard in self:
            for name in ("title", "salutation", "body", "legal_text", "sms_text"):
                label = wizard._fields[name].get_description(self.env)["string"]
                templates._bss_check_text(label, wizard[name])

    def action_preview(self):
        self.ensure_one()
        today, action = polish_day.today(), self._bss_imagined()
        if not action and self.kind != "balance":
            raise UserError(self.env._("Nothing is overdue."))
        pdf = (
            action._bss_preview_pdf(today) if action else self.account_id._bss_balance_preview(self._bss_text(), today)
        )
        self.pdf_file = base64.b64encode(pdf)
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/pdf_file/podglad.pdf",
            "target": "new",
        }

    def action_send(self):
        """One letter to each account; with several, those that cannot be written to are named and left out.

        Many accounts are written to by jobs: nobody waits for them, and what is interrupted goes on.
        """
        self.ensure_one()
        self.env["bss.dunning.case"].check_access("write")
        self.account_ids.check_access("read")
        self._bss_check_complete()
        order = LetterOrder(self._bss_text(), self.channel, self.deadline_days)
        if self.is_mass:
            return self.env["bss.dunning.letter.batch"]._bss_order_letters(self.account_ids, order)._bss_open()
        sent, refused = self.account_ids._bss_send_letters(order, polish_day.today())
        if not sent:
            raise UserError("\n".join(f"{account.name}: {why}" for account, why in refused))
        return self._bss_tell(len(sent), refused)

    def _bss_check_complete(self):
        if self.deadline_days != self._bss_days_to_pay():
            label = self._fields["deadline_days"].get_description(self.env)["string"]
            words = self.env["bss.dunning.dialer.line"]._bss_words(label, "OUT_OF_RANGE", str(self.deadline_days))
            raise UserError(words)
        if self.channel == "sms" and not (self.sms_text or "").strip():
            raise UserError(self.env._("Write the text of the message."))
        if self.channel != "sms" and not ((self.title or "").strip() and (self.body or "").strip()):
            raise UserError(self.env._("Write the title and the text of the letter."))

    def _bss_tell(self, sent, refused):
        message = self.env._("%(count)s letter(s) on their way.", count=sent)
        if refused:
            names = "; ".join(f"{account.name}: {why}" for account, why in refused[:20])
            message += " " + self.env._("Not sent: %(count)s – %(names)s", count=len(refused), names=names)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if refused else "success",
                "message": message,
                "sticky": bool(refused),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
