"""Finding the service of an event: identifiers in their order and periods, directions, calls within the own network."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation_core.guide import GUIDED_SCHEMA, IDENTIFIER_SCHEMA, believable, guide, identity, wanted_values
from mediation_core.values import as_events

DAY = date(2026, 10, 14)
GUIDED = {"started_at": pl.Datetime("us"), "reason": pl.String(), "incoming": pl.Boolean()}


def owner(kind: str, value: str, service: int, **changes: object) -> dict[str, object]:
    row = {
        "kind": kind,
        "value": value,
        "date_start": date(2026, 1, 1),
        "date_end": None,
        "service_id": service,
        "account_id": service * 10,
        "is_pending": False,
        "service_start": date(2025, 1, 1),
        "service_end": None,
    }
    return {**row, **changes}


def event(**changes: object) -> dict[str, object]:
    base = {"line_no": 1, "dedupe_key": "k", "usage_kind": "voice", "units": 60, "raw": "r"}
    return {**base, "started_at": datetime.fromisoformat("2026-10-14 12:00:00"), "a_number": "48501000001", **changes}


def guided(
    events: list[dict[str, object]], owners: list[dict[str, object]], *, ignore_incoming: bool = True
) -> list[dict[str, object]]:
    frame = as_events(pl.DataFrame(events, infer_schema_length=None))
    identifiers = pl.DataFrame(owners, schema=IDENTIFIER_SCHEMA)
    found = guide(frame, identifiers, "Europe/Warsaw", ignore_incoming=ignore_incoming)
    assert found.columns == [*frame.columns, *GUIDED_SCHEMA]
    return found.to_dicts()


def one(changes: dict[str, object], *owners: dict[str, object], ignore_incoming: bool = True) -> dict[str, object]:
    return guided([event(**changes)], list(owners), ignore_incoming=ignore_incoming)[0]


@pytest.mark.parametrize(
    ("fields", "service"),
    [
        ({"charged_number": "48502", "account_code": "A", "login": "u", "imsi": "26001"}, 2),
        ({"account_code": "A", "login": "u", "imsi": "26001"}, 1),
        ({"a_number": None, "account_code": "A", "login": "u", "imsi": "26001"}, 3),
        ({"a_number": "48999", "account_code": "", "login": "U", "imsi": "26001"}, 4),
        ({"a_number": None, "login": "", "imsi": "26001"}, 5),
        ({"charged_number": "48999", "account_code": "A"}, 3),
    ],
)
def test_the_first_identifier_that_is_ours_decides(fields: dict[str, object], service: int) -> None:
    owners = [
        owner("msisdn", "48501000001", 1),
        owner("msisdn", "48502", 2),
        owner("account_code", "A", 3),
        owner("login", "u", 4),
        owner("imsi", "26001", 5),
    ]
    found = one(fields, *owners)
    assert (found["service_id"], found["account_id"], found["reason"]) == (service, service * 10, None)


def test_the_caller_never_pays_for_another_payer() -> None:
    found = one({"charged_number": "48999"}, owner("msisdn", "48501000001", 1))
    assert (found["service_id"], found["reason"]) == (None, "ACCESS_NOT_FOUND")
    assert (found["field"], found["value"]) == ("charged_number", "48999")


def test_periods_are_local_days_and_the_youngest_wins() -> None:
    owners = [
        owner("msisdn", "48501000001", 1, date_end=date(2026, 10, 14)),
        owner("msisdn", "48501000001", 2, date_start=date(2026, 10, 15)),
    ]
    stamps = [
        datetime.fromisoformat("2026-10-14 21:59:59"),
        datetime.fromisoformat("2026-10-14 22:00:00"),
        datetime.fromisoformat("2025-12-31 22:59:59"),
    ]
    found = guided([event(started_at=stamp) for stamp in stamps], owners)
    assert [row["service_id"] for row in found] == [1, 2, None]
    assert found[2]["reason"] == "ACCESS_INVALID_DATE"
    both = [*owners, owner("msisdn", "48501000001", 3, date_start=DAY)]
    assert guided([event()], both)[0]["service_id"] == 3


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_pending": True}, "SERVICE_NOT_ACTIVATED"),
        ({"service_start": date(2026, 10, 15)}, "SERVICE_NOT_ACTIVATED"),
        ({"service_start": DAY, "service_end": DAY}, None),
        ({"service_end": date(2026, 10, 13)}, "SERVICE_TERMINATED"),
    ],
)
def test_services_out_of_their_time(changes: dict[str, object], reason: str | None) -> None:
    assert one({}, owner("msisdn", "48501000001", 1, **changes))["reason"] == reason


OURS = owner("msisdn", "48222", 7)


@pytest.mark.parametrize(
    ("fields", "incoming", "reason", "service"),
    [
        ({"a_number": "48999", "b_number": "48222"}, True, "ACCESS_NOT_FOUND", None),
        ({"a_number": "48999", "b_number": "48222", "direction": "out"}, False, "ACCESS_NOT_FOUND", None),
        ({"a_number": "48999", "b_number": "48222", "direction": "in"}, True, None, 7),
        ({"a_number": "48222", "b_number": "48111", "direction": "in"}, True, "ACCESS_NOT_FOUND", None),
        ({"a_number": "48999", "b_number": "48222", "direction": "in", "charged_number": "48222"}, False, None, 7),
        ({"a_number": "48999", "b_number": "48333"}, False, "ACCESS_NOT_FOUND", None),
    ],
)
def test_incoming(fields: dict[str, object], incoming: bool, reason: str | None, service: int | None) -> None:
    found = one(fields, OURS)
    assert (found["incoming"], found["reason"], found["service_id"]) == (incoming, reason, service)
    assert not one(fields, OURS, ignore_incoming=False)["incoming"]


def test_on_net_is_told_by_the_called_number_of_that_day() -> None:
    us = owner("msisdn", "48501000001", 1)
    assert one({"b_number": "48222"}, us, OURS)["on_net"] is True
    assert one({"b_number": "48222"}, us, {**OURS, "date_end": date(2026, 10, 13)})["on_net"] is False
    assert one({"b_number": None}, us, OURS)["on_net"] is False
    assert one({"b_number": "48222"}, us, {**OURS, "kind": "account_code"})["on_net"] is False


def test_nothing_is_ours() -> None:
    found = guided([event(), event(a_number=None, login="x")], [])
    assert [(row["reason"], row["field"], row["value"]) for row in found] == [
        ("ACCESS_NOT_FOUND", "a_number", "48501000001"),
        ("ACCESS_NOT_FOUND", "login", "x"),
    ]


NUMBERS = ["1", "2", "3", None]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "a_number": st.sampled_from(NUMBERS),
                "b_number": st.sampled_from(NUMBERS),
                "charged_number": st.sampled_from(NUMBERS),
                "login": st.sampled_from(["1", "L", "", None]),
                "direction": st.sampled_from(["in", "out", None]),
                "started_at": st.datetimes(
                    datetime.fromisoformat("2026-10-20 00:00:00"), datetime.fromisoformat("2026-11-01 00:00:00")
                ),
            }
        ),
        min_size=1,
        max_size=12,
    ),
    st.lists(
        st.tuples(
            st.sampled_from(["msisdn", "login"]),
            st.sampled_from(["1", "2", "3", "l"]),
            st.integers(15, 30),
            st.none() | st.integers(15, 30),
        ),
        max_size=8,
    ),
)
def test_events_are_guided_each_for_itself_and_by_their_values_only(
    rows: list[dict[str, object]], periods: list[tuple[str, str, int, int | None]]
) -> None:
    owners = [
        owner(kind, value, number, date_start=date(2026, 10, start), date_end=end and date(2026, 10, end))
        for number, (kind, value, start, end) in enumerate(periods, start=1)
    ]
    events = [event(**row) for row in rows]
    together = guided(events, owners)
    assert together == [guided([one_event], owners)[0] for one_event in events]
    frame = as_events(pl.DataFrame(events, infer_schema_length=None))
    wanted = set(wanted_values(frame))
    assert together == guided(events, [one_owner for one_owner in owners if one_owner["value"] in wanted])


def test_identity_is_sixteen_bytes_of_sha256() -> None:
    assert len(bytes.fromhex(identity("zażółć"))) == 16
    assert identity("a") == "ca978112ca1bbdcafac231b39a23dc4d"


at = datetime.fromisoformat


class TestClock:
    """Events of a clock that cannot be right have no service."""

    EARLIEST, LATEST = at("2025-10-14"), at("2026-10-15")

    def reasons(
        self, *starts: datetime, earliest: datetime | None = EARLIEST, latest: datetime | None = LATEST
    ) -> list[str | None]:
        rows = [{"started_at": start, "reason": None, "incoming": False} for start in starts]
        rows.append({"started_at": at("2040-01-01"), "reason": "ACCESS_NOT_FOUND", "incoming": True})
        guided = pl.DataFrame(rows, schema=GUIDED).with_columns(field=pl.lit("a_number"), value=pl.lit("1"))
        found = believable(guided, earliest, latest)
        assert found["reason"].to_list()[-1] == "ACCESS_NOT_FOUND", "incoming ones are left alone"
        return found["reason"].to_list()[:-1]

    def test_the_borders_belong_to_it(self) -> None:
        second = timedelta(seconds=1)
        starts = (self.EARLIEST, self.EARLIEST - second, self.LATEST, self.LATEST + second)
        assert self.reasons(*starts) == [None, "EVENT_TOO_OLD", None, "EVENT_IN_FUTURE"]

    def test_no_limits(self) -> None:
        starts = (at("1999-01-01"), at("2050-01-01"))
        assert self.reasons(*starts, earliest=None, latest=None) == [None, None]
        assert self.reasons(*starts, latest=None) == ["EVENT_TOO_OLD", None]
        assert self.reasons(*starts, earliest=None) == [None, "EVENT_IN_FUTURE"]

    def test_what_is_shown(self) -> None:
        guided = pl.DataFrame(
            [{"started_at": at("2040-01-01 12:00"), "reason": "ACCESS_NOT_FOUND", "incoming": False}], schema=GUIDED
        ).with_columns(field=pl.lit("a_number"), value=pl.lit("1"))
        (row,) = believable(guided, self.EARLIEST, self.LATEST).rows(named=True)
        assert (row["reason"], row["field"], row["value"]) == (
            "EVENT_IN_FUTURE",
            "started_at",
            "2040-01-01 12:00:00 UTC",
        )
