"""SQL of itemised bills: which events a bill lists, in the order of printing, and what their groups were charged."""

from decimal import Decimal
from itertools import count as counter

from odoo.tools import SQL

from . import event_charge_store
from .adapters import BILLING_TZ
from .itemised_core import KINDS, Charged, ChargeGroup, Use

FETCH = 5_000  # rows in memory at once
SHOWN = ("rated", "free")
_cursors = counter()


def charge_groups(env, charge_ids):
    """{columns of a group and its start: ChargeGroup} of the groups that usage charges of an invoice are of."""
    cr, ids, found = env.cr, set(charge_ids), {}
    rows = event_charge_store.siblings(cr, charge_ids)
    ends = _bill_ends(env, {run_id for _charge, run_id, *_rest in rows if run_id})
    for charge_id, run_id, amount, e4, since, until, columns in rows:
        key = (since, *columns.values())
        group = found.setdefault(key, ChargeGroup(since, until, since, since))
        end = min(max(ends.get(run_id) or until, since), until)
        if charge_id in ids:
            group.here, group.here_e4 = group.here + _cents(amount), group.here_e4 + e4
            group.upper = max(group.upper, end)
        else:
            group.elsewhere, group.elsewhere_e4 = group.elsewhere + _cents(amount), group.elsewhere_e4 + e4
            if charge_id < min(ids):
                group.lower = max(group.lower, end)
    cr.execute(
        SQL(
            """SELECT charged.place, sum(event.amount_e4)::bigint,
                      COALESCE(sum(event.amount_e4) FILTER (
                          WHERE event.started_at >= charged.lower AND event.started_at < charged.upper), 0)::bigint
                 FROM %s GROUP BY 1""",
            _events_in([(one.since, one.until, one.lower, one.upper, key[1:]) for key, one in found.items()]),
        )
    )
    groups = list(found.values())
    for place, all_e4, inside_e4 in cr.fetchall():
        groups[place - 1].all_e4, groups[place - 1].inside_e4 = all_e4, inside_e4
    return found


def _bill_ends(env, run_ids):
    """{bill run: UTC instant before which it billed usage}; of a final bill nobody knows any more."""
    runs = env["bss.bill.run"].sudo().browse(run_ids)
    return {run.id: run._bss_usage_end() for run in runs if run.kind != "final"}


def _events_in(spans):
    """FROM of the events of groups, ``event``, each beside its ``charged`` (place from 1, since, until, lower, upper).

    :param spans: [(since, until, lower, upper, values of ``event_charge_store.COLUMNS``)]
    """
    columns = event_charge_store.COLUMNS
    times = [SQL("%s::timestamp[]", [span[place] for span in spans]) for place in range(4)]
    values = [
        SQL("%s::varchar[]" if name == "usage_kind" else "%s::int[]", [span[4][place] for span in spans])
        for place, name in enumerate(columns)
    ]
    return SQL(
        """unnest(%(arrays)s) WITH ORDINALITY AS charged (since, until, lower, upper, %(columns)s, place)
           JOIN bss_usage_event event ON event.started_at >= charged.since AND event.started_at < charged.until
            AND event.state = ANY(%(shown)s) AND %(same)s""",
        arrays=SQL(", ").join([*times, *values]),
        columns=SQL(", ").join(map(SQL.identifier, columns)),
        shown=list(SHOWN),
        same=SQL(" AND ").join(
            SQL("%s = %s", SQL.identifier("event", name), SQL.identifier("charged", name)) for name in columns
        ),
    )


def events_of_charges(groups):
    """Query of the events that the usage charges of an invoice are for, each once, and what they were charged.

    The only place that says which events a charge is for (see ``charge_store``: they share a group, no more).

    :param groups: of ``charge_groups``
    :return: (query of columns of ``bss_usage_event``, {(service, kind, zone): Charged})
    """
    spans, charged = [], {}
    for key, group in groups.items():
        since, until, told = group.listed()
        columns = dict(zip(event_charge_store.COLUMNS, key[1:], strict=True))
        spans.append((since, until, since, until, key[1:]))
        shown = columns["service_id"], columns["usage_kind"], columns["zone_id"]
        charged[shown] = charged.get(shown, Charged()).plus(told)
    return SQL("SELECT event.* FROM %s", _events_in(spans)), charged


def free_events_beside(groups):
    """Query of the events that cost nothing and that no charge is for, of the services and times of usage charges."""
    spans = {}
    for key, group in groups.items():
        columns = dict(zip(event_charge_store.COLUMNS, key[1:], strict=True))
        since, until, _told = group.listed()
        service = columns["service_id"], columns["account_id"]
        first, last = spans.get(service, (since, until))
        spans[service] = min(first, since), max(last, until)
    return SQL(
        """
        SELECT event.*
          FROM unnest(%(services)s::int[], %(accounts)s::int[], %(since)s::timestamp[], %(until)s::timestamp[])
            AS span (service_id, account_id, since, until)
          JOIN bss_usage_event event ON event.service_id = span.service_id AND event.account_id = span.account_id
           AND event.started_at >= span.since AND event.started_at < span.until
         WHERE event.amount_e4 = 0 AND event.state = ANY(%(shown)s) AND NOT %(charged)s
        """,
        services=[service for service, _account in spans],
        accounts=[account for _service, account in spans],
        since=[since for since, _until in spans.values()],
        until=[until for _since, until in spans.values()],
        shown=list(SHOWN),
        charged=event_charge_store.is_charged("event", SQL("charge.state <> 'cancelled'")),
    )


def _cents(value):
    return Decimal(value).quantize(Decimal("0.01"))


# a charge of usage that rating made, or a correction of one: what a person typed in has no events
IS_USAGE = SQL("charge.rating_run_id IS NOT NULL AND charge.state <> 'cancelled'")


def usage_charges(cr, move_ids):
    """{invoice: ids of its charges for usage and their corrections}"""
    cr.execute(
        SQL(
            """SELECT charge.move_id, array_agg(charge.id ORDER BY charge.id) FROM bss_charge charge
                WHERE charge.move_id = ANY(%s) AND %s GROUP BY charge.move_id""",
            list(move_ids),
            IS_USAGE,
        )
    )
    return dict(cr.fetchall())


def events_of_period(account_id, service_ids, first, last):
    """Query of the events of a billing account whose local day is in a period.

    Services that left the account are asked too: what they did before was on its bill.

    :param service_ids: only these, None = all
    """
    wanted = SQL("AND event.service_id = ANY(%s)", list(service_ids)) if service_ids is not None else SQL()
    return SQL(
        """
        SELECT event.*
          FROM bss_usage_event event
         WHERE event.service_id IN (SELECT id FROM bss_service WHERE account_id = %(account)s
                                     UNION SELECT service_id FROM bss_charge
                                            WHERE account_id = %(account)s AND kind = 'usage')
           AND event.account_id = %(account)s AND event.state = ANY(%(shown)s) %(wanted)s
           AND event.started_at >= (%(first)s::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC'
           AND event.started_at < ((%(last)s::date + 1)::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC'
        """,
        account=account_id,
        wanted=wanted,
        shown=list(SHOWN),
        first=first,
        last=last,
        tz=BILLING_TZ,
    )


# many services are called by their number already
_SERVICE = SQL(
    """CASE WHEN strpos(service.name, COALESCE(service.main_identifier, '')) > 0 THEN service.name
            ELSE service.main_identifier || ' – ' || service.name END"""
)


def listed(events, lang, without_free):
    """Query of the rows of ``Use`` for a query of events.

    :param without_free: leave out free, emergency and helpline numbers, as ``itemised_core.is_unlisted`` says
    """
    unlisted = SQL(
        """AND NOT (event.amount_e4 = 0 AND (COALESCE(zone.kind, '') IN ('free', 'emergency')
                    OR (event.b_number LIKE '48116%%' AND length(event.b_number) = 8)))"""
    )
    return SQL(
        """
        SELECT event.service_id, %(service)s, event.usage_kind,
               COALESCE(event.zone_id, 0), COALESCE(zone.name ->> %(lang)s, zone.name ->> 'en_US', ''),
               wall.at, (EXTRACT(EPOCH FROM wall.at - event.started_at) / 60)::int, COALESCE(event.b_number, ''),
               COALESCE(event.service_code, ''), COALESCE(event.network, ''), event.direction = 'in', event.units,
               COALESCE(event.free_units, 0), COALESCE(money.paid, 0)::bigint, COALESCE(event.amount_e4, 0)
          FROM (%(events)s) event
          JOIN bss_service service ON service.id = event.service_id
     LEFT JOIN (SELECT *, row_number() OVER (ORDER BY COALESCE(name ->> %(lang)s, name ->> 'en_US'), id) AS place
                  FROM bss_rate_zone) zone ON zone.id = event.zone_id
     LEFT JOIN LATERAL (
               SELECT sum(used.units) AS paid FROM bss_usage_use used
                 JOIN bss_allowance allowance ON allowance.id = used.allowance_id AND allowance.unit = 'micro'
                WHERE used.event_id = event.id) money ON TRUE
         CROSS JOIN LATERAL (SELECT (event.started_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s AS at) wall
         WHERE TRUE %(unlisted)s
         -- numbers instead of texts, and no alphabet of a language where there are many rows: half of the time
         ORDER BY service.name COLLATE "C", event.service_id, array_position(%(kinds)s::varchar[], event.usage_kind),
                  zone.place, event.started_at, event.id
        """,
        service=_SERVICE,
        lang=lang,
        events=events,
        tz=BILLING_TZ,
        kinds=list(KINDS),
        unlisted=unlisted if without_free else SQL(),
    )


def count(cr, events):
    """(number of events, first start, last start) of a query of events, as UTC instants."""
    cr.execute(SQL("SELECT count(*), min(event.started_at), max(event.started_at) FROM (%s) event", events))
    return cr.fetchone()


def uses(cr, query):
    """``Use`` after ``Use``; a cursor of the server keeps the others, until it is through or the transaction ends."""
    name = SQL.identifier(f"bss_itemised_{next(_cursors)}")
    # all rows are wanted, not the first ones soon
    cr.execute("SET LOCAL cursor_tuple_fraction = 1")
    cr.execute(SQL("DECLARE %s NO SCROLL CURSOR FOR %s", name, query))
    while True:
        cr.execute(SQL("FETCH %s FROM %s", FETCH, name))
        rows = cr.fetchall()
        yield from map(Use._make, rows)
        if len(rows) < FETCH:
            cr.execute(SQL("CLOSE %s", name))
            return
