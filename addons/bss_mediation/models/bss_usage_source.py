import zoneinfo
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import adapters
from ..event_rows import Unrated, rated
from ..mediation_core import FORMATS, normalise_number
from ..mediation_core.guide import guide


class BssUsageSource(models.Model):
    _name = "bss.usage.source"
    _description = "Usage Source"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, code, id"
    _check_company_auto = True
    _rec_names_search = ["code", "name"]

    name = fields.Char(required=True)
    code = fields.Char(required=True, help="Short name of the switch or exchange, e.g. ASTERISK-1.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    format = fields.Selection("_selection_format", required=True, default="asterisk_csv", tracking=True)
    timezone = fields.Char(
        string="Time Zone",
        required=True,
        default="Europe/Warsaw",
        tracking=True,
        help="Zone of the local stamps in the files; UTC when the system writes universal time.",
    )
    country_code = fields.Char(required=True, default="48", help="Put before national numbers.")
    national_length = fields.Integer(
        string="Digits of a National Number", required=True, default=9, help="Poland: 9, without trunk prefix."
    )
    international_prefix = fields.Char(default="00", help="What callers dial before a country code.")
    trunk_prefix = fields.Char(help="What callers dial before a national number; none in Poland.")
    ignore_incoming = fields.Boolean(
        string="Ignore Incoming Calls",
        default=True,
        help="Incoming records (the record says so, or a stranger calls one of our numbers) are counted as ignored. Otherwise those that say so are stored, the others go to suspense.",
    )
    error_threshold = fields.Float(
        string="Reject Above (%)",
        default=50.0,
        digits=(5, 1),
        help="A file in which more of the rows are unreadable is of another format: it is rejected whole. Files under 20 rows are always loaded.",
    )
    ahead_hours = fields.Integer(
        string="Hours Ahead",
        default=24,
        help="Events that begin later than now and these hours go to suspense: the clock of the switch is wrong. 0: no limit.",
    )
    max_age_days = fields.Integer(
        string="Oldest Event (days)",
        default=365,
        help="Events older than that go to suspense: the clock of the switch was set back, or somebody must decide. 0: no limit.",
    )
    file_ids = fields.One2many("bss.usage.file", "source_id", string="Files")
    file_count = fields.Integer(compute="_compute_counts")
    suspense_count = fields.Integer(string="Open Suspense", compute="_compute_counts")
    last_file_at = fields.Datetime(string="Last File", compute="_compute_counts")

    _code_unique = models.Constraint("UNIQUE(company_id, code)", "A usage source with this code exists already.")
    _national_length_check = models.Constraint(
        "CHECK(national_length BETWEEN 4 AND 14)", "A national number has 4 to 14 digits."
    )
    _clock_check = models.Constraint(
        "CHECK(ahead_hours >= 0 AND max_age_days >= 0)", "Limits of the clock are not negative."
    )
    _threshold_check = models.Constraint(
        "CHECK(error_threshold BETWEEN 0 AND 100)", "The threshold is a percentage between 0 and 100."
    )

    @api.model
    def _selection_format(self):
        return [(entry.name, entry.label) for entry in FORMATS.values()]

    @api.depends("name", "code")
    def _compute_display_name(self):
        for source in self:
            source.display_name = f"[{source.code}] {source.name}" if source.code else source.name

    def _compute_counts(self):
        files = {
            source.id: (count, last)
            for source, count, last in self.env["bss.usage.file"]._read_group(
                [("source_id", "in", self.ids)], ["source_id"], ["__count", "received_at:max"]
            )
        }
        open_rows = dict(
            self.env["bss.usage.suspense"]._read_group(
                [("source_id", "in", self.ids), ("state", "=", "open")], ["source_id"], ["__count"]
            )
        )
        for source in self:
            source.file_count, source.last_file_at = files.get(source.id, (0, False))
            source.suspense_count = open_rows.get(source, 0)

    @api.constrains("timezone")
    def _check_timezone(self):
        known = zoneinfo.available_timezones()
        for source in self:
            if source.timezone not in known:
                raise ValidationError(
                    self.env._("“%(zone)s” is no time zone; write it like Europe/Warsaw.", zone=source.timezone)
                )

    @api.constrains("country_code", "international_prefix", "trunk_prefix")
    def _check_digits(self):
        for source in self:
            for value in (source.country_code, source.international_prefix, source.trunk_prefix):
                if value and not (value.isascii() and value.isdigit()):
                    raise ValidationError(
                        self.env._("“%(value)s”: prefixes and country codes are digits only.", value=value)
                    )

    def _bss_normalise(self, number):
        """E.164 digits of a number as it is written at this source, or None."""
        self.ensure_one()
        return normalise_number(number, adapters.numbering_profile(self))

    def _bss_guide_of(self):
        """How this source finds the services of events (``guide``), as a function that needs no database."""
        self.ensure_one()
        return partial(guide, timezone=self.timezone, ignore_incoming=self.ignore_incoming, **self._bss_clock())

    def _bss_clock(self):
        """The instants (UTC) between which events of this source can be."""
        now = fields.Datetime.now()
        return {
            "earliest": now - timedelta(days=self.max_age_days) if self.max_age_days else None,
            "latest": now + timedelta(hours=self.ahead_hours) if self.ahead_hours else None,
        }

    def _bss_rater(self, whole=False):
        """What prices events on their way into the table (``Unrated``): an addon that rates puts something better here.

        :param whole: many events will come: what is needed may be read at once
        """
        return Unrated()

    def _bss_rows(self, events, directory):
        """Events with their services and ratings, ready for the stage, and who rated them."""
        rater = self._bss_rater()
        return rated(self._bss_guide_of()(events, directory.of(events)), rater), rater

    def action_open_files(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_file")
        action["domain"] = [("source_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_suspense(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_suspense")
        action["domain"] = [("source_id", "=", self.id)]
        return action
