"""Calendar of the law as a table that reports join."""

from datetime import timedelta

from odoo.tools import SQL

from .adapters import free_days


def moved_terms(env, start, end):
    """SQL table ``moved(due, effective)`` of the terms that end on a free day between two days, and where they go."""
    calendar = free_days(env)
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    moved = [(day, effective) for day in days if (effective := calendar.shift(day)) != day]
    dues, effectives = ([list(column) for column in zip(*moved, strict=True)]) or ([], [])
    return SQL("unnest(%s::date[], %s::date[]) AS moved(due, effective)", dues, effectives)
