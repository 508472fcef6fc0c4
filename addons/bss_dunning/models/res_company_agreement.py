from odoo import fields, models

REMINDER = "Konto $account: przypominamy o obietnicy wpłaty $amount do $day. Rachunek: $nrb. $company"
BROKEN = "Konto $account: nie otrzymaliśmy obiecanej wpłaty $amount ($day). Prosimy o pilną zapłatę. $company"
PLAN_BROKEN = "Konto $account: nie wpłynęła rata $amount ($day), układ ratalny wygasł, dług jest wymagalny. $company"


class ResCompany(models.Model):
    """What a company accepts when debtors promise, pay by instalments or serve themselves."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_promise_percent = fields.Float(
        string="Part That Keeps a Promise",
        default=100.0,
        help="Percent of the promised amount that has to be paid in time.",
    )
    bss_promise_grace_days = fields.Integer(string="Days of Grace of Promises", default=2)
    bss_promise_max_days = fields.Integer(
        string="Longest Promise", default=14, help="Days from today to the promised day; 0: no limit."
    )
    bss_promise_max_open = fields.Integer(
        string="Open Promises of a Case", default=1, help="How many may be open at a time; 0: no limit."
    )
    bss_promise_remind_days = fields.Integer(
        string="Reminder of a Promise", default=1, help="Days before the promised day; 0: no reminder."
    )
    bss_promise_remind_text = fields.Text(string="Text of the Reminder", default=REMINDER)
    bss_promise_broken_channel = fields.Selection(
        [("none", "No message"), ("sms", "SMS"), ("email", "E-mail")],
        string="Message about a Broken Promise",
        required=True,
        default="sms",
    )
    bss_promise_broken_text = fields.Text(string="Text about a Broken Promise", default=BROKEN)
    bss_instalment_max = fields.Integer(string="Most Instalments", default=12, help="0: no limit.")
    bss_instalment_min_amount = fields.Monetary(
        string="Smallest Instalment", default=50.0, currency_field="currency_id"
    )
    bss_instalment_grace_days = fields.Integer(string="Days of Grace of Instalments", default=3)
    bss_instalment_broken_channel = fields.Selection(
        [("none", "No message"), ("sms", "SMS"), ("email", "E-mail")],
        string="Message about a Broken Plan",
        required=True,
        default="sms",
    )
    bss_instalment_broken_text = fields.Text(string="Text about a Broken Plan", default=PLAN_BROKEN)
    bss_portal_debt = fields.Boolean(
        string="Debt in the Portal", default=True, help="Customers see what they owe, instalments, promises, blocks."
    )
    bss_portal_promise = fields.Boolean(string="Promises in the Portal", default=True)
    bss_portal_complaint = fields.Boolean(string="Complaints in the Portal", default=True)
