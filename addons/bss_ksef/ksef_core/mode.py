"""How KSeF will mark an invoice: Online, or Offline when it is handed over after the day of its issue."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

WARSAW = ZoneInfo("Europe/Warsaw")


class Mode(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"


def sending_day(opened: datetime) -> date:
    """The day that counts for a batch: of the moment its session is opened, in Warsaw. Upload and closing do not count."""
    return opened.astimezone(WARSAW).date()


def is_late(issue_date: date, day: date) -> bool:
    """True when an invoice of `issue_date` (P_1) in a session opened on `day` is marked Offline, whatever we declare."""
    return issue_date < day


def read(text: str) -> Mode | None:
    """Mode from a UPO (TrybWysylki) or from the list of a session (invoicingMode); None when it is not given."""
    try:
        return Mode(text.strip().lower())
    except ValueError:
        return None
