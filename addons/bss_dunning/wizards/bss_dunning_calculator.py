"""Calculator of the law: what a debt costs and what may be done about it when, with the whole arithmetic."""

from decimal import Decimal

from markupsafe import Markup, escape
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from .. import adapters
from ..models.bss_interest_rate import REGIMES
from .bss_dunning_calculator_law import Question, answer


class BssDunningCalculator(models.TransientModel):
    _name = "bss.dunning.calculator"
    _description = "Calculator of the Law"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    case_id = fields.Many2one("bss.dunning.case", readonly=True)
    regime = fields.Selection(REGIMES, required=True, default="civil")
    as_of = fields.Date(string="Interest Through", required=True, default=lambda self: polish_day.today())
    allocation = fields.Selection(
        [("principal_first", "The principal"), ("interest_first", "Interest")],
        string="A Payment Covers First",
        required=True,
        default="principal_first",
        help="Of a single amount. Payments of several amounts cover the one due longest first, its principal.",
    )
    delivered_on = fields.Date(
        string="Notice Delivered", default=lambda self: polish_day.today(), help="Of the intent to restrict services."
    )
    eur_rate = fields.Float(
        string="EUR Rate", digits=(12, 4), help="Mid rate of the National Bank for the compensation, if it is not kept."
    )
    line_ids = fields.One2many("bss.dunning.calculator.line", "calculator_id", string="Amounts")
    payment_ids = fields.One2many("bss.dunning.calculator.payment", "calculator_id", string="Payments")
    amount_principal = fields.Monetary(compute="_compute_result", string="Left of the Amounts")
    amount_interest = fields.Monetary(compute="_compute_result", string="Interest")
    amount_compensation = fields.Monetary(compute="_compute_result", string="Compensation")
    amount_total = fields.Monetary(compute="_compute_result", string="Together")
    result_html = fields.Html(compute="_compute_result", string="Calculation", sanitize=False)

    @api.depends(
        "regime",
        "as_of",
        "allocation",
        "delivered_on",
        "eur_rate",
        "line_ids.amount",
        "line_ids.due",
        "payment_ids.amount",
        "payment_ids.date",
    )
    @api.depends_context("lang")
    def _compute_result(self):
        for wizard in self:
            result = answer(self.env, wizard._bss_question())
            wizard.amount_principal = float(result.principal)
            wizard.amount_interest = float(result.interest)
            wizard.amount_compensation = float(result.compensation)
            wizard.amount_total = float(result.principal + result.interest + result.compensation)
            wizard.result_html = wizard._bss_html(result.blocks)

    @api.depends_context("lang")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Calculator")

    def _bss_question(self):
        return Question(
            regime=self.regime or "civil",
            as_of=self.as_of or polish_day.today(),
            interest_first=self.allocation == "interest_first",
            delivered=self.delivered_on or None,
            eur_rate=Decimal(str(self.eur_rate or 0)),
            amounts=tuple(
                (adapters.to_money(line.amount), line.due) for line in self.line_ids if line.due and line.amount
            ),
            payments=tuple(
                (pay.date, adapters.to_money(pay.amount)) for pay in self.payment_ids if pay.date and pay.amount
            ),
        )

    def _bss_html(self, blocks):
        return Markup("").join(
            Markup("<h5 class='mt-3'>%s</h5>%s")
            % (block.title, Markup("").join(Markup("<div>%s</div>") % escape(line) for line in block.lines))
            for block in blocks
        )

    # Buttons

    def action_print(self):
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Enter an amount and its due date first."))
        result = answer(self.env, self._bss_question())
        pdf = self.env["bss.dunning.sheet"]._bss_render(
            self.company_id,
            title=self.env._("Calculation of a claim"),
            subtitle=self.env._("As of %(day)s", day=format_date(self.env, self.as_of)),
            blocks=[{"title": block.title, "lines": block.lines} for block in result.blocks] + [self._bss_sum_block()],
        )
        return self.env["bss.dunning.sheet"]._bss_download(pdf, self.env._("calculation"))

    def _bss_sum_block(self):
        rows = [
            (self._fields[name]._description_string(self.env), self._bss_money(self[name]))
            for name in ("amount_principal", "amount_interest", "amount_compensation", "amount_total")
        ]
        return {"title": self.env._("Together"), "lines": [f"{label}: {money}" for label, money in rows]}

    def _bss_money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)


class BssDunningCalculatorLine(models.TransientModel):
    _name = "bss.dunning.calculator.line"
    _description = "Amount of a Calculation"
    _order = "due, id"

    calculator_id = fields.Many2one("bss.dunning.calculator", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="calculator_id.currency_id")
    amount = fields.Monetary(required=True)
    due = fields.Date(required=True)


class BssDunningCalculatorPayment(models.TransientModel):
    _name = "bss.dunning.calculator.payment"
    _description = "Payment of a Calculation"
    _order = "date, id"

    calculator_id = fields.Many2one("bss.dunning.calculator", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="calculator_id.currency_id")
    date = fields.Date(required=True, default=lambda self: polish_day.today())
    amount = fields.Monetary(required=True)
