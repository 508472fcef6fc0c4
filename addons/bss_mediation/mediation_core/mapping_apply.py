"""Texts of a mapped record to a checked frame (:mod:`.columns`); the arithmetic is in whole numbers."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from .columns import Check, fenced, own_key, with_first_problem
from .local_time import starts_to_utc, to_utc
from .mapping import AMOUNTS, COUNTS, EPOCHS, INSTANTS, LENGTHS, NUMBERS, UNITS, USAGE_KINDS, Column, Filter, Mapping
from .normalise import normalise_series
from .values import EVENT_SCHEMA, SourceProfile

MICRO = 1_000_000
COUNTED = ("voice", "premium")
DIRECTIONS = ("out", "in")


def checked(frame: pl.DataFrame, mapping: Mapping, profile: SourceProfile) -> pl.DataFrame:
    """A checked frame out of texts by source (a column per entry of ``Mapping.sources``)."""
    frame = frame.with_columns(pl.all().fill_null("").str.strip_chars())
    texts = frame.select(
        *(text_of(one).alias(f"text:{one.target}") for one in mapping.columns),
        *(pl.col(source).alias(f"source:{source}") for source in frame.columns),
    )
    typed = _typed(texts, mapping, profile)
    typed = typed.with_columns(
        ignored=~_kept(mapping.filters) if mapping.filters else pl.lit(False),
        key=own_key(*(f"source:{source}" for source in mapping.key), prefix="k:")
        if mapping.key
        else pl.lit(None, pl.String),
    )
    checked = with_first_problem(typed, _checks(mapping, profile))
    shown = {f"text:{one.target}": " + ".join(one.places) or one.target for one in mapping.columns}
    return checked.with_columns(field=pl.col("field").replace(shown)).drop(texts.columns)


def text_of(column: Column) -> pl.Expr:
    """Text of one column after constant, pattern, default and values."""
    if not column.source:
        return pl.lit(column.constant)
    text = pl.col(column.source)
    if column.second:
        text = (text + " " + pl.col(column.second)).str.strip_chars()
    if column.pattern:
        pattern = column.pattern if _has_group(column.pattern) else f"({column.pattern})"
        text = text.str.extract(pattern, 1).fill_null("")
    filled = column.default or column.constant
    if filled:
        text = pl.when(text == "").then(pl.lit(filled)).otherwise(text)
    if column.values:
        text = text.replace(dict(column.values))
    return text


def _has_group(pattern: str) -> bool:
    found = pl.Series([""]).to_frame("t").select(pl.col("t").str.extract_groups(pattern))
    dtype = found.schema["t"]
    return isinstance(dtype, pl.Struct) and bool(dtype.fields)


def _typed(texts: pl.DataFrame, mapping: Mapping, profile: SourceProfile) -> pl.DataFrame:
    found: dict[str, pl.Series | pl.Expr] = {name: pl.lit(None, kind) for name, kind in EVENT_SCHEMA.items()}
    for name in ("line_no", "dedupe_key", "raw"):
        del found[name]
    for column in mapping.columns:
        text = texts[f"text:{column.target}"]
        if column.target in NUMBERS:
            found[column.target] = normalise_series(text, profile.numbering)
        elif column.target in LENGTHS:
            micros = length_micros(text, column, mapping)
            found["length_micros"] = micros
            found[column.target] = _divided(micros, MICRO, column.rounding)
        elif column.target in COUNTS:
            factor = factor_of(column.unit)
            found[column.target] = _divided(
                _multiplied(text, factor.numerator, mapping), MICRO * factor.denominator, column.rounding
            )
        elif column.target in AMOUNTS:
            factor = factor_of(column.unit)
            found[column.target] = _divided(_multiplied(text, factor.numerator, mapping), factor.denominator, "half")
        elif column.target not in INSTANTS:
            found[column.target] = pl.when(pl.col(f"text:{column.target}") != "").then(f"text:{column.target}")
    frame = texts.with_columns(**found)
    frame = _with_instants(frame, mapping, profile)
    return _with_units(frame, mapping)


def factor_of(unit: str) -> Fraction:
    return UNITS.get(unit) or Fraction(unit or "1")


def length_micros(text: pl.Series, column: Column, mapping: Mapping) -> pl.Series:
    """Microseconds of a length, exact; null where the text is none."""
    unit, frame = column.unit, text.to_frame("text")
    if unit in ("hh:mm:ss", "hhmmss", "hhmmsscc", "1h2m3s"):
        return frame.select(_clock(unit)).to_series()
    factor = factor_of(unit)
    return _divided(_multiplied(text, factor.numerator, mapping), factor.denominator, "down")


def _clock(unit: str) -> pl.Expr:
    text = pl.col("text")
    forms = {
        "hh:mm:ss": (r"^(?:([0-9]{1,6}):)?([0-9]{1,2}):([0-5]?[0-9])(?:[.,]([0-9]{1,6}))?$", 6),
        "hhmmss": (r"^([0-9]{0,8}?)([0-9]{2})([0-5][0-9])()$", 6),
        "hhmmsscc": (r"^([0-9]{0,8}?)([0-9]{2})([0-5][0-9])([0-9]{2})$", 6),
        "1h2m3s": (r"^(?:([0-9]{1,6})h)?(?:([0-9]{1,8})m)?(?:([0-9]{1,9})(?:\.([0-9]{1,6})[0-9]*)?s)?$", 6),
    }
    form, places = forms[unit]

    def part(group: int) -> pl.Expr:
        return text.str.extract(form, group).fill_null("")

    def number(group: int) -> pl.Expr:
        return pl.when(part(group) == "").then(pl.lit("0")).otherwise(part(group)).cast(pl.Int64, strict=False)

    below = part(4).str.pad_end(places, "0").cast(pl.Int64, strict=False).fill_null(0)
    total = ((number(1) * 60 + number(2)) * 60 + number(3)) * MICRO + below
    return pl.when(text.str.contains(form) & (text != "")).then(total)


def _multiplied(text: pl.Series, factor: int, mapping: Mapping) -> pl.Series:
    """A decimal number in 1e-6, times ``factor``; null where the text is none or has more than six decimals."""
    frame = text.to_frame("text")
    if mapping.decimal != ".":
        frame = frame.select(pl.col("text").str.replace(mapping.decimal, ".", literal=True))
    form = r"^([+-]?)([0-9]{1,15})(?:\.([0-9]{0,6})0*)?$"
    sign = pl.when(pl.col("text").str.extract(form, 1) == "-").then(-1).otherwise(1)
    whole = pl.col("text").str.extract(form, 2).cast(pl.Int128, strict=False)
    part = pl.col("text").str.extract(form, 3).fill_null("").str.pad_end(6, "0").cast(pl.Int128, strict=False)
    return frame.select(sign * (whole * MICRO + part) * factor).to_series()


def _divided(value: pl.Series, divisor: int, rounding: str) -> pl.Series:
    """Whole number of a fraction; away from zero, to the nearest, or towards zero; null beyond 64 bits."""
    lift = {"up": divisor - 1, "half": divisor // 2}.get(rounding, 0)
    whole = pl.col("value").sign() * ((pl.col("value").abs() + lift) // divisor)
    return value.cast(pl.Int128).to_frame("value").select(whole.cast(pl.Int64, strict=False)).to_series()


def _local(frame: pl.DataFrame, column: Column) -> pl.Series:
    """Naive stamps as written; UTC already when the layout says so (:func:`_is_universal`)."""
    text = frame[f"text:{column.target}"]
    if column.layout in EPOCHS:
        micros = pl.col("text").cast(pl.Int128, strict=False) * EPOCHS[column.layout]
        whole = text.to_frame("text").with_columns(pl.col("text").str.extract(r"^([0-9]{1,17})(?:\.[0-9]*)?$"))
        found = whole.select(micros.cast(pl.Int64, strict=False)).to_series()
        return found.set(found == 0, None).cast(pl.Datetime("us"))
    layouts = [column.layout]
    if column.layout == "iso":
        text = (
            text.str.replace("T", " ", literal=True)
            .str.replace(r"Z$", "+0000")
            .str.replace(r"([+-]\d\d):?(\d\d)$", "$1$2")
        )
        layouts = ["%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f"]
    found = pl.Series([None] * len(text), dtype=pl.Datetime("us"))
    for layout in layouts:
        read = text.str.to_datetime(layout, strict=False, time_unit="us")
        found = found.zip_with(found.is_not_null(), read.dt.replace_time_zone(None))
    return found


def _universal(frame: pl.DataFrame, column: Column) -> pl.Series:
    """Whether the stamp of a row is universal time whatever the zone of the source."""
    if column.layout == "iso":
        return frame[f"text:{column.target}"].str.contains(r"(Z|[+-]\d\d:?\d\d)$")
    fixed = column.layout in EPOCHS or "%z" in column.layout or column.timezone == "UTC"
    return pl.Series([fixed], dtype=pl.Boolean).new_from_index(0, frame.height)


def _with_instants(frame: pl.DataFrame, mapping: Mapping, profile: SourceProfile) -> pl.DataFrame:
    """UTC instants; the start is told apart in the repeated hour by end and length where both are given."""
    none = pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, frame.height)
    local = dict.fromkeys(INSTANTS, none)
    for column in mapping.columns:
        if column.target in INSTANTS:
            local[column.target] = _local(frame, column)
    frame = frame.with_columns(
        *(series.alias(f"local:{target}") for target, series in local.items()),
        unreadable=local["started_at"].is_null(),
        created=pl.lit(None, pl.Int64),
    )
    frame = fenced(frame, profile, "local:started_at")
    found = {}
    for column in mapping.columns:
        if column.target not in INSTANTS:
            continue
        name, zone = f"local:{column.target}", column.timezone or profile.timezone
        if column.target == "started_at":
            instants = starts_to_utc(frame, zone, name, "local:ended_at", "duration_s", "created")
        else:
            instants = to_utc(frame[name], zone)
        found[column.target] = frame[name].zip_with(_universal(frame, column), instants)
    return frame.with_columns(**({"answered_at": none, "ended_at": none} | found))


def _with_units(frame: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    kind = pl.coalesce("usage_kind", pl.lit(mapping.usage_kind))
    frame = frame.with_columns(usage_kind=kind)
    if mapping.column("duration_s") is None:
        lasted = (pl.col("ended_at") - pl.coalesce("answered_at", "started_at")).dt.total_microseconds()
        frame = frame.with_columns(duration_s=((lasted + MICRO - 1) // MICRO))
    volume = pl.sum_horizontal("volume_up", "volume_down", ignore_nulls=True)
    some = pl.col("volume_up").is_not_null() | pl.col("volume_down").is_not_null()
    own = (
        pl.when(pl.col("usage_kind").is_in(COUNTED))
        .then("duration_s")
        .when((pl.col("usage_kind") == "data") & some)
        .then(volume)
        .when(pl.col("usage_kind") != "data")
        .then(pl.lit(1, pl.Int64))
    )
    return frame.with_columns(units=pl.coalesce("units", own))


def _kept(filters: tuple[Filter, ...]) -> pl.Expr:
    kept = pl.lit(True)
    for one in filters:
        text = pl.col(f"source:{one.source}")
        fits = {
            "is": text.is_in(one.value.split("|")),
            "is_not": ~text.is_in(one.value.split("|")),
            "empty": text == "",
            "filled": text != "",
        }.get(one.operator)
        if fits is None:
            fits = text.str.contains(one.value)
            fits = ~fits if one.operator == "not_matches" else fits
        kept &= ~fits if one.action == "ignore" else fits
    return kept


def _checks(mapping: Mapping, profile: SourceProfile) -> list[Check]:
    def text(target: str) -> str:
        return f"text:{target}"

    mapped = {column.target for column in mapping.columns}
    start = text("started_at")
    length = text("duration_s") if "duration_s" in mapped else start
    checks: list[Check] = [
        (pl.col("unreadable"), "UNREADABLE_DATE", start),
        (pl.col("out_of_range"), "DATE_OUT_OF_RANGE", start),
        (pl.col("started_at").is_null(), "NONEXISTENT_TIME", start),
        (
            ~pl.col("usage_kind").is_in(USAGE_KINDS),
            "UNKNOWN_VALUE",
            text("usage_kind") if "usage_kind" in mapped else start,
        ),
    ]
    for target in ("answered_at", "ended_at"):
        if target in mapped:
            unread = (pl.col(text(target)) != "") & pl.col(target).is_null()
            checks.append((unread, "UNREADABLE_DATE", text(target)))
    for target in LENGTHS + COUNTS:
        if target in mapped:
            unread = pl.col(target).is_null() & ((pl.col(text(target)) != "") | (target == "duration_s"))
            checks.append((unread, "NOT_A_NUMBER", text(target)))
            code = "NEGATIVE_DURATION" if target in LENGTHS else "NEGATIVE_VALUE"
            checks.append((pl.col(target) < 0, code, text(target)))
    checks += [
        (pl.col("duration_s") < 0, "NEGATIVE_DURATION", length),
        (pl.col("duration_s") > profile.max_duration_s, "DURATION_TOO_LONG", length),
        (pl.col("units").is_null(), "NOT_A_NUMBER", text("units") if "units" in mapped else length),
    ]
    if "cost_micro" in mapped:
        unread = (pl.col(text("cost_micro")) != "") & pl.col("cost_micro").is_null()
        checks.append((unread, "NOT_AN_AMOUNT", text("cost_micro")))
    if "direction" in mapped:
        checks.append((~pl.col("direction").is_in(DIRECTIONS), "UNKNOWN_VALUE", text("direction")))
    for target in ("b_number", "charged_number"):
        if target in mapped:
            needed = pl.col("usage_kind").is_in(["voice", "sms", "mms"]) if target == "b_number" else pl.lit(False)
            bad = pl.col(target).is_null() & (needed | (pl.col(text(target)) != ""))
            checks.append((bad, "INVALID_NUMBER", text(target)))
    named = [name for name in ("a_number", "account_code", "login", "imsi", "charged_number") if name in mapped]
    checks.append((pl.all_horizontal(pl.col(name).is_null() for name in named), "INVALID_NUMBER", text(named[0])))
    return checks
