import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_mediation.adapters import in_test
from odoo.exceptions import UserError
from odoo.tools import formatLang

from .. import notice_store
from .bss_allowance import FACTORS
from .bss_usage_threshold import ACTIONS

_logger = logging.getLogger(__name__)

BATCH = 100
BLOCKS = ("restrict", "suspend")
MESSAGES = ("email", "sms")


class BssUsageNotice(models.Model):
    """A threshold that a service or account reached in a period: noted once, acted on once."""

    _name = "bss.usage.notice"
    _description = "Usage Threshold Reached"
    _order = "noted_at desc, id desc"
    _rec_name = "threshold_id"
    _check_company_auto = True

    threshold_id = fields.Many2one("bss.usage.threshold", required=True, readonly=True, ondelete="cascade", index=True)
    service_id = fields.Many2one("bss.service", readonly=True, ondelete="cascade", index="btree_not_null")
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, readonly=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    allowance_id = fields.Many2one("bss.allowance", readonly=True, ondelete="set null", index="btree_not_null")
    date_start = fields.Date(string="From", required=True, readonly=True)
    date_end = fields.Date(string="To", readonly=True)
    used = fields.Float(
        string="Used (units)", digits=(20, 0), required=True, readonly=True, help="When it was noted; of money in 1e-4."
    )
    quantity = fields.Float(string="Granted (units)", digits=(20, 0), required=True, readonly=True)
    used_display = fields.Char(string="Used", compute="_compute_shown")
    quantity_display = fields.Char(string="Of", compute="_compute_shown")
    percent = fields.Integer(related="threshold_id.percent", string="Threshold (%)")
    action = fields.Selection(ACTIONS, required=True, readonly=True, help="As the threshold was when it was reached.")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("done", "Done"),
            ("passed", "Passed at once"),
            ("late", "Too late"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        index=True,
        default="waiting",
    )
    noted_at = fields.Datetime(string="Reached", required=True, readonly=True)
    done_at = fields.Datetime(readonly=True)
    error = fields.Char(readonly=True)
    order_ids = fields.Many2many("bss.service.order", string="Service Orders", readonly=True)

    _once = models.UniqueIndex(
        "(threshold_id, account_id, COALESCE(service_id, 0), date_start)", "This threshold was noted already."
    )

    @api.depends("used", "quantity", "allowance_id", "company_id")
    @api.depends_context("lang")
    def _compute_shown(self):
        names = {"s": self.env._("min"), "sms": self.env._("SMS"), "mms": self.env._("MMS"), "byte": self.env._("GB")}
        for notice in self:
            unit = notice.threshold_id.offering_allowance_id.unit
            factor = FACTORS[unit] if unit else 10_000
            name = names.get(unit) or notice.currency_id.name
            shown = [f"{formatLang(self.env, amount / factor)} {name}" for amount in (notice.used, notice.quantity)]
            notice.used_display, notice.quantity_display = shown

    # --- note

    @api.model
    def _bss_note_allowances(self, allowance_ids):
        self._bss_wake(notice_store.note_allowances(self.env.cr, allowance_ids, self.env.uid))

    @api.model
    def _bss_note_spending(self, company, touched):
        """:param touched: (service id, first day of the month) of usage with an amount that was rated"""
        if touched and self.env["bss.spending.limit"].sudo().search_count([("company_id", "=", company.id)], limit=1):
            self.env.flush_all()
            self._bss_wake(notice_store.note_spending(self.env.cr, company.id, touched, self.env.uid))

    @api.model
    def _bss_note_run(self, run):
        """Spending limits that the usage of a rating run has reached."""
        if self.env["bss.spending.limit"].sudo().search_count([("company_id", "=", run.company_id.id)], limit=1):
            self._bss_note_spending(run.company_id, notice_store.run_touches(self.env.cr, run.id))

    @api.model
    def _bss_wake(self, noted):
        if noted:
            self.invalidate_model()
            self.env.ref("bss_rating.cron_usage_notice").sudo()._trigger()

    # --- act

    @api.model
    def _cron_act(self):
        waiting = self.search([("state", "=", "waiting")], order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        while waiting:
            batch, waiting = waiting[:BATCH], waiting[BATCH:]
            batch.try_lock_for_update()._bss_act()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    def _bss_act(self):
        """Do what the thresholds ask for; what fails is told and does not hold up the others.

        Of a period that is over nobody is told any more: usage that came late, or that was rated again.
        """
        today = polish_day.today()
        for notice in self.filtered(lambda one: one.state == "waiting"):
            if notice.date_end and notice.date_end < today:
                notice.state = "late"
                continue
            if notice._bss_is_passed():
                notice.state = "passed"
                continue
            try:
                with self.env.cr.savepoint():
                    getattr(notice, f"_bss_act_{notice.action}")()
                    notice.write({"state": "done", "done_at": fields.Datetime.now(), "error": False})
            except Exception as error:  # a template or an adapter may be wrong in any way
                if in_test() and isinstance(error, AssertionError):
                    raise
                _logger.exception("Usage notice %s", notice.id)
                notice.write({"state": "failed", "error": str(error)[:500]})

    def _bss_is_passed(self):
        """Whether a higher threshold was reached before anybody was told of this one: then only that one is told."""
        threshold = self.threshold_id
        higher = [
            ("account_id", "=", self.account_id.id),
            ("service_id", "=", self.service_id.id),
            ("date_start", "=", self.date_start),
            ("action", "=", self.action),
            ("threshold_id.offering_allowance_id", "=", threshold.offering_allowance_id.id),
            ("threshold_id.limit_id", "=", threshold.limit_id.id),
            ("threshold_id.percent", ">", threshold.percent),
        ]
        return self.action in MESSAGES and bool(self.search_count(higher, limit=1))

    def action_again(self):
        """Try those that failed once more."""
        self.check_access("write")
        self.filtered(lambda one: one.state == "failed").state = "waiting"
        self._bss_act()
        return True

    def _bss_act_email(self):
        if not self.partner_id._bss_may_contact("usage", "email"):
            raise UserError(self.env._("The customer cannot be reached by e-mail."))
        self.threshold_id.mail_template_id.send_mail(self.id)

    def _bss_act_sms(self):
        template, number = self.threshold_id.sms_template_id, self._bss_sms_number()
        if not number:
            raise UserError(self.env._("No number for SMS is known, or it is on the blacklist."))
        body = template._render_field("body", self.ids, compute_lang=True)[self.id]
        vals = {"number": number, "body": body, "partner_id": self.partner_id.id}
        self.env["sms.sms"].sudo().with_company(self.company_id).create(vals)  # its operator is the company's

    def _bss_sms_number(self):
        """The number of the mobile service itself, else the customer's; empty when it may not be written to."""
        today = polish_day.today()
        own = self.service_id.identifier_ids.filtered(
            lambda one: one.kind == "msisdn" and one.date_start <= today and (one.date_end or today) >= today
        )
        if self.service_id.service_type != "mobile" or not own:
            partner = self.partner_id
            return (partner.phone_sanitized or partner.phone) if partner._bss_may_contact("usage", "sms") else ""
        number = f"+{own[0].value}"
        return "" if self.env["phone.blacklist"].sudo().search_count([("number", "=", number)], limit=1) else number

    def _bss_act_activity(self):
        owner = self.service_id or self.account_id
        owner.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.threshold_id.text or self.threshold_id.display_name,
            note=self.env._("%(used)s of %(granted)s are used.", used=self.used_display, granted=self.quantity_display),
            user_id=self.threshold_id.user_id.id or self.env.user.id,
        )

    def _bss_act_order(self):
        threshold, orders = self.threshold_id, self.env["bss.service.order"].sudo()
        services = self.service_id or self._bss_spending_services()
        reason = threshold.display_name
        self.sudo().order_ids = orders._bss_request(
            services, threshold.order_action, reason, text=threshold.text, cause="technical"
        )
        if threshold.order_action in BLOCKS and threshold.is_lifted and self.date_end:
            after = self.date_end + timedelta(days=1)
            self.sudo().order_ids |= orders._bss_request(
                services, "resume", reason, valid_from=after, cause="technical"
            )

    def _bss_spending_services(self):
        """Services of the account that used something in the zones of the limit in the period."""
        spending = self.threshold_id.limit_id
        domain = [("account_id", "=", self.account_id.id), ("amount_e4", "!=", 0)]
        domain += [("started_at", ">=", self.date_start), ("state", "!=", "suspended")]
        for name, value in (("zone_id.kind", spending.zone_kind), ("usage_kind", spending.usage_kind)):
            domain += [(name, "=", value)] if value else []
        domain += [("zone_id", "in", spending.zone_ids.ids)] if spending.zone_ids else []
        groups = self.env["bss.usage.event"].sudo()._read_group(domain, ["service_id"])
        return self.env["bss.service"].union(*(service for (service,) in groups))
