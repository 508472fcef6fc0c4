import secrets
from decimal import Decimal
from ipaddress import ip_address
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import ValidationError

from ..sms_core.gateways import PROVIDERS, ReportNames
from ..sms_core.text import cost, measure
from .bss_sms_log import PROBLEMS


def _is_this_machine(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class BssSmsGateway(models.Model):
    """The operator through whom a company sends text messages."""

    _name = "bss.sms.gateway"
    _inherit = ["mail.thread"]
    _description = "SMS Gateway"
    _order = "company_id, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    provider = fields.Selection(
        [("smsapi", "SMSAPI.pl"), ("serwersms", "SerwerSMS.pl")], required=True, default="smsapi", tracking=True
    )
    url = fields.Char(
        string="Address",
        compute="_compute_url",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
    )
    token = fields.Char(
        groups="base.group_system",
        copy=False,
        help="API token of the operator's panel; only system users see it. Another address needs it written again.",
    )
    sender = fields.Char(help="Name or number shown to the customer, as confirmed by the operator.", tracking=True)
    price_ids = fields.One2many("bss.sms.price", "gateway_id", string="Prices")
    price_per_part = fields.Float(
        digits=(16, 4),
        compute="_compute_price_per_part",
        help="Net price of one part by the price list in force today.",
    )
    transliterate = fields.Boolean(
        string="Without Polish Letters",
        default=True,
        tracking=True,
        help="Writes a for ą, l for ł and so on: a part then holds 160 letters, with Polish letters only 70.",
    )
    max_parts = fields.Integer(
        string="Parts at Most", default=3, required=True, help="Longer messages are not sent.", tracking=True
    )
    max_attempts = fields.Integer(
        string="Attempts",
        default=6,
        required=True,
        help="So many times a message is given to an operator that does not answer, each time after a longer wait. "
        "Then it has failed, and a dunning step takes its next channel.",
    )
    timeout_s = fields.Integer(string="Time-out (s)", default=10, required=True)
    test_mode = fields.Boolean(tracking=True, help="The operator checks messages and sends none: for a new connection.")
    callback_secret = fields.Char(
        groups="base.group_system", copy=False, default=lambda self: secrets.token_urlsafe(24), readonly=True
    )
    callback_url = fields.Char(
        string="Report Address",
        compute="_compute_callback_url",
        groups="base.group_system",
        help="Enter it in the operator's panel as the address of delivery reports. It holds a secret.",
    )
    report_id_param = fields.Char(default="smsid", help="Parameter of a delivery report with the operator's number.")
    report_key_param = fields.Char(default="unique_id", help="Parameter of a delivery report with our own key.")
    report_status_param = fields.Char(default="status", help="Parameter of a delivery report with the state.")
    fetch_reports = fields.Boolean(
        string="Ask for Reports",
        default=True,
        help="Every quarter of an hour the operator is asked about messages without an end. Not needed where it brings "
        "its reports to our address.",
    )
    problem = fields.Selection(PROBLEMS, readonly=True, copy=False, help="Why messages wait now.")
    problem_text = fields.Char(string="Operator's Words", readonly=True, copy=False)
    problem_at = fields.Datetime(string="Since", readonly=True, copy=False)
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting")
    failed_count = fields.Integer(compute="_compute_counts", string="Failed")

    _one_per_company = models.UniqueIndex("(company_id) WHERE active", "A company has one SMS gateway at a time.")
    _limits = models.Constraint(
        "CHECK(max_parts BETWEEN 1 AND 6 AND max_attempts BETWEEN 1 AND 20 AND timeout_s BETWEEN 1 AND 60)",
        "Parts are 1 to 6, attempts 1 to 20, and the time-out 1 to 60 seconds.",
    )
    # Computes

    @api.depends("provider")
    def _compute_url(self):
        defaults = {provider.url for provider in PROVIDERS.values()}
        for gateway in self:
            if not gateway.url or gateway.url in defaults:
                gateway.url = PROVIDERS[gateway.provider].url if gateway.provider else False

    @api.depends("price_ids.price", "price_ids.date_start")
    def _compute_price_per_part(self):
        today = polish_day.today()
        for gateway in self:
            gateway.price_per_part = gateway._bss_price_on(today)

    @api.depends("callback_secret")
    def _compute_callback_url(self):
        for gateway in self:
            gateway.callback_url = gateway._bss_callback_url() if gateway._origin else False

    def _compute_counts(self):
        found = self.env["bss.sms.log"]._read_group(
            [("gateway_id", "in", self.ids), ("state", "in", ("sending", "waiting", "failed"))],
            ["gateway_id", "state"],
            ["__count"],
        )
        for gateway in self:
            own = [(state, count) for one, state, count in found if one == gateway]
            gateway.failed_count = sum(count for state, count in own if state == "failed")
            gateway.waiting_count = sum(count for state, count in own if state != "failed")

    # Checks

    @api.constrains("url", "token")
    def _check_url(self):
        for gateway in self.sudo():
            parts = urlsplit(gateway.url or "")
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValidationError(self.env._("The address of a gateway begins with https://."))
            if gateway.token and parts.scheme != "https" and not _is_this_machine(parts.hostname):
                raise ValidationError(self.env._("A token is sent to an address that begins with https:// only."))

    def write(self, vals):
        """The token is for the address for which a system user wrote it, and goes to no other."""
        before = {gateway: gateway.url for gateway in self}
        result = super().write(vals)
        if "token" not in vals:
            moved = self.filtered(lambda gateway: gateway.url != before[gateway])
            if moved.sudo().filtered("token"):
                moved.sudo().token = False
        return result

    # Finding

    @api.model
    def _bss_of(self, company):
        """Gateway of a company, else of the company above it; empty when there is none. Has all rights."""
        found = self.sudo().search([("company_id", "in", company.sudo().parent_ids.ids or company.ids)])
        return found.sorted(lambda gateway: len(gateway.company_id.parent_path or ""))[-1:]

    def _bss_price_on(self, day):
        """Price of one part on a day, by the price list of the operator; 0 before the first price."""
        prices = self.price_ids.filtered(lambda price: price.date_start and price.date_start <= day)
        return prices.sorted("date_start")[-1:].price

    def _bss_provider(self):
        self.ensure_one()
        return PROVIDERS[self.provider]

    def _bss_report_names(self):
        return ReportNames(
            key=self.report_key_param or "", reference=self.report_id_param or "", status=self.report_status_param or ""
        )

    def _bss_callback_url(self):
        own = self.sudo()
        return f"{own.get_base_url()}/bss/sms/{own._origin.id}/{own.callback_secret}" if own.callback_secret else ""

    def _bss_words(self, problem, text=""):
        """A problem in the user's language, with what the operator said."""
        label = dict(self.env["bss.sms.log"]._fields["problem"]._description_selection(self.env)).get(problem, problem)
        return f"{label} ({text})" if text else label or ""

    @api.model
    def _bss_size_text(self, text, gateway):
        """Length of a text in words, with its price at a gateway that may be empty."""
        size = measure(text or "")
        words = self.env._(
            "%(letters)s characters, parts: %(parts)s, alphabet %(alphabet)s",
            letters=len(text or ""),
            parts=size.parts,
            alphabet={"gsm7": "GSM-7", "ucs2": "UCS-2"}[size.encoding],
        )
        if gateway:
            price = cost(size.parts, Decimal(f"{gateway.price_per_part:.4f}"))
            words = self.env._(
                "%(size)s, %(cost)s %(currency)s",
                size=words,
                cost=f"{price:.4f}".replace(".", ","),
                currency=gateway.currency_id.name,
            )
            if size.parts > gateway.max_parts:
                words = self.env._("%(size)s – too long, at most %(limit)s parts", size=words, limit=gateway.max_parts)
        return words

    # Buttons

    def action_new_secret(self):
        """Another report address; the old one no longer works."""
        self.check_access("write")
        for gateway in self.sudo():
            gateway.callback_secret = secrets.token_urlsafe(24)

    def action_test(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Test SMS"),
            "res_model": "bss.sms.test",
            "view_mode": "form",
            "target": "new",
            "context": {"default_gateway_id": self.id},
        }

    def action_view_log(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_sms_log_action")
        action["domain"] = [("gateway_id", "=", self.id)]
        action["context"] = self.env.context.get("log_context", {})
        return action
