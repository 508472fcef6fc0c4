from decimal import Decimal

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import format_date

from .. import adapters, adapters_agreement
from ..dunning_core.law.terms import add_months
from ..dunning_core.policy import instalment as kernel


class BssDunningInstalmentWizard(models.TransientModel):
    _name = "bss.dunning.instalment.wizard"
    _description = "Agree on Instalments"

    case_id = fields.Many2one("bss.dunning.case", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="case_id.currency_id")
    amount_principal = fields.Monetary(string="Documents", compute="_compute_amounts", compute_sudo=True)
    with_interest = fields.Boolean(string="With Interest to Today")
    amount_interest = fields.Monetary(string="Interest", compute="_compute_amounts", compute_sudo=True)
    amount_total = fields.Monetary(string="Total", compute="_compute_amounts", compute_sudo=True)
    count = fields.Integer(string="Number of Instalments", required=True, default=3)
    down_payment = fields.Monetary(help="Paid before the first instalment; empty: none.")
    date_down = fields.Date(string="Down Payment Until", default=polish_day.today)
    date_first = fields.Date(
        string="First Instalment", required=True, default=lambda self: add_months(polish_day.today(), 1)
    )
    monthly_day = fields.Integer(
        string="Day of the Month",
        compute="_compute_monthly_day",
        store=True,
        readonly=False,
        help="Due day of the instalments after the first; the last day of a shorter month.",
    )
    note = fields.Text()
    preview_html = fields.Html(compute="_compute_preview_html", string="Schedule")

    @api.depends("case_id", "with_interest")
    def _compute_amounts(self):
        for wizard in self:
            case = wizard.case_id
            amounts = case._bss_instalment_lines().values() if case else ()
            wizard.amount_principal = float(sum((adapters.to_money(amount) for amount in amounts), Decimal(0)))
            wizard.amount_interest = case._bss_instalment_interest() if case and wizard.with_interest else 0.0
            wizard.amount_total = wizard.amount_principal + wizard.amount_interest

    @api.depends("date_first")
    def _compute_monthly_day(self):
        for wizard in self:
            wizard.monthly_day = wizard.date_first.day if wizard.date_first else 1

    def _bss_wish(self):
        return kernel.PlanWish(
            made=polish_day.today(),
            total=adapters.to_money(self.amount_total),
            count=self.count,
            first=self.date_first,
            monthly_day=self.monthly_day,
            down=adapters.to_money(self.down_payment),
            down_day=self.date_down or None,
        )

    @api.depends("amount_total", "count", "down_payment", "date_down", "date_first", "monthly_day")
    def _compute_preview_html(self):
        for wizard in self:
            if not wizard.case_id or not wizard.date_first:
                wizard.preview_html = False
                continue
            wish = wizard._bss_wish()
            failure = kernel.refusal(wish, adapters_agreement.plan_rules(wizard.case_id.company_id.sudo()))
            if failure:
                text = wizard.case_id._bss_instalment_refusal(failure)
                wizard.preview_html = Markup("<p class='text-danger'>%s</p>") % text
                continue
            wizard.preview_html = wizard._bss_table(kernel.split(wish))

    def _bss_table(self, parts):
        rows = Markup("").join(
            Markup("<tr><td>%s</td><td>%s</td><td class='text-end'>%s</td></tr>")
            % (
                one.number or self.env._("Down payment"),
                format_date(self.env, one.due),
                self.case_id._bss_text_amount(one.amount),
            )
            for one in parts
        )
        return Markup("<table class='table table-sm'>%s</table>") % rows

    def action_agree(self):
        self.ensure_one()
        plan = self.case_id._bss_instalment_plan(self._bss_wish(), self.amount_interest, self.note or "")
        return {"type": "ir.actions.act_window", "res_model": plan._name, "res_id": plan.id, "view_mode": "form"}
