"""Whose an event is: the service that an identifier of the record belonged to on the local day of the event.

Identifiers in the order in which they decide: the number that pays (``charged_number``, else the caller's, of an incoming record the
called one), the account code, the login, the IMSI. A record that names another payer is never charged to its caller.

Directions: a record "in" that names no payer is incoming; without a direction it is when a stranger calls one of our numbers.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import polars as pl

# Periods of identifiers (both days included, no end: null) with what is needed of their services.
IDENTIFIER_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),  # msisdn, account_code, login, imsi
    "value": pl.String(),
    "date_start": pl.Date(),
    "date_end": pl.Date(),
    "service_id": pl.Int64(),
    "account_id": pl.Int64(),
    "is_pending": pl.Boolean(),
    "service_start": pl.Date(),
    "service_end": pl.Date(),
}
# What guiding adds to an event. ``reason``: why it has no service; ``field`` and ``value``: what was looked for.
GUIDED_SCHEMA: dict[str, pl.DataType] = {
    "service_id": pl.Int64(),
    "account_id": pl.Int64(),
    "reason": pl.String(),
    "field": pl.String(),
    "value": pl.String(),
    "on_net": pl.Boolean(),
    "incoming": pl.Boolean(),
}
_WAYS = (("party", "msisdn"), ("account_code", "account_code"), ("login", "login"), ("imsi", "imsi"))
_FOUND = ("service_id", "account_id", "is_pending", "service_start", "service_end")


def identity(dedupe_key: str) -> str:
    """The dedupe key of a record as 16 bytes in hexadecimal: what the event table is unique by.

    A cryptographic hash: call ids are chosen by callers, and two that met would make one call free.
    """
    return hashlib.sha256(dedupe_key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def wanted_values(events: pl.DataFrame) -> list[str]:
    """Every value of the events that may be an identifier of ours."""
    keys = _keyed(events, "UTC")
    names = ("party", "a_number", "b_number", *(name for name, _kind in _WAYS[1:]))
    return pl.concat(keys[name] for name in names).drop_nulls().unique().to_list()


def guide(
    events: pl.DataFrame,
    identifiers: pl.DataFrame,
    timezone: str,
    *,
    ignore_incoming: bool,
    earliest: datetime | None = None,
    latest: datetime | None = None,
) -> pl.DataFrame:
    """``events`` in their order with the columns of ``GUIDED_SCHEMA``.

    :param events: ``EVENT_SCHEMA`` and any other columns
    :param identifiers: ``IDENTIFIER_SCHEMA``, at least those with a value of :func:`wanted_values`
    :param timezone: of the source; its days are the days of identifiers
    :param ignore_incoming: mark incoming records as ``incoming``: nothing to bill
    :param earliest: with ``latest`` the instants (UTC) between which events can be (:func:`believable`)
    """
    keys = _keyed(events, timezone)
    own = {kind: identifiers.filter(kind=kind) for _column, kind in _WAYS}
    hits = [_hits(keys, column, own[kind]) for column, kind in _WAYS]
    valid = pl.concat(_valid(hit) for hit in hits).unique("place", keep="first", maintain_order=True)
    known = pl.concat(hit.select("place") for hit in hits).unique()
    on_net = _valid(_hits(keys, "other", own["msisdn"])).select("place", on_net=pl.lit(True))
    ours = keys["b_number"].is_in(own["msisdn"]["value"].unique().implode())
    guided = (
        keys.with_columns(b_is_ours=ours)
        .join(valid.select("place", *_FOUND), on="place", how="left", maintain_order="left")
        .join(known.with_columns(is_known=pl.lit(True)), on="place", how="left", maintain_order="left")
        .join(on_net, on="place", how="left", maintain_order="left")
        .with_columns(reason=_reason(), on_net=pl.col("on_net").fill_null(False))
    )
    missed = [pl.when(pl.col(column).is_not_null()).then(pl.lit(shown)) for column, shown in _shown()]
    added = guided.select(
        "service_id",
        "account_id",
        "reason",
        field=pl.coalesce(missed).fill_null("a_number"),
        value=pl.coalesce(column for column, _shown in _shown()),
        on_net="on_net",
        incoming=_incoming() & ignore_incoming,
    )
    whole = pl.concat([events, added.cast(pl.Schema(GUIDED_SCHEMA))], how="horizontal")
    return believable(whole, earliest, latest)


def believable(guided: pl.DataFrame, earliest: datetime | None, latest: datetime | None) -> pl.DataFrame:
    """Guided events, of which those before ``earliest`` or after ``latest`` (UTC) have that as their reason: a clock that jumped.

    It comes before any other reason: whose a number was on a wrong day says nothing. Incoming rows are left alone.
    """
    start = pl.col("started_at")
    reason = pl.lit(None, pl.String)
    if latest is not None:
        reason = pl.when(start > latest).then(pl.lit("EVENT_IN_FUTURE")).otherwise(reason)
    if earliest is not None:
        reason = pl.when(start < earliest).then(pl.lit("EVENT_TOO_OLD")).otherwise(reason)
    odd = guided.select(pl.when(~pl.col("incoming")).then(reason)).to_series()
    if odd.null_count() == guided.height:
        return guided
    is_odd = pl.lit(odd).is_not_null()
    return guided.with_columns(
        reason=pl.when(is_odd).then(pl.lit(odd)).otherwise("reason"),
        field=pl.when(is_odd).then(pl.lit("started_at")).otherwise("field"),
        value=pl.when(is_odd).then(start.dt.strftime("%Y-%m-%d %H:%M:%S UTC")).otherwise("value"),
    )


def _shown() -> list[tuple[str, str]]:
    """What is told of an event without a service: its first identifier, under the name of its column."""
    own = [("payer", "charged_number"), ("called", "b_number"), ("caller", "a_number")]
    return [*own, *((column, column) for column, _kind in _WAYS[1:])]


def _keyed(events: pl.DataFrame, timezone: str) -> pl.DataFrame:
    inwards = (pl.col("direction") == "in").fill_null(False)
    local = pl.col("started_at").dt.replace_time_zone("UTC").dt.convert_time_zone(timezone)
    payer = pl.col("charged_number")
    return (
        events.select(
            "direction",
            "b_number",
            "a_number",
            "imsi",
            payer=payer,
            called=pl.when(inwards & payer.is_null()).then("b_number"),
            caller=pl.when(~inwards & payer.is_null()).then("a_number"),
            other=pl.when(inwards).then("a_number").otherwise("b_number"),
            account_code=pl.when(pl.col("account_code") != "").then("account_code"),
            login=pl.when(pl.col("login") != "").then(pl.col("login").str.to_lowercase()),
            day=local.dt.date(),
        )
        .with_columns(party=pl.coalesce("payer", "called", "caller"))
        .with_row_index("place")
    )


def _hits(keys: pl.DataFrame, column: str, identifiers: pl.DataFrame) -> pl.DataFrame:
    """Event and identifier of the same value, whatever the day."""
    wanted = keys.select("place", "day", value=column).drop_nulls("value")
    return wanted.join(identifiers, on="value", how="inner", maintain_order="left")


def _valid(hits: pl.DataFrame) -> pl.DataFrame:
    """One identifier for each event: of those valid on its day the youngest."""
    after_start = pl.col("date_start") <= pl.col("day")
    before_end = pl.col("date_end").is_null() | (pl.col("date_end") >= pl.col("day"))
    now = hits.filter(after_start & before_end)
    return now.sort("date_start", descending=True, maintain_order=True).unique(
        "place", keep="first", maintain_order=True
    )


def _reason() -> pl.Expr:
    return (
        pl.when(pl.col("service_id").is_null() & pl.col("is_known").fill_null(False))
        .then(pl.lit("ACCESS_INVALID_DATE"))
        .when(pl.col("service_id").is_null())
        .then(pl.lit("ACCESS_NOT_FOUND"))
        .when(pl.col("is_pending") | (pl.col("service_start") > pl.col("day")))
        .then(pl.lit("SERVICE_NOT_ACTIVATED"))
        .when(pl.col("service_end") < pl.col("day"))
        .then(pl.lit("SERVICE_TERMINATED"))
    )


def _incoming() -> pl.Expr:
    told = (pl.col("direction") == "in") & pl.col("payer").is_null()
    silent = pl.col("direction").is_null() & (pl.col("reason") == "ACCESS_NOT_FOUND") & pl.col("b_is_ours")
    return (told.fill_null(False) | silent.fill_null(False)).fill_null(False)
