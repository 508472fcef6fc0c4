"""Clocks of a complaint: lodging, confirmation, answer, deemed acceptance, exhausted path, what leaves dunning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from dunning_data import chain_terms, complaint_terms, limitation_rules, polish_free_days
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS
from dunning_core.law.complaint import Clocks, Complaint, Decision, Status, clocks, limitation_pause
from dunning_core.law.limitation_course import limitation
from dunning_core.law.service_chain import ChainState, ChainStep, Notice, NoticeKind, gate

CALENDAR = polish_free_days()
TERMS = complaint_terms()
LODGED = date(2026, 4, 1)
COMPLAINT = Complaint(LODGED, basis=date(2026, 3, 20), disputed=Decimal("40.00"))


def on(number: int) -> date:
    return LODGED + timedelta(days=number)


def ask(number: int, complaint: Complaint = COMPLAINT, **facts) -> Clocks:
    return clocks(replace(complaint, **facts), on(number), CALENDAR, TERMS)


class TestTerms:
    def test_days_of_the_law(self):
        now = ask(0)
        assert (now.confirm_by, now.answer_by) == (on(14), on(30))
        assert now.lodge_by == date(2027, 3, 22), "20 March 2027 is a Saturday"
        assert (now.status, now.withheld, now.protects) == (Status.OPEN, Decimal("40.00"), True)

    def test_confirmation_is_a_duty_since_march_2026_only(self):
        before = complaint_terms(date(2026, 3, 13))
        assert (before.confirm_days, before.resend_working_days) == (None, None)
        assert (TERMS.confirm_days, TERMS.resend_working_days) == (14, 3)
        assert clocks(COMPLAINT, LODGED, CALENDAR, before).confirm_by is None

    @pytest.mark.parametrize(("lodged", "status"), [("2027-03-22", Status.OPEN), ("2027-03-23", Status.NOT_CONSIDERED)])
    def test_lodged_within_twelve_months(self, lodged, status):
        late = replace(COMPLAINT, lodged=date.fromisoformat(lodged))
        result = clocks(late, late.lodged, CALENDAR, TERMS)
        assert result.status is status
        assert result.withheld == (Decimal("40.00") if status is Status.OPEN else 0)

    def test_copy_of_the_answer_in_three_working_days(self):
        """Asked for on Wednesday 29 April 2026; 1 May is a holiday."""
        asked = {"answer_sent": on(20), "decision": Decision.REJECTED, "copy_asked": date(2026, 4, 29)}
        result = ask(28, **asked)
        assert result.resend_by == date(2026, 5, 5)
        assert [alarm.code for alarm in result.alarms] == ["COMPLAINT_RESEND"]
        assert ask(40, **asked).alarms[0].params["late"]
        assert ask(40, **asked, copy_sent=date(2026, 5, 5)).alarms == ()


class TestAnswer:
    def test_silence_is_acceptance(self):
        assert ask(30).status is Status.OPEN
        silent = ask(31, requested=Decimal("25.00"))
        assert (silent.status, silent.to_pay, silent.pay_by) == (Status.DEEMED_ACCEPTED, Decimal("25.00"), on(61))
        assert silent.withheld == Decimal("40.00"), "what was disputed is not owed any more"
        assert [reason.code for reason in silent.explain][:2] == ["COMPLAINT_LODGED", "COMPLAINT_DEEMED_ACCEPTED"]

    def test_an_answer_sent_too_late_is_none(self):
        late = {"answer_sent": on(31), "decision": Decision.REJECTED}
        assert ask(40, **late).status is Status.DEEMED_ACCEPTED
        assert ask(40, answer_sent=on(30), decision=Decision.REJECTED).status is Status.REJECTED

    def test_an_answer_is_not_known_before_it_is_sent(self):
        sent = {"answer_sent": on(20), "decision": Decision.REJECTED}
        assert ask(19, **sent).status is Status.OPEN
        assert ask(20, **sent).status is Status.REJECTED

    def test_rejected(self):
        result = ask(25, answer_sent=on(20), decision=Decision.REJECTED)
        assert (result.exhausted, result.withheld, result.to_pay) == (on(20), 0, 0)
        proven = ask(25, answer_sent=on(20), answer_delivered=on(23), decision=Decision.REJECTED)
        assert proven.exhausted == on(23)

    def test_accepted_and_paid_or_not(self):
        facts = {"answer_sent": on(20), "decision": Decision.ACCEPTED, "requested": Decimal("25.00")}
        assert (ask(50, **facts).pay_by, ask(50, **facts).exhausted) == (on(50), None)
        assert ask(51, **facts).exhausted == on(51)
        assert ask(51, **facts, paid=on(50)).exhausted is None
        assert ask(60, **facts, paid=on(55)).exhausted == on(51), "paid after its term"

    def test_accepted_without_money_never_exhausts_the_path(self):
        result = ask(200, answer_sent=on(20), decision=Decision.ACCEPTED)
        assert (result.pay_by, result.exhausted, result.withheld) == (None, None, Decimal("40.00"))

    def test_partly(self):
        facts = {
            "answer_sent": on(20),
            "decision": Decision.PARTLY,
            "granted": Decimal("15.00"),
            "awarded": Decimal("10.00"),
        }
        assert (ask(25, **facts).withheld, ask(25, **facts).exhausted) == (Decimal("15.00"), on(20))
        assert ask(90, **facts).exhausted == on(51)

    def test_alarms_before_their_days(self):
        codes = {alarm.code: alarm.params for alarm in ask(10).alarms}
        assert codes["COMPLAINT_CONFIRM"] == {"day": on(14), "left": 4, "late": False}
        assert codes["COMPLAINT_ANSWER"]["left"] == 20
        assert [alarm.code for alarm in ask(10, confirmed=on(2)).alarms] == ["COMPLAINT_ANSWER"]
        assert ask(15).alarms[0].params["late"]


class TestWhatFollows:
    def test_suspension_of_services_waits_21_days_after_the_path(self):
        """Rejected on day 20: service is not suspended before day 42 when the undisputed part is paid."""
        state = ChainState(
            unpaid=True,
            notices=(Notice(NoticeKind.PERSISTENT, on(-30)),),
            complaint_exhausted_on=ask(41, answer_sent=on(20), decision=Decision.REJECTED).exhausted,
            undisputed_paid=True,
        )
        assert not gate(ChainStep.SUSPEND, state, on(41), NO_FREE_DAYS, chain_terms()).allowed
        assert gate(ChainStep.SUSPEND, state, on(42), NO_FREE_DAYS, chain_terms()).allowed

    def test_limitation_is_suspended_from_the_day_of_the_complaint(self):
        """Due 20 December 2025: 20 days of suspension move 2028-12-20 over the year's end."""
        rejected = replace(COMPLAINT, answer_sent=on(20), decision=Decision.REJECTED)
        pause = limitation_pause(rejected, clocks(rejected, on(60), CALENDAR, TERMS))
        assert pause is not None and (pause.day, pause.ended) == (LODGED, on(20))
        assert limitation(date(2025, 12, 20), limitation_rules(), [pause], on(60)).end == date(2029, 12, 31)

    def test_open_satisfied_and_late_complaints(self):
        pause = limitation_pause(COMPLAINT, ask(5))
        assert pause is not None and pause.ended is None
        accepted = replace(COMPLAINT, answer_sent=on(9), decision=Decision.ACCEPTED)
        pause = limitation_pause(accepted, clocks(accepted, on(60), CALENDAR, TERMS))
        assert pause is not None and pause.ended == on(9)
        late = replace(COMPLAINT, lodged=date(2028, 1, 3))
        assert limitation_pause(late, clocks(late, late.lodged, CALENDAR, TERMS)) is None

    @given(
        st.dates(date(2024, 11, 10), date(2030, 1, 1)),
        st.integers(0, 120),
        st.one_of(st.none(), st.tuples(st.integers(0, 60), st.sampled_from(Decision))),
        st.one_of(st.none(), st.integers(0, 120)),
    )
    def test_status_by_walking_the_days(self, lodged, number, answer, paid):
        """Day after day: an answer closes it within 30 days, silence accepts it, unpaid money exhausts the path."""
        complaint = Complaint(
            lodged,
            basis=lodged - timedelta(days=10),
            disputed=Decimal("40.00"),
            requested=Decimal("25.00"),
            awarded=Decimal("5.00"),
            answer_sent=lodged + timedelta(days=answer[0]) if answer else None,
            decision=answer[1] if answer else None,
            paid=lodged + timedelta(days=paid) if paid is not None else None,
        )
        status, left, exhausted = Status.OPEN, None, None
        for today in range(number + 1):
            if status is Status.OPEN and today > 30:
                status, left = Status.DEEMED_ACCEPTED, 31
            elif status is Status.OPEN and answer and answer[0] == today:
                status = Status(answer[1].value)
                left = 31 if status is not Status.REJECTED else None
                exhausted = None if status is Status.ACCEPTED else today
            if left is not None and paid is not None and paid <= today:
                left = None
            if left is not None:
                left -= 1
            if left is not None and left < 0:
                exhausted, left = today, None
        result = clocks(complaint, lodged + timedelta(days=number), CALENDAR, TERMS)
        assert result.status is status
        assert result.exhausted == (lodged + timedelta(days=exhausted) if exhausted is not None else None)
