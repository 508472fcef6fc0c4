"""Texts of letters, e-mails and messages by kind of letter and by tone, with placeholders."""

from typing import NamedTuple

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import ValidationError

from ..dunning_core.letters.placeholders import LETTER_NAMES, unknown

LETTER_KINDS = [
    ("reminder", "Reminder"),
    ("demand", "Demand for payment"),
    ("final_demand", "Final demand"),
    ("balance", "Balance confirmation"),
    ("n1", "Notice of restriction"),
    ("n2", "Notice of suspension"),
    ("n3", "Notice of termination"),
    ("persistent", "Single notice to a persistent payer"),
]
NOTICES = ("n1", "n2", "n3", "persistent")
TONES = [
    ("any", "Everybody"),
    ("consumer", "Consumers"),
    ("business", "Businesses"),
    ("public", "Public bodies"),
]
WITH_INTEREST = ("demand", "final_demand")
FRANKINGS = [("plain", "Plain"), ("registered", "Registered"), ("receipt", "Registered with return receipt")]
#: to pay, in the examples of placeholders
EXAMPLE_DAYS = 7
TONE_OF = {"consumer": "consumer", "sole_trader": "business", "company": "business", "public": "public"}


class LetterText(NamedTuple):
    """Words of one letter before its values are filled in."""

    kind: str
    title: str
    salutation: str
    body: str
    legal: str
    sms: str
    with_interest: bool
    franking: str


class BssDunningTemplate(models.Model):
    _name = "bss.dunning.template"
    _description = "Letter Template"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(LETTER_KINDS, required=True, default="reminder", index=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies that have no template of this kind of their own."
    )
    text_ids = fields.One2many("bss.dunning.template.text", "template_id", string="Texts", copy=True)
    step_ids = fields.One2many("bss.dunning.step", "template_id", string="Steps")
    placeholder_html = fields.Html(compute="_compute_placeholder_html", string="Placeholders", sanitize=False)

    @api.depends_context("lang", "uid", "company")
    def _compute_placeholder_html(self):
        words = self._bss_placeholder_words()
        case, examples = self._bss_placeholder_examples()
        on_case = self.env._("On case %(case)s", case=case.name) if case else self.env._("Example")
        head = (self.env._("Placeholder"), self.env._("What stands there"), on_case)
        line = Markup("<tr><td><code>$%s</code></td><td>%s</td><td>%s</td></tr>")
        rows = Markup("").join(line % (name, words[name], examples.get(name) or "–") for name in LETTER_NAMES)
        titles = Markup("").join(Markup("<th>%s</th>") % title for title in head)
        table = Markup("<table class='table table-sm'><thead><tr>%s</tr></thead><tbody>%s</tbody></table>")
        self.placeholder_html = table % (titles, rows)

    @api.model
    def _bss_placeholder_examples(self):
        """(case, {placeholder: its text}) of the newest open case that the reader may see; (no case, {}) without one."""
        cases = self.env["bss.dunning.case"]
        if not cases.has_access("read"):
            return cases, {}
        case = cases.search([("state", "!=", "closed"), ("amount_demanded", ">", 0)], order="id desc", limit=1)
        if not case:
            return case, {}
        text = LetterText("demand", "", "", "", "", "", with_interest=True, franking="plain")
        actions = self.env["bss.dunning.action"]
        imagined = actions._bss_imagine_letter(case.sudo(), text, polish_day.today(), EXAMPLE_DAYS)
        return case, imagined._bss_text_values(imagined._bss_desk(), text)

    @api.model
    def _bss_placeholder_words(self):
        """{placeholder: what stands there}"""
        return {
            "amount": self.env._("amount to pay, e.g. 1 234,56 zł"),
            "amount_words": self.env._("amount to pay in words"),
            "total": self.env._("amount with interest and compensation"),
            "interest": self.env._("statutory interest to the day of the letter"),
            "interest_per_day": self.env._("interest of each further day"),
            "compensation": self.env._("compensation for recovery costs (businesses)"),
            "deadline": self.env._("pay-by date"),
            "oldest_due": self.env._("oldest due date"),
            "days_overdue": self.env._("days since the oldest due date"),
            "documents": self.env._("number of documents"),
            "account": self.env._("number of the billing account"),
            "case": self.env._("number of the case"),
            "customer": self.env._("name of the customer"),
            "date": self.env._("day of the letter"),
            "nrb": self.env._("bank account to pay on"),
            "company": self.env._("name of the operator"),
            "company_phone": self.env._("phone of the operator"),
            "company_email": self.env._("e-mail of the operator"),
            "bureau": self.env._("name and seat of the debt register"),
            "balance": self.env._("balance of the account on the day of the letter"),
        }

    @api.model
    def _bss_check_text(self, where, text, allowed=LETTER_NAMES):
        """Refuse a text that nobody could fill; said when it is saved, not when it goes out."""
        wrong = unknown(text or "", allowed)
        if wrong:
            raise ValidationError(
                self.env._(
                    "%(where)s: nobody fills %(wrong)s. These can be used: %(allowed)s. A dollar sign itself is $$.",
                    where=where,
                    wrong=", ".join(wrong),
                    allowed=", ".join(f"${name}" for name in allowed),
                )
            )

    @api.model
    def _bss_of_kind(self, kind, company):
        """Template of a kind: the company's own first, then the shared one."""
        found = self.sudo().search([("kind", "=", kind), ("company_id", "in", [False, company.id])])
        return found.sorted(lambda one: (not one.company_id, one.sequence, one.id))[:1]

    def _bss_text(self, tone):
        """Text in this tone, else the one for everybody, else the first."""
        texts = self.text_ids
        return (
            texts.filtered(lambda text: text.tone == tone) or texts.filtered(lambda text: text.tone == "any") or texts
        )[:1]

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if default and "name" in default:
            return vals_list
        for template, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=template.name)
        return vals_list


class BssDunningTemplateText(models.Model):
    _name = "bss.dunning.template.text"
    _description = "Text of a Letter Template"
    _order = "template_id, tone, id"
    _rec_name = "title"
    _check_company_auto = True

    template_id = fields.Many2one(
        "bss.dunning.template", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True, index=True, precompute=True)
    tone = fields.Selection(TONES, required=True, default="any", string="For")
    title = fields.Char(required=True, help="Title of the letter and subject of the e-mail.")
    salutation = fields.Char(default="Szanowni Państwo,")
    body = fields.Text(string="Text", required=True, help="Paragraphs of the letter and of the e-mail, one per line.")
    legal_text = fields.Text(help="Printed small below the amount: legal basis, consequences, rights of the customer.")
    sms_text = fields.Text(string="SMS Text")

    _tone_unique = models.Constraint("UNIQUE(template_id, tone)", "This template has a text in this tone already.")

    @api.depends("tone", "title")
    @api.depends_context("lang")
    def _compute_display_name(self):
        tones = dict(self._fields["tone"]._description_selection(self.env))
        for text in self:
            text.display_name = f"{tones.get(text.tone, '')}: {text.title or ''}"

    @api.constrains("title", "salutation", "body", "legal_text", "sms_text")
    def _check_placeholders(self):
        templates = self.env["bss.dunning.template"]
        for text in self:
            for name in ("title", "salutation", "body", "legal_text", "sms_text"):
                label = text._fields[name].get_description(self.env)["string"]
                templates._bss_check_text(f"{text.template_id.name}, {label}", text[name])

    def _bss_letter_text(self):
        """Words of this text as of a letter of its kind."""
        self.ensure_one()
        kind = self.template_id.kind
        return LetterText(
            kind=kind,
            title=self.title or "",
            salutation=self.salutation or "",
            body=self.body or "",
            legal=self.legal_text or "",
            sms=self.sms_text or "",
            with_interest=kind in WITH_INTEREST,
            franking="receipt" if kind in NOTICES else "registered" if kind == "final_demand" else "plain",
        )

    def action_preview(self):
        """This text on a real case."""
        self.ensure_one()
        wizard = self.env["bss.dunning.letter.preview"].create({"text_id": self.id})
        wizard.case_id = wizard._bss_default_case()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview: %(name)s", name=self.title),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
