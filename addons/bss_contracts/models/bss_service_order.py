import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

OPEN_STATES = ("draft", "queued", "sent")


class BssServiceOrder(models.Model):
    _name = "bss.service.order"
    _inherit = ["mail.thread"]
    _description = "Service Order"
    _order = "requested_at desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "service_id"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    service_id = fields.Many2one("bss.service", required=True, index=True, check_company=True, ondelete="restrict")
    account_id = fields.Many2one(related="service_id.account_id", store=True, index=True, string="Billing Account")
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="service_id.company_id", store=True, index=True, precompute=True)
    service_type = fields.Selection(related="service_id.service_type", store=True)
    location_id = fields.Many2one(related="service_id.location_id")
    action = fields.Selection(
        [
            ("activate", "Activate"),
            ("restrict", "Restrict"),
            ("suspend", "Suspend"),
            ("resume", "Resume"),
            ("change", "Change"),
            ("terminate", "Terminate"),
            ("message", "Message"),
        ],
        required=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("queued", "Queued"),
            ("sent", "Sent"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    reason = fields.Char()
    text = fields.Text(help="Message to the subscriber or note to the technician.")
    date_valid_from = fields.Date(
        string="Valid From", required=True, default=fields.Date.context_today, help="The network changes on this day."
    )
    requested_at = fields.Datetime(readonly=True, copy=False, default=fields.Datetime.now)
    sent_at = fields.Datetime(readonly=True, copy=False)
    done_at = fields.Datetime(readonly=True, copy=False)
    response = fields.Text(copy=False, help="What the network or the technician answered.")
    external_ref = fields.Char(string="Network Reference", copy=False)
    idempotency_key = fields.Char(
        required=True,
        copy=False,
        readonly=True,
        default=lambda self: str(uuid.uuid4()),
        help="The network sees the same key when an order is sent again.",
    )

    _key_unique = models.Constraint("UNIQUE(company_id, idempotency_key)", "This service order exists already.")
    _open_unique = models.UniqueIndex(
        "(service_id, action) WHERE state IN ('draft', 'queued', 'sent') AND action NOT IN ('message', 'change')",
        "The same order is already in progress for this service.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                service = self.env["bss.service"].browse(vals.get("service_id"))
                company = service.company_id.id or self.env.company.id
                vals["name"] = self.env["ir.sequence"].with_company(company).next_by_code("bss.service.order")
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(order.state not in ("draft", "cancelled") for order in self):
            raise UserError(self.env._("A service order on its way cannot be deleted."))

    @api.model
    def _bss_request(self, services, action, reason, valid_from=None, text=None):
        """Order ``action`` for each service; an order of the same kind in progress is returned instead."""
        services = self._bss_eligible(services._bss_without_heads(), action)
        if not services:
            return self.browse()
        day = valid_from or fields.Date.context_today(self)
        known = self.browse()
        if action not in ("message", "change"):
            known = self.search(
                [("service_id", "in", services.ids), ("action", "=", action), ("state", "in", OPEN_STATES)]
            )
        missing = services - known.service_id
        created = self.create(
            [
                {
                    "service_id": service.id,
                    "action": action,
                    "reason": reason,
                    "text": text,
                    "date_valid_from": day,
                    "state": "queued",
                }
                for service in missing
            ]
        )
        created._bss_dispatch(fields.Date.context_today(self))
        return known | created

    @api.model
    def _bss_eligible(self, services, action):
        """Services for which the action makes sense in their state."""
        if action == "activate":
            return services.filtered(lambda service: service.state == "pending")
        if action in ("suspend", "restrict"):
            return services.filtered(lambda service: service.state in ("active", "suspended"))
        if action == "resume":
            blocked = services.order_ids.filtered(
                lambda order: order.action in ("suspend", "restrict") and order.state in OPEN_STATES
            ).service_id
            return services.filtered(
                lambda service: service.state == "suspended" or service.is_restricted or service in blocked
            )
        return services.filtered(lambda service: service.state != "terminated")

    def _bss_dispatch(self, as_of):
        """Hand queued orders that are due to their provisioning adapter.

        Base: the manual adapter, a clerk or technician does the work and confirms it. A network
        adapter overrides this for its services and calls super() for the rest.
        """
        due = self.filtered(lambda order: order.state == "queued" and order.date_valid_from <= as_of)
        due.write({"state": "sent", "sent_at": fields.Datetime.now()})
        return due

    @api.model
    def _cron_dispatch(self):
        today = fields.Date.context_today(self)
        self.search([("state", "=", "queued"), ("date_valid_from", "<=", today)])._bss_dispatch(today)

    def _bss_done(self, response=None, external_ref=None):
        """The network did it: the order is done and the service follows."""
        for order in self:
            if order.state in ("done", "cancelled"):
                continue
            order.service_id._bss_apply_order(order.action, order.date_valid_from)
            order.write(
                {
                    "state": "done",
                    "done_at": fields.Datetime.now(),
                    "sent_at": order.sent_at or fields.Datetime.now(),
                    "response": response or order.response,
                    "external_ref": external_ref or order.external_ref,
                }
            )

    def _bss_failed(self, response):
        self.filtered(lambda order: order.state in ("queued", "sent")).write({"state": "failed", "response": response})

    def action_confirm_done(self):
        closed = self.filtered(lambda order: order.state in ("done", "cancelled"))
        if closed and closed == self:
            raise UserError(self.env._("Only open service orders can be confirmed."))
        self._bss_done()

    def action_queue(self):
        self.filtered(lambda order: order.state in ("draft", "failed")).write({"state": "queued"})
        self._bss_dispatch(fields.Date.context_today(self))

    def action_fail(self):
        for order in self:
            order._bss_failed(order.response or self.env._("Marked as failed by %(user)s", user=self.env.user.name))

    def action_cancel(self):
        if any(order.state == "done" for order in self):
            raise UserError(self.env._("An order that is done cannot be cancelled; order the opposite."))
        self.write({"state": "cancelled"})
