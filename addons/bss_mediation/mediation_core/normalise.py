"""Numbers to E.164 digits by the profile of the source, never by guessing.

The scalar function serves single values (forms, replay of one row, identifiers), the expression whole columns;
a property test keeps them equal. Order of the rules matters: a Polish nine-digit number may itself begin with 48.
"""

from __future__ import annotations

import re

import polars as pl

from .values import NumberingProfile

NOISE = r"[ \t\-./()\u{a0}]"
_NOISE = re.compile("[ \t\\-./()\u00a0]")
_DIGITS = re.compile(r"[1-9][0-9]*")
MIN_INTERNATIONAL, MAX_INTERNATIONAL = 4, 15


def normalise_number(value: str, profile: NumberingProfile) -> str | None:
    """E.164 digits of ``value`` as dialled at a source, or None when no rule of the profile fits."""
    text = _NOISE.sub("", value)
    if text.startswith("+"):
        return _international(text[1:])
    if profile.international_prefix and text.startswith(profile.international_prefix):
        return _international(text[len(profile.international_prefix) :])
    if profile.trunk_prefix and len(text) == len(profile.trunk_prefix) + profile.national_length:
        text = text.removeprefix(profile.trunk_prefix)
    if not _DIGITS.fullmatch(text):
        return None
    if len(text) == profile.national_length or 2 <= len(text) <= profile.short_length:
        return profile.country_code + text
    full_length = len(profile.country_code) + profile.national_length
    if len(text) == full_length and text.startswith(profile.country_code):
        return text
    return None


def _international(digits: str) -> str | None:
    if MIN_INTERNATIONAL <= len(digits) <= MAX_INTERNATIONAL and _DIGITS.fullmatch(digits):
        return digits
    return None


def normalise_expr(expr: pl.Expr, profile: NumberingProfile) -> pl.Expr:
    """Columnar twin of :func:`normalise_number`; null where no rule fits."""
    text = expr.str.replace_all(NOISE, "")
    access = profile.international_prefix
    dialled_out = text.str.starts_with(access) if access else pl.lit(False)
    outside = (
        pl.when(text.str.starts_with("+"))
        .then(text.str.slice(1))
        .when(dialled_out)
        .then(text.str.slice(len(access)))
        .otherwise(None)
    )
    inside = text
    if profile.trunk_prefix:
        whole = len(profile.trunk_prefix) + profile.national_length
        inside = (
            pl.when(text.str.len_chars() == whole).then(text.str.strip_prefix(profile.trunk_prefix)).otherwise(text)
        )
    size = inside.str.len_chars()
    national = (size == profile.national_length) | size.is_between(2, profile.short_length)
    complete = (size == len(profile.country_code) + profile.national_length) & inside.str.starts_with(
        profile.country_code
    )
    own = (
        pl.when(~inside.str.contains(r"^[1-9][0-9]*$"))
        .then(None)
        .when(national)
        .then(pl.concat_str(pl.lit(profile.country_code), inside))
        .when(complete)
        .then(inside)
        .otherwise(None)
    )
    foreign_ok = outside.str.contains(rf"^[1-9][0-9]{{{MIN_INTERNATIONAL - 1},{MAX_INTERNATIONAL - 1}}}$")
    return pl.when(outside.is_null()).then(own).when(foreign_ok).then(outside).otherwise(None)


def normalise_series(values: pl.Series, profile: NumberingProfile) -> pl.Series:
    """:func:`normalise_expr` of a whole column, several times faster: most numbers are bare digits of a few lengths."""
    frame = values.to_frame("text")
    prefixes = (profile.international_prefix, profile.trunk_prefix)
    if any(prefix and not prefix.startswith("0") for prefix in prefixes):
        return frame.select(normalise_expr(pl.col("text"), profile)).to_series()
    text, size = pl.col("text"), pl.col("text").str.len_bytes()
    full_length = len(profile.country_code) + profile.national_length
    national = (size == profile.national_length) | size.is_between(2, profile.short_length)
    complete = (size == full_length) & text.str.starts_with(profile.country_code)
    frame = frame.select(
        "text",
        bare=text.str.contains(r"^[1-9][0-9]*$"),
        number=pl.when(national).then(pl.lit(profile.country_code) + text).when(complete).then(text),
    )
    numbers = frame.select(pl.when("bare").then("number")).to_series()
    odd = (~frame["bare"] & (values != "")).arg_true()
    if odd.is_empty():
        return numbers
    return numbers.scatter(odd, frame[odd].select(normalise_expr(text, profile)).to_series())
