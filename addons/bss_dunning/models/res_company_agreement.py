from odoo import fields, models

REMINDER = "Konto $account: przypominamy o obietnicy wpłaty $amount do $day. Rachunek: $nrb. $company"
BROKEN = "Konto $account: z wpłaty obiecanej do $day brakuje $amount. Prosimy o pilną zapłatę. $company"
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
    bss_promise_min_percent = fields.Float(
        string="Smallest Promise",
        default=50.0,
        help="Percent of the debt that has to be promised: a promise holds the whole case. 0: any amount.",
    )
    bss_promise_broken_days = fields.Integer(
        string="Days Without Promises",
        default=14,
        help="So many days after a broken promise no new one is taken; 0: no limit.",
    )
    bss_promise_max_broken = fields.Integer(
        string="Broken Promises of a Case", default=2, help="After so many no promise is taken any more; 0: no limit."
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

    _bss_promise_numbers = models.Constraint(
        "CHECK(bss_promise_min_percent BETWEEN 0 AND 100 AND bss_promise_percent BETWEEN 0 AND 100"
        " AND bss_promise_broken_days >= 0 AND bss_promise_max_broken >= 0 AND bss_promise_max_days >= 0"
        " AND bss_promise_max_open >= 0 AND bss_promise_grace_days >= 0 AND bss_promise_remind_days >= 0)",
        "Parts of promises are percents from 0 to 100, their limits are not negative.",
    )
