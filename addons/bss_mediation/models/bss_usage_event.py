from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import store
from ..mediation_core import NumberingProfile, normalise_number

MONTHS_AHEAD = 2
# fields that users search by the name of something: its model, and the path from there to the name
NAMED = {
    "account_id": ("bss.account", "display_name"),
    "partner_id": ("bss.account", "partner_id"),
    "service_id": ("bss.service", "display_name"),
    "file_id": ("bss.usage.file", "display_name"),
}
BY_NAME = ("ilike", "like", "=ilike", "=like")
FEW_NAMED = 1_000
CLERK = "bss_catalog.group_bss_clerk"  # whom somebody called, and what he looked at, is secret


class BssUsageEvent(models.Model):
    """Read-mostly window on the partitioned table; rows are written by SQL only (see ``store``)."""

    _name = "bss.usage.event"
    _description = "Usage Event"
    _order = "started_at desc, id desc"
    _auto = False
    _log_access = False
    _rec_name = "a_number"
    # Odoo does not count a partitioned table as a table; as a query it is one. The planner sees through it.
    _table_query = "SELECT *, identity::varchar AS dedupe_key FROM bss_usage_event"

    company_id = fields.Many2one("res.company", readonly=True)
    source_id = fields.Many2one("bss.usage.source", readonly=True)
    file_id = fields.Many2one("bss.usage.file", readonly=True)
    line_no = fields.Integer(string="Line", readonly=True, aggregator=None)
    dedupe_key = fields.Char(string="Identity", readonly=True, help="Hash of what tells the record from all others.")
    usage_kind = fields.Selection(
        [
            ("voice", "Voice"),
            ("sms", "SMS"),
            ("mms", "MMS"),
            ("data", "Data"),
            ("premium", "Premium"),
            ("content", "Content"),
        ],
        string="Kind of Usage",
        readonly=True,
    )
    direction = fields.Selection([("out", "Outgoing"), ("in", "Incoming")], readonly=True)
    a_number = fields.Char(string="Caller", readonly=True)
    b_number = fields.Char(string="Called Number", readonly=True, groups=CLERK)
    account_code = fields.Char(readonly=True)
    login = fields.Char(readonly=True)
    imsi = fields.Char(string="IMSI", readonly=True)
    charged_number = fields.Char(
        readonly=True,
        help="The number that pays when it is not the caller: of the forwarder, or of who was called abroad.",
    )
    network = fields.Char(string="Visited Network", readonly=True, help="When roaming: MCC and MNC, or TADIG code.")
    service_code = fields.Char(
        readonly=True, groups=CLERK, help="Access point, rating group or content: apn:internet, rg:100, vod:4711."
    )
    session_key = fields.Char(string="Session", readonly=True, help="Shared by the records of one session.")
    on_net = fields.Boolean(string="On-Net", readonly=True, help="The called number was one of ours on that day.")
    number = fields.Char(
        compute="_compute_number",
        search="_search_number",
        help="Caller or called number, in any writing.",
    )
    started_at = fields.Datetime(string="Start", readonly=True)
    answered_at = fields.Datetime(string="Answer", readonly=True)
    duration_s = fields.Integer(string="Duration (s)", readonly=True)
    duration_display = fields.Char(string="Duration", compute="_compute_duration_display")
    units = fields.Integer(readonly=True, help="Seconds, messages or bytes to be rated.")
    volume_up = fields.Integer(string="Bytes Sent", readonly=True)
    volume_down = fields.Integer(string="Bytes Received", readonly=True)
    cost_micro = fields.Integer(string="Cost (0.000001)", readonly=True, aggregator=None)
    cost = fields.Float(
        compute="_compute_cost", digits=(16, 6), help="What the supplier charges for it, in the currency of his record."
    )
    cost_currency = fields.Char(readonly=True)
    service_id = fields.Many2one("bss.service", readonly=True)
    account_id = fields.Many2one("bss.account", string="Billing Account", readonly=True)
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    state = fields.Selection(
        [
            ("guided", "To rate"),
            ("rated", "Rated"),
            ("free", "Free"),
            ("billed", "Billed"),
            ("suspended", "Suspended"),
        ],
        readonly=True,
    )
    reason = fields.Selection("_selection_reason", readonly=True)
    plan_id = fields.Many2one("bss.rate.plan", string="Rate Plan", readonly=True)
    zone_id = fields.Many2one("bss.rate.zone", readonly=True)
    rate_id = fields.Many2one("bss.rate", readonly=True)
    prefix = fields.Char(readonly=True)
    billed_units = fields.Integer(readonly=True)
    free_units = fields.Integer(readonly=True)
    amount_e4 = fields.Integer(string="Amount (0.0001)", readonly=True)
    amount = fields.Float(string="Net Amount", digits=(16, 4), readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    explanation = fields.Text(readonly=True)

    def init(self):
        store.create_event_table(self.env.cr)
        store.create_leg_table(self.env.cr)

    @api.model
    def _selection_reason(self):
        return []

    @api.depends("a_number", "login", "imsi", "started_at")
    def _compute_display_name(self):
        for event in self:
            start = fields.Datetime.context_timestamp(event, event.started_at)
            who = event.a_number or event.login or event.imsi or event.account_id.name or ""
            event.display_name = f"{who} {start:%Y-%m-%d %H:%M:%S}"

    @api.depends("cost_micro")
    def _compute_cost(self):
        for event in self:
            event.cost = (event.cost_micro or 0) / 1_000_000

    @api.depends("a_number")
    def _compute_number(self):
        for event in self:
            event.number = event.a_number

    @api.model
    def _search_number(self, operator, value):
        """Exact by E.164 where the text is a whole number, else by its first digits: both use the index."""
        if operator == "in":
            return Domain.OR(self._search_number("ilike", one) for one in value)
        if operator not in ("ilike", "like", "=like", "=ilike") or not isinstance(value, str):
            return NotImplemented
        columns = ["a_number"]
        if self.env.user.has_group(CLERK):
            columns.append("b_number")
        whole = normalise_number(value, NumberingProfile())
        if whole and len(whole) > 8:
            return Domain.OR(Domain(column, "=", whole) for column in columns)
        digits = "".join(sign for sign in value if sign.isdigit())
        return Domain.OR(Domain(column, "=like", f"{digits}%") for column in columns)

    # --- search by name

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Few customers that a name stands for are looked up first.

        Of a subquery the planner thinks that it finds half of all accounts; it would walk back in time to meet them.
        """
        return super()._search(Domain(domain).map_conditions(self._bss_named), *args, **kwargs)

    @api.model
    def _bss_named(self, condition):
        name, operator, value = condition.field_expr, condition.operator, condition.value
        if operator not in BY_NAME or name not in NAMED or not isinstance(value, str) or not value:
            return condition
        model, path = NAMED[name]
        found = (
            self.env[model].with_context(active_test=False).search(Domain(path, operator, value), limit=FEW_NAMED + 1)
        )
        if len(found) > FEW_NAMED:
            return condition
        return Domain("account_id" if name == "partner_id" else name, "in", found.ids)

    @api.depends("duration_s")
    def _compute_duration_display(self):
        for event in self:
            minutes, seconds = divmod(event.duration_s, 60)
            hours, minutes = divmod(minutes, 60)
            event.duration_display = f"{hours}:{minutes:02}:{seconds:02}"

    @api.model_create_multi
    def create(self, vals_list):
        if vals_list:
            raise UserError(self.env._("Usage events come from usage files; they are not typed in."))
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("Usage events are not changed by hand."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Usage events are not deleted."))

    def export_data(self, fields_to_export):
        """Every export is written down."""
        self.env["bss.usage.export"]._bss_log(self, fields_to_export)
        return super().export_data(fields_to_export)

    @api.model
    def _cron_prepare_partitions(self):
        """Partitions of this month and the next ones, so that loading rarely has to make one.

        Months of UTC: the table is cut by the instants that it stores, not by Poland's days.
        """
        month = fields.Date.today().replace(day=1)
        months = [month]
        for _step in range(MONTHS_AHEAD):
            months.append(store.next_month(months[-1]))
        store.ensure_partitions(self.env.cr, months)
