"""The calendar day of the business: Poland's, whatever the time zone of a user, a job or the server.

Prices, sales periods, versions of services, orders to the network and bills all change at midnight in Poland; the
day of a user's time zone (UTC for jobs) would be yesterday's for one or two hours of every night.
"""

from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import fields

POLAND = ZoneInfo("Europe/Warsaw")


def day_of(instant):
    """Calendar day in Poland of a naive UTC ``datetime``, as Odoo stores it."""
    return instant.replace(tzinfo=UTC).astimezone(POLAND).date()


def today(*_args):
    """Calendar day in Poland now (a ``date``); takes and ignores a record, so it serves as a field's default."""
    return day_of(fields.Datetime.now())
