"""Limitation: worked examples, the change of 2018, interruption, suspension, judgments, an oracle."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dunning_data import limitation_rules, limitation_terms
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning_core.law.limitation import LimitationTerm, is_lapsed, limitation_bar, limitation_end
from dunning_core.law.limitation_course import Event, EventKind, limitation

RULES = limitation_rules()


def day(text: str) -> date:
    return date.fromisoformat(text)


class TestTerms:
    def test_e9_limitation(self):
        terms = [LimitationTerm(day("2018-07-09"), 3)]
        assert limitation_end(day("2022-12-30"), terms) == day("2025-12-31")
        assert limitation_end(day("2023-01-02"), terms) == day("2026-12-31")
        assert not is_lapsed(day("2022-12-30"), day("2025-12-31"), terms)
        assert is_lapsed(day("2022-12-30"), day("2026-01-01"), terms)
        assert limitation_end(day("2018-07-08"), terms) is None
        assert limitation_bar(day("2018-07-08"), day("2018-07-09"), terms) == "LIMITATION_UNKNOWN"

    @pytest.mark.parametrize(
        ("due", "last"),
        [
            ("1990-09-30", None),
            ("2014-05-05", "2017-05-05"),
            ("2012-02-29", "2015-02-28"),
            ("2015-07-08", "2018-07-08"),
            ("2015-07-09", "2018-12-31"),
            ("2016-01-01", "2019-12-31"),
            ("2018-07-08", "2021-12-31"),
            ("2018-07-09", "2021-12-31"),
        ],
    )
    def test_limitation_over_the_change_of_2018(self, due, last):
        """What had not lapsed on 9 July 2018 follows the new wording; the rest ended on its day."""
        terms = limitation_terms()
        assert limitation_end(day(due), terms) == (day(last) if last else None)
        if last:
            assert limitation_bar(day(due), day(last), terms) == ""
            assert limitation_bar(day(due), day(last) + timedelta(days=1), terms) == "LAPSED"


def event(kind: EventKind, on: str, ended: str | None = None) -> Event:
    return Event(kind, day(on), day(ended) if ended else None)


ACK, SUIT, JUDGED, PAUSE = EventKind.ACKNOWLEDGED, EventKind.PROCEEDINGS, EventKind.JUDGMENT, EventKind.SUSPENDED


class TestCourse:
    def course(self, due, *events, as_of="2026-11-22"):
        return limitation(day(due), RULES, events, day(as_of))

    def test_without_events_it_is_the_plain_term(self):
        result = self.course("2023-01-02")
        assert (result.end, result.code) == (day("2026-12-31"), "LIMITATION_RUNS")
        assert [reason.code for reason in result.explain] == ["LIMITATION_START", "LIMITATION_END"]

    def test_acknowledgement_begins_it_anew(self):
        """An instalment deal of 5 May 2025 over a claim due in 2022."""
        result = self.course("2022-12-30", event(ACK, "2025-05-05"))
        assert (result.start, result.end) == (day("2025-05-05"), day("2028-12-31"))
        assert not result.lapsed(day("2026-01-01"))

    def test_acknowledgement_on_the_last_day_and_too_late(self):
        assert self.course("2022-12-30", event(ACK, "2025-12-31")).end == day("2028-12-31")
        late = self.course("2022-12-30", event(ACK, "2026-01-01"))
        assert (late.end, late.bar(day("2026-11-22"))) == (day("2025-12-31"), "LAPSED")
        assert late.explain[1].code == "LIMITATION_TOO_LATE"

    def test_a_later_acknowledgement_is_not_known_yet(self):
        assert self.course("2022-12-30", event(ACK, "2025-05-05"), as_of="2025-05-04").end == day("2025-12-31")

    def test_suit_stops_it_until_it_ends(self):
        open_suit = self.course("2022-12-30", event(SUIT, "2025-11-03"), as_of="2029-06-01")
        assert (open_suit.end, open_suit.code, open_suit.bar(day("2029-06-01"))) == (None, "LIMITATION_STOPPED", "")
        over = self.course("2022-12-30", event(SUIT, "2025-11-03", "2026-02-20"))
        assert (over.start, over.end) == (day("2026-02-20"), day("2029-12-31"))

    def test_judgment_has_six_years(self):
        result = self.course("2022-12-30", event(SUIT, "2025-11-03", "2026-02-20"), event(JUDGED, "2026-02-20"))
        assert result.end == day("2032-12-31")
        assert self.course("2022-12-30", event(JUDGED, "2025-03-03")).end == day("2031-12-31")

    def test_enforcement_begins_the_term_of_the_judgment_anew(self):
        events = (event(JUDGED, "2020-03-03"), event(SUIT, "2022-01-10", "2024-06-30"))
        assert self.course("2018-12-30", *events).end == day("2030-12-31")

    @pytest.mark.parametrize(
        ("judged", "last"),
        [
            ("2008-07-01", "2018-07-01"),
            ("2010-05-05", "2020-05-05"),
            ("2015-05-05", "2024-12-31"),
            ("2018-07-09", "2024-12-31"),
        ],
    )
    def test_older_judgments_over_the_change_of_2018(self, judged, last):
        """Six years from 9 July 2018, unless the old ten end earlier (art. 5(2) of Dz.U. 2018/1104)."""
        assert self.course("2006-01-02", event(ACK, "2007-06-30"), event(JUDGED, judged)).end == day(last)

    def test_complaint_suspends_it(self):
        """40 days move a term that runs out on 10 December 2026 over the year's end."""
        pause = event(PAUSE, "2024-03-01", "2024-04-09")
        assert self.course("2023-12-10").end == day("2026-12-31")
        result = self.course("2023-12-10", pause)
        assert result.end == day("2027-12-31")
        assert result.explain[1].params["days"] == 40

    def test_suspension_inside_the_year_changes_nothing(self):
        assert self.course("2023-03-10", event(PAUSE, "2024-03-01", "2024-04-09")).end == day("2026-12-31")

    def test_suspension_while_it_only_waits_for_new_year(self):
        assert self.course("2022-03-10", event(PAUSE, "2025-10-01", "2026-02-01"), as_of="2026-03-01").end == day(
            "2025-12-31"
        )

    def test_overlapping_complaints_count_once(self):
        pauses = (event(PAUSE, "2024-03-01", "2024-04-09"), event(PAUSE, "2024-03-20", "2024-04-01"))
        result = self.course("2023-12-10", *pauses)
        assert [r.params["days"] for r in result.explain if r.code == "LIMITATION_SUSPENDED"] == [40]

    def test_days_before_the_term_do_not_count(self):
        result = self.course("2023-12-10", event(PAUSE, "2023-12-01", "2023-12-20"))
        assert result.explain[1].params == {"first": day("2023-12-11"), "last": day("2023-12-20"), "days": 10}

    def test_acknowledgement_during_a_suit_does_not_shorten(self):
        events = (event(SUIT, "2022-01-10", "2024-06-30"), event(ACK, "2023-02-01"))
        assert self.course("2019-12-30", *events).start == day("2024-06-30")

    def test_what_is_not_recorded_is_not_known(self):
        result = self.course("1985-03-10")
        assert (result.end, result.bar(day("2026-11-22"))) == (None, "LIMITATION_UNKNOWN")

    @settings(max_examples=300, deadline=None)
    @given(
        due=st.dates(date(2018, 7, 9), date(2024, 12, 31)),
        pauses=st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 120)), max_size=3),
    )
    def test_days_walked_one_by_one(self, due, pauses):
        """Count only days on which the term runs until the years are full, then go on to 31 December."""
        as_of = date(2040, 1, 1)
        events = [
            Event(PAUSE, due + timedelta(days=start), due + timedelta(days=start + length)) for start, length in pauses
        ]
        stopped = {
            one.day + timedelta(days=number) for one in events for number in range((one.ended - one.day).days + 1)
        }
        needed = (LimitationTerm(due, 3, year_end=False).end(due) - due).days
        today = due
        while needed:
            today += timedelta(days=1)
            needed -= today not in stopped
        result = limitation(due, RULES, events, as_of)
        assert result.end == date(today.year, 12, 31)
