from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mediation_core import FORMATS

YES = {"1", "yes", "true", "y", "tak", "t", "prawda"}
NO = {"", "0", "no", "false", "n", "nie", "fałsz"}


class BssUsageSourceOption(models.Model):
    """A setting of the source's format; which ones there are, and of what kind, says the registry of formats."""

    _name = "bss.usage.source.option"
    _description = "Option of a Usage Source"
    _order = "source_id, sequence, id"
    _rec_name = "name"

    source_id = fields.Many2one("bss.usage.source", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="source_id.company_id", store=True, index=True, precompute=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Technical Name", required=True, readonly=True)
    value = fields.Char()
    label = fields.Char(string="Option", compute="_compute_description")
    allowed = fields.Text(string="Allowed Values", compute="_compute_description")
    default = fields.Char(compute="_compute_description")
    help = fields.Text(string="Meaning", compute="_compute_description")

    _name_unique = models.Constraint("UNIQUE(source_id, name)", "This option is set already.")

    def _bss_option(self):
        """The option as its format describes it, or None when it belongs to another format."""
        self.ensure_one()
        entry = FORMATS.get(self.source_id.format)
        return next((option for option in entry.options if option.name == self.name), None) if entry else None

    def _bss_is_in(self, format_name):
        """Whether another format has the same option, with values of the same kind."""
        own = self._bss_option()
        return own is not None and own in FORMATS[format_name].options

    @api.model
    def _bss_option_texts(self):
        """Name and meaning of every option of a format, by the name that the format gives it."""
        texts = self.env._
        return {
            "Columns in order": (texts("Columns in order"), texts("Names of variables, separated by commas.")),
            "Separator": (texts("Separator"), texts("What stands between the columns.")),
            "Quote": (texts("Quote"), texts("What stands around values.")),
            "Stamps": (texts("Times of day"), texts("Whether the switch writes universal or local time.")),
            "Whole seconds of milliseconds": (
                texts("Whole seconds of milliseconds"),
                texts("How a duration in milliseconds becomes seconds."),
            ),
            "A call starts with": (texts("A call starts with"), texts("The request whose time begins the call.")),
            "Days to wait for the other side": (
                texts("Days to wait for the other half"),
                texts("An INVITE without BYE, or the other way round, goes to suspense after that."),
            ),
            "Template": (texts("Template"), texts("The layout in cdr_csv.conf.xml; “own” needs the variables below.")),
            "Variables of an own template in order": (
                texts("Variables of an own template"),
                texts("In their order, separated by commas."),
            ),
            "URL-encoded values": (texts("URL-encoded values"), texts("Whether values are written with % signs.")),
            "Records are": (texts("Records are"), texts("Sessions of data, calls, or told apart record by record.")),
            "Time of a record": (
                texts("Time of a record"),
                texts("By the RADIUS server or by the access server (NAS)."),
            ),
            "Leg of a call that counts": (
                texts("Leg of a call that counts"),
                texts("Which of the two records of a call is charged."),
            ),
            "One event per": (texts("One event per"), texts("Session, day of a session, or interim record.")),
            "Hours after which a session without a Stop is closed": (
                texts("Hours until a session without Stop is closed"),
                texts("Counted from its last record."),
            ),
            "Hours to wait for records of other files": (
                texts("Hours to wait for records of other files"),
                texts("A session that has stopped is closed after that."),
            ),
            "Days to remember a closed session": (
                texts("Days to remember a closed session"),
                texts("Records that come later are known as late ones."),
            ),
            "Currency of the cost": (texts("Currency of the cost"), texts("The one of the TAP file or the local one.")),
            "Meaning of the exchange rate": (
                texts("Meaning of the exchange rate"),
                texts("Local currency for one unit of the TAP currency, or the other way round."),
            ),
            "Legs that are billed": (
                texts("Legs that are billed"),
                texts("Those towards the caller (answer) or towards the called side (originate)."),
            ),
            "The redirecting number pays": (
                texts("The redirecting number pays"),
                texts("Of a call that was redirected; otherwise the caller is looked for."),
            ),
            "Messaging events are": (texts("Messaging events are"), texts("SMS or MMS.")),
            "Compare the earliest and latest time": (
                texts("Compare the earliest and latest time"),
                texts("A file whose calls are not within its declared times is refused."),
            ),
            "Record types that are billed": (
                texts("Record types that are billed"),
                texts("Separated by commas; others are counted as ignored."),
            ),
            "Own networks (MCC and MNC), not roaming": (
                texts("Own networks (MCC and MNC)"),
                texts("Separated by commas; usage in them is not roaming."),
            ),
        }

    @api.depends("name", "source_id.format")
    @api.depends_context("lang")
    def _compute_description(self):
        texts = self._bss_option_texts()
        for line in self:
            option = line._bss_option()
            line.label, line.help = texts.get(option.label, (option.label, False)) if option else (line.name, False)
            line.default = option.default if option else False
            line.allowed = line._bss_allowed(option) if option else False

    def _bss_allowed(self, option):
        return {
            "choice": ", ".join(option.choices),
            "bool": self.env._("yes, no"),
            "int": self.env._("whole number"),
        }.get(option.kind, self.env._("text"))

    @api.constrains("name", "value", "source_id")
    def _check_value(self):
        for line in self:
            option = line._bss_option()
            problem = line._bss_problem(option) if option else False
            if problem:
                raise ValidationError(
                    self.env._(
                        "Source %(name)s, option “%(option)s”: %(problem)s",
                        name=line.source_id.display_name,
                        option=line.label,
                        problem=problem,
                    )
                )

    def _bss_problem(self, option):
        """Why the value cannot be used, or False; an empty value stands for the default."""
        value = _text(self.value)
        if option.kind == "choice" and value and value not in option.choices:
            return self.env._("“%(value)s” is none of %(choices)s.", value=value, choices=", ".join(option.choices))
        if option.kind == "bool" and value.lower() not in YES | NO:
            return self.env._("“%(value)s” is neither yes nor no.", value=value)
        if option.kind == "int" and value and not (value.isascii() and value.isdigit() and len(value) <= 9):
            return self.env._("“%(value)s” is no whole number from 0 on.", value=value)
        return False

    def _bss_kernel_value(self):
        """The value as formats read it: text, truth as "1" or "0"; an empty one leaves it to the default."""
        option = self._bss_option()
        value = _text(self.value)
        if option and option.kind == "bool":
            return value and ("1" if value.lower() in YES else "0")
        return value


def _text(value):
    """A separator may be a space: only text that is more than spaces loses them at its ends."""
    return (value or "").strip() or (value or "")
