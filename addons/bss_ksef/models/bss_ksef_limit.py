"""Request limits of KSeF: one account of calls for all workers and all companies of a tax number.

Calls are counted in tables of their own and in transactions of their own: what was called stays called when a job is
rolled back, and other workers must see it at once.
"""

import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ..ksef_core.transport import limits
from ..ksef_core.transport.mask import protect
from ..ksef_core.transport.result import Failure

_logger = protect(logging.getLogger(__name__))

WINDOWS = (("second", limits.PER_SECOND), ("minute", limits.PER_MINUTE), ("hour", limits.PER_HOUR))
GROUPS = [
    ("batchSession", "Opening batch sessions"),
    ("batchSessionClose", "Closing batch sessions"),
    ("onlineSession", "Opening interactive sessions"),
    ("onlineSessionClose", "Closing interactive sessions"),
    ("invoiceSend", "Sending single invoices"),
    ("invoiceStatus", "State of single invoices"),
    ("sessionList", "List of sessions"),
    ("sessionInvoiceList", "Invoices of a session"),
    ("sessionMisc", "State of sessions and UPO"),
    ("invoiceMetadata", "Searching invoices"),
    ("invoiceExport", "Starting exports"),
    ("invoiceExportStatus", "State of exports"),
    ("invoiceDownload", "Downloading invoices"),
    ("collectiveIdentifier", "Collective identifiers"),
    ("other", "Other calls"),
    ("anonymous", "Login and public keys"),
    ("global", "All calls together"),
]
#: Hours after which the effective limits are asked for again, and after which a failed question is repeated.
ASK_AFTER, ASK_AGAIN_AFTER = 24, 1

# Comes before the snapshot of a transaction, so that two workers who write at once do not break each other
LOCK_ALLOWANCES = "LOCK TABLE bss_ksef_allowance IN SHARE ROW EXCLUSIVE MODE"


class BssKsefLimit(models.Model):
    """One window of one group of calls: what is allowed, used and left right now. Nothing of it is stored here."""

    _name = "bss.ksef.limit"
    _description = "KSeF Request Limit"
    _auto = False
    _order = "company_id, call_group, seconds"
    _rec_name = "call_group"

    company_id = fields.Many2one("res.company", readonly=True)
    call_group = fields.Selection(GROUPS, string="Calls", readonly=True)
    window = fields.Selection(
        [("second", "Last second"), ("minute", "Last minute"), ("hour", "Last hour")], readonly=True
    )
    seconds = fields.Integer(string="Window (s)", readonly=True)
    allowed = fields.Integer(readonly=True)
    used = fields.Integer(readonly=True)
    free = fields.Integer(readonly=True)
    blocked_until = fields.Datetime(readonly=True, help="KSeF refused a call of this group; nothing is called before.")

    def init(self):
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS bss_ksef_call (
                scope text NOT NULL, nip text NOT NULL, call_group text NOT NULL, called_at timestamptz NOT NULL
            );
            CREATE INDEX IF NOT EXISTS bss_ksef_call_window
                ON bss_ksef_call (scope, nip, call_group, called_at DESC);
            CREATE TABLE IF NOT EXISTS bss_ksef_allowance (
                scope text NOT NULL, nip text NOT NULL, call_group text NOT NULL,
                per_second int, per_minute int, per_hour int, is_asked boolean NOT NULL DEFAULT false,
                blocked_until timestamptz, ask_after timestamptz, PRIMARY KEY (scope, nip, call_group)
            );
            """
        )

    @property
    def _table_query(self):
        published = [
            (index, group.value, allowance.per_second, allowance.per_minute, allowance.per_hour)
            for index, (group, allowance) in enumerate(limits.PUBLISHED.items())
        ]
        return SQL(
            """
            SELECT row.company_id * 100 + row.place * 3 + (row.seconds > 1)::int + (row.seconds > 60)::int AS id,
                   row.company_id, row.call_group, row.seconds, row.allowed, row.used,
                   GREATEST(row.allowed - row.used, 0) AS free, row.blocked_until,
                   CASE row.seconds WHEN 1 THEN 'second' WHEN 60 THEN 'minute' ELSE 'hour' END AS window
              FROM (
                    SELECT company.id AS company_id, published.place, published.call_group, span.seconds,
                           CASE WHEN own.is_asked THEN
                               CASE span.seconds WHEN 1 THEN own.per_second WHEN 60 THEN own.per_minute
                                    ELSE own.per_hour END
                           ELSE
                               CASE span.seconds WHEN 1 THEN published.per_second WHEN 60 THEN published.per_minute
                                    ELSE published.per_hour END
                           END AS allowed,
                           (SELECT COUNT(*) FROM bss_ksef_call call
                             WHERE call.scope = home.scope AND call.nip = home.nip
                               AND (published.call_group = 'global' OR call.call_group = published.call_group)
                               AND call.called_at > clock_timestamp() - span.seconds * interval '1 second'
                           )::int AS used,
                           CASE WHEN own.blocked_until > clock_timestamp()
                                THEN own.blocked_until AT TIME ZONE 'UTC' END AS blocked_until
                      FROM res_company company
                      JOIN res_partner partner ON partner.id = company.partner_id
                CROSS JOIN LATERAL (
                            SELECT regexp_replace(COALESCE(partner.vat, ''), '\\D', '', 'g') AS nip,
                                   CASE company.bss_ksef_environment
                                        WHEN 'local' THEN COALESCE(company.bss_ksef_base_url, '')
                                        ELSE company.bss_ksef_environment END AS scope
                           ) home
                CROSS JOIN (VALUES %s) AS published (place, call_group, per_second, per_minute, per_hour)
                CROSS JOIN (VALUES (1), (60), (3600)) AS span (seconds)
                 LEFT JOIN bss_ksef_allowance own ON own.scope = home.scope AND own.nip = home.nip
                                                 AND own.call_group = published.call_group
                     WHERE company.bss_ksef_enabled
                   ) row
             WHERE row.allowed IS NOT NULL
            """,
            SQL(", ").join(SQL("(%s, %s, %s::int, %s::int, %s::int)", *row) for row in published),
        )

    # ------------------------------------------------------------------ what the gate uses

    @api.model
    def _bss_limiter(self, company):
        """The limiter of `company`; companies of one tax number in one environment share it."""
        return DatabaseLimiter(self.env.registry, *self._bss_context(company))

    @api.model
    def _bss_context(self, company):
        """(environment, tax number) that KSeF counts calls for; each local simulator counts for itself."""
        environment = company.bss_ksef_environment
        return company.bss_ksef_base_url or "" if environment == "local" else environment, company._bss_ksef_nip()

    @api.model
    def _bss_openings(self, company):
        """(allowance, moments of openings in the last hour, blocked until or None) for batch sessions."""
        scope, nip = self._bss_context(company)
        key = (scope, nip, limits.Group.BATCH_OPEN.value)
        self.env.cr.execute(
            "SELECT called_at FROM bss_ksef_call WHERE scope = %s AND nip = %s AND call_group = %s"
            " AND called_at > clock_timestamp() - interval '1 hour' ORDER BY called_at",
            key,
        )
        opened = [moment for (moment,) in self.env.cr.fetchall()]
        allowance, blocked_until = _allowance(self.env.cr, *key)
        return allowance, opened, blocked_until

    @api.model
    def _bss_ask(self, gate, token, company):
        """Once a day the limits that KSeF keeps to now; when it does not tell, the last known ones go on."""
        scope, nip = self._bss_context(company)
        due = """
            SELECT 1 FROM bss_ksef_allowance
             WHERE scope = %s AND nip = %s AND call_group = 'global' AND ask_after > clock_timestamp()
        """
        self.env.cr.execute(due, [scope, nip])
        if self.env.cr.fetchone():
            return
        answer = gate.ask("GET", "/rate-limits", token=token)
        told = {}
        if not isinstance(answer, Failure):
            try:
                told = limits.read(answer.json)
            except ValueError as exc:
                _logger.warning("KSeF limits of %s are not readable: %s", nip, exc)
        with self.env.registry.cursor() as cr:
            cr.execute(LOCK_ALLOWANCES)
            _keep(cr, scope, nip, told)

    @api.autovacuum
    def _bss_gc_calls(self):
        self.env.cr.execute("DELETE FROM bss_ksef_call WHERE called_at < NOW() - interval '2 hours'")


def drop_call_tables(cr):
    """The tables of ``BssKsefLimit.init``, when the addon goes."""
    cr.execute("DROP TABLE IF EXISTS bss_ksef_call, bss_ksef_allowance")


class DatabaseLimiter:
    """`limits.Limiter` over the tables above, each question in a short transaction of its own."""

    def __init__(self, registry, scope, nip):
        self._registry = registry
        self._context = (scope, nip)

    def take(self, group):
        with self._registry.cursor() as cr:
            # LOCK TABLE comes before the snapshot of the transaction: all calls that were counted are seen
            cr.execute("LOCK TABLE bss_ksef_call IN SHARE ROW EXCLUSIVE MODE")
            # after the clock was put back: calls of the future would hold everybody up until it gets there
            cr.execute(
                "UPDATE bss_ksef_call SET called_at = clock_timestamp() WHERE scope = %s AND nip = %s"
                " AND called_at > clock_timestamp() + interval '1 second'",
                self._context,
            )
            seconds = max(self._wait(cr, group), self._wait(cr, limits.Group.ALL))
            if seconds <= 0:
                cr.execute(
                    "DELETE FROM bss_ksef_call WHERE scope = %s AND nip = %s AND call_group = %s"
                    " AND called_at < clock_timestamp() - interval '2 hours'",
                    [*self._context, group.value],
                )
                cr.execute(
                    "INSERT INTO bss_ksef_call VALUES (%s, %s, %s, clock_timestamp())", [*self._context, group.value]
                )
            return seconds

    def block(self, group, seconds):
        with self._registry.cursor() as cr:
            cr.execute(LOCK_ALLOWANCES)
            cr.execute(
                """
                INSERT INTO bss_ksef_allowance (scope, nip, call_group, blocked_until)
                VALUES (%s, %s, %s, clock_timestamp() + %s * interval '1 second')
                ON CONFLICT (scope, nip, call_group) DO UPDATE
                   SET blocked_until = GREATEST(bss_ksef_allowance.blocked_until, EXCLUDED.blocked_until)
                """,
                [*self._context, group.value, seconds],
            )

    def _wait(self, cr, group):
        allowance, blocked_until = _allowance(cr, *self._context, group.value)
        own = SQL() if group is limits.Group.ALL else SQL("AND call_group = %s", group.value)

        def age_of_nth_last(number):
            cr.execute(
                SQL(
                    """
                    SELECT EXTRACT(EPOCH FROM clock_timestamp() - called_at)::float8 FROM bss_ksef_call
                     WHERE scope = %s AND nip = %s %s AND called_at > clock_timestamp() - interval '2 hours'
                     ORDER BY called_at DESC OFFSET %s LIMIT 1
                    """,
                    *self._context,
                    own,
                    number - 1,
                )
            )
            found = cr.fetchone()
            return found[0] if found else None

        seconds = limits.wait(allowance, age_of_nth_last)
        if blocked_until:
            cr.execute("SELECT EXTRACT(EPOCH FROM %s - clock_timestamp())::float8", [blocked_until])
            seconds = max(seconds, cr.fetchone()[0])
        return seconds


def _allowance(cr, scope, nip, group):
    """(what is allowed now, blocked until or None) of one group."""
    cr.execute(
        "SELECT is_asked, per_second, per_minute, per_hour, blocked_until FROM bss_ksef_allowance"
        " WHERE scope = %s AND nip = %s AND call_group = %s",
        [scope, nip, group],
    )
    is_asked, *calls, blocked_until = cr.fetchone() or (False, None, None, None, None)
    return limits.Allowance(*calls) if is_asked else limits.PUBLISHED[limits.Group(group)], blocked_until


def _keep(cr, scope, nip, told):
    for group, allowance in told.items():
        cr.execute(
            """
            INSERT INTO bss_ksef_allowance (scope, nip, call_group, per_second, per_minute, per_hour, is_asked)
            VALUES (%s, %s, %s, %s, %s, %s, true)
            ON CONFLICT (scope, nip, call_group) DO UPDATE
               SET per_second = EXCLUDED.per_second, per_minute = EXCLUDED.per_minute,
                   per_hour = EXCLUDED.per_hour, is_asked = true
            """,
            [scope, nip, group.value, allowance.per_second, allowance.per_minute, allowance.per_hour],
        )
    cr.execute(
        """
        INSERT INTO bss_ksef_allowance (scope, nip, call_group, per_second, is_asked, ask_after)
        VALUES (%s, %s, 'global', %s, false, clock_timestamp() + %s * interval '1 hour')
        ON CONFLICT (scope, nip, call_group) DO UPDATE SET ask_after = EXCLUDED.ask_after
        """,
        [scope, nip, None, ASK_AFTER if told else ASK_AGAIN_AFTER],
    )
