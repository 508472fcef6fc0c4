from odoo import fields, models
from odoo.addons.bss_catalog import polish_day


class BssDunningNotice(models.Model):
    """One friendly message about one document: chosen once, sent once, and what became of it."""

    _name = "bss.dunning.notice"
    _description = "Notice to a Customer"
    _order = "id desc"
    _check_company_auto = True
    _rec_name = "partner_id"

    rule_id = fields.Many2one(
        "bss.dunning.notice.rule", required=True, index=True, ondelete="restrict", check_company=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(related="rule_id.kind")
    account_id = fields.Many2one("bss.account", required=True, index=True, ondelete="cascade", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade", readonly=True
    )
    move_id = fields.Many2one(
        "account.move", string="Document", index="btree_not_null", ondelete="cascade", readonly=True
    )
    case_id = fields.Many2one(
        "bss.dunning.case", string="Debt Paid", index="btree_not_null", ondelete="cascade", readonly=True
    )
    date = fields.Date(string="Selected On", required=True, readonly=True, default=polish_day.today)
    due = fields.Date(string="Due Date", readonly=True)
    amount = fields.Monetary(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("cancelled", "Not Needed"),
        ],
        required=True,
        default="waiting",
        readonly=True,
        index=True,
    )
    channel = fields.Selection([("email", "E-mail"), ("sms", "SMS")], readonly=True)
    tried = fields.Char(readonly=True, help="Channels that failed.")
    date_sent = fields.Date(string="Sent On", readonly=True)
    reason = fields.Text(readonly=True)
    mail_id = fields.Many2one(
        "mail.mail", readonly=True, ondelete="set null", index="btree_not_null", groups="base.group_user"
    )
    sms_uuid = fields.Char(readonly=True, index="btree_not_null")

    # what makes a night that is repeated harmless
    _move_unique = models.UniqueIndex("(rule_id, move_id) WHERE move_id IS NOT NULL", "Told of this document already.")
    _case_unique = models.UniqueIndex("(rule_id, case_id) WHERE case_id IS NOT NULL", "Thanked for this debt already.")
    _waiting_idx = models.Index("(rule_id, id) WHERE state = 'waiting'")
    _contact_idx = models.Index("(company_id, date_sent) WHERE state = 'sent'")
