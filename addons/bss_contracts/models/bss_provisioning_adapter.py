import logging
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


def _is_this_machine(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class BssProvisioningAdapter(models.Model):
    """The way service orders reach one network, and what is expected of it."""

    _name = "bss.provisioning.adapter"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Network Adapter"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, help="The first adapter that fits takes the order.")
    company_id = fields.Many2one(
        "res.company", index=True, default=lambda self: self.env.company, help="Empty: of all companies."
    )
    kind = fields.Selection(
        [("manual", "By hand"), ("push", "Sent to the network"), ("pull", "Fetched by the network")],
        required=True,
        default="manual",
        tracking=True,
        help="By hand: a technician does the work and confirms it here. Sent: every order is posted to the address "
        "below. Fetched: the network asks for its orders and answers them.",
    )
    service_type = fields.Selection(
        lambda self: self.env["product.template"]._fields["bss_service_type"]._description_selection(self.env),
        help="Empty: services of every kind.",
    )
    technology = fields.Selection(
        lambda self: self.env["product.template"]._fields["bss_technology"]._description_selection(self.env),
        help="Empty: offerings of every technology.",
    )
    url = fields.Char(string="Address", tracking=True, help="Orders are posted to this address followed by /orders.")
    token = fields.Char(
        groups="base.group_system",
        copy=False,
        help="Sent as a bearer token; only system users see it. Another address needs it written again.",
    )
    timeout_s = fields.Integer(string="Time-out (s)", default=10, required=True)
    max_attempts = fields.Integer(
        string="Attempts", default=12, required=True, help="After so many failures the order is marked as failed."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Network User",
        help="User whose API key the network shows when it fetches orders or answers them.",
    )
    answer_hours = fields.Integer(
        string="Answer Within (h)", default=24, required=True, help="Older orders without an answer raise an alarm."
    )
    responsible_id = fields.Many2one(
        "res.users", string="Alarm To", default=lambda self: self.env.user, help="Gets the alarms of this network."
    )
    order_ids = fields.One2many("bss.service.order", "adapter_id", string="Service Orders")
    open_count = fields.Integer(compute="_compute_counts", string="Orders in Progress")
    unanswered_count = fields.Integer(compute="_compute_counts", string="Unanswered Orders")
    failed_count = fields.Integer(compute="_compute_counts", string="Failed Orders")

    _limits = models.Constraint(
        "CHECK(timeout_s BETWEEN 1 AND 60 AND max_attempts BETWEEN 1 AND 100 AND answer_hours > 0)",
        "The time-out is 1 to 60 seconds, the attempts are 1 to 100, the time for an answer is at least an hour.",
    )

    def _compute_counts(self):
        def count(domain):
            return dict(
                self.env["bss.service.order"]._read_group(
                    Domain("adapter_id", "in", self.ids) & Domain(domain), ["adapter_id"], ["__count"]
                )
            )

        found = count([("state", "in", ("queued", "sent"))])
        late = count([("state", "in", ("queued", "sent")), ("alarmed_at", "!=", False)])
        failed = count([("state", "=", "failed")])
        for adapter in self:
            adapter.open_count = found.get(adapter, 0)
            adapter.unanswered_count = late.get(adapter, 0)
            adapter.failed_count = failed.get(adapter, 0)

    @api.constrains("kind", "url", "user_id")
    def _check_kind(self):
        for adapter in self:
            if adapter.kind == "push":
                parts = urlsplit(adapter.url or "")
                if parts.scheme not in ("http", "https") or not parts.hostname:
                    raise ValidationError(
                        self.env._(
                            "Network %(name)s: orders are sent to an address that begins with http:// or https://.",
                            name=adapter.name,
                        )
                    )
            elif adapter.kind == "pull" and not adapter.user_id:
                raise ValidationError(
                    self.env._(
                        "Network %(name)s fetches its orders: choose the user whose API key it shows.",
                        name=adapter.name,
                    )
                )

    @api.constrains("url", "token")
    def _check_token(self):
        for adapter in self.sudo():
            parts = urlsplit(adapter.url or "")
            if adapter.token and parts.scheme != "https" and not _is_this_machine(parts.hostname or ""):
                raise ValidationError(
                    self.env._(
                        "Network %(name)s: a token is sent to an address that begins with https:// only.",
                        name=adapter.name,
                    )
                )

    def write(self, vals):
        """The token is for the address for which a system user wrote it, and goes to no other."""
        moved = self.browse()
        if "url" in vals and "token" not in vals:
            moved = self.filtered(lambda adapter: adapter.url != vals["url"])
        if not moved:
            return super().write(vals)
        if self - moved:
            super(BssProvisioningAdapter, self - moved).write(vals)
        self.check_access("write")
        moved.sudo().token = False
        return super(BssProvisioningAdapter, moved).write(vals)

    @api.model
    def _bss_for_services(self, services):
        """{service: adapter} by company, kind of service and technology; empty where none fits."""
        adapters = self.sudo().search([("company_id", "in", [False, *services.company_id.ids])])
        return {
            service: adapters.filtered(lambda one, service=service: one._bss_fits(service))[:1].with_env(self.env)
            for service in services
        }

    def _bss_fits(self, service):
        self.ensure_one()
        return (
            self.company_id in (self.env["res.company"], service.company_id)
            and self.service_type in (False, service.service_type)
            and self.technology in (False, service.product_id.bss_technology)
        )

    # -- HTTP: the only place that talks to a network ------------------------------------------------

    def _bss_http(self, method, path, data=None, headers=None):
        """Response of the network; ``requests`` errors go to the caller. Redirects are not followed: a token goes nowhere else."""
        self.ensure_one()
        own = self.sudo()
        sent = dict(headers or {})
        if own.token:
            sent["Authorization"] = f"Bearer {own.token}"
        return requests.request(
            method,
            f"{own.url.rstrip('/')}{path}",
            json=data,
            headers=sent,
            timeout=own.timeout_s,
            allow_redirects=False,
        )

    def _bss_why_silent(self, error):
        """Why there is no answer, in words; what the exception says itself may hold the address and more."""
        env = self.with_context(lang=(self.company_id or self.env.company).partner_id.lang or self.env.lang).env
        if isinstance(error, requests.Timeout):
            return env._("no answer within %(seconds)s s", seconds=self.timeout_s)
        if isinstance(error, requests.exceptions.SSLError):
            return env._("its certificate is not trusted")
        if isinstance(error, requests.ConnectionError):
            return env._("no connection")
        return type(error).__name__

    def action_test(self):
        """Ask the network whether it is there and knows us."""
        self.ensure_one()
        self.check_access("write")
        if self.kind != "push":
            raise UserError(self.env._("Only a network to which orders are sent can be asked."))
        try:
            response = self._bss_http("GET", "/health")
        except requests.RequestException as error:
            _logger.info("Network adapter %s does not answer: %s", self.id, type(error).__name__)
            why = self._bss_why_silent(error)
            raise UserError(
                self.env._("Network %(name)s does not answer: %(error)s", name=self.name, error=why)
            ) from error
        if response.status_code != 200:
            raise UserError(
                self.env._("Network %(name)s answers HTTP %(status)s.", name=self.name, status=response.status_code)
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("Network %(name)s is there.", name=self.name)},
        }

    def action_view_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_service_order_action")
        action["domain"] = [("adapter_id", "=", self.id)]
        action["context"] = {"search_default_open": 1, "search_default_failed": 1}
        return action

    def action_view_unanswered(self):
        return {**self.action_view_orders(), "context": {"search_default_unanswered": 1}}
