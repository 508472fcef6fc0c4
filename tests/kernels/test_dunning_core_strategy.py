"""Ladders as they are designed: the lawful calendar, warnings, moving between versions."""

from __future__ import annotations

from datetime import date, timedelta

from dunning_data import chain_terms, polish_free_days
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS
from dunning_core.law.service_chain import ChainState, Notice, NoticeKind, gate
from dunning_core.strategy.move import landing
from dunning_core.strategy.review import Fault, review, wording_gaps
from dunning_core.strategy.rung import Rung
from dunning_core.strategy.timeline import timeline

CALENDAR = polish_free_days()
TERMS = chain_terms()
DUE = date(2026, 2, 2)
TEXTS = {
    "n1": "Na podstawie art. 382 PKE ograniczymy usługi po 7 dniach od doręczenia: w terminie 7 dni.",
    "n2": "Na podstawie art. 382 PKE zawiesimy usługi, gdy minie 3 dni od doręczenia.",
    "n3": "Na podstawie art. 382 PKE rozwiążemy umowę w terminie 7 dni od dnia doręczenia.",
    "persistent": "Na podstawie art. 382 PKE zawiesimy usługi w terminie 14 dni od dnia doręczenia.",
}


def ladder(*names: str, **later: int) -> list[Rung]:
    """Steps by name, all wanted at once; ``later``: wanted days of some."""
    rungs = []
    for place, name in enumerate(names, 1):
        notice = name if name in TEXTS else ""
        channel = name if name in ("restrict", "suspend", "terminate") else "letter"
        rungs.append(
            Rung(place, name, channel, notice, days_after_due=later.get(name, 0), text=TEXTS.get(notice, "Prosimy"))
        )
    return rungs


CHAIN = ("n1", "restrict", "n2", "suspend", "n3", "terminate")


class TestTimeline:
    def test_the_fastest_lawful_chain(self) -> None:
        moments = timeline(ladder(*CHAIN), DUE, NO_FREE_DAYS, TERMS)
        assert [(one.day - DUE).days for one in moments if one.day] == [0, 8, 16, 20, 28, 36]
        assert [one.law_waits for one in moments] == [0, 7, 7, 3, 7, 7]
        assert [one.blocked for one in moments] == [""] * 6

    def test_terms_ending_on_free_days_move_on(self) -> None:
        moments = timeline(ladder("n1", "restrict"), date(2026, 4, 27), CALENDAR, TERMS)
        # seven days end on Monday 4 May; with a notice on 24 April they would end on Friday 1 May, a holiday
        assert moments[1].day == date(2026, 5, 5)
        moments = timeline(ladder("n1", "restrict"), date(2026, 4, 24), CALENDAR, TERMS)
        assert moments[1].day == date(2026, 5, 5)
        assert moments[1].explain[-1].code == "CHAIN_PAYMENT_TERM"

    def test_the_ladder_decides_where_it_is_slower_than_the_law(self) -> None:
        moments = timeline(ladder("n1", "restrict", restrict=40), DUE, NO_FREE_DAYS, TERMS)
        assert (moments[1].wanted, moments[1].law_waits) == (DUE + timedelta(days=40), 0)

    def test_a_gate_that_never_opens_stops_everything_behind_it(self) -> None:
        moments = timeline(ladder("restrict", "letter", "suspend"), DUE, CALENDAR, TERMS)
        assert [one.blocked for one in moments] == ["N1_NOT_DELIVERED", "ONLY_AFTER", "ONLY_AFTER"]
        assert all(one.day is None for one in moments)

    def test_the_single_notice_to_a_persistent_payer(self) -> None:
        moments = timeline(ladder("persistent", "suspend"), DUE, NO_FREE_DAYS, TERMS)
        assert [(one.day - DUE).days for one in moments if one.day] == [0, 15]

    def test_repetitions_and_working_days(self) -> None:
        call = Rung(1, "call", "call", days_after_due=3, repeat_count=3, repeat_days=2, working_days_only=True)
        moments = timeline(
            [call, Rung(2, "letter", "letter", days_after_previous=5)], date(2026, 3, 3), CALENDAR, TERMS
        )
        assert [one.round for one in moments] == [1, 2, 3, 1]
        # Friday, then Sunday moved to Monday, Wednesday, and five days on
        assert [one.day for one in moments] == [date(2026, 3, day) for day in (6, 9, 11, 16)]

    @given(
        st.lists(st.sampled_from([*CHAIN, "persistent", "letter"]), min_size=1, max_size=9),
        st.dates(date(2024, 11, 10), date(2026, 11, 1)),
    )
    def test_no_day_is_earlier_than_the_gate_allows(self, names: list[str], due: date) -> None:
        """An oracle that keeps its own chain and asks the gate the day before every day the law made later."""
        moments = timeline(ladder(*names), due, CALENDAR, TERMS)
        state = ChainState(unpaid=True, undisputed_paid=True, persistent_payer="persistent" in names)
        last = None
        for moment in moments:
            if moment.day is None:
                break
            assert last is None or moment.day > last
            last = moment.day
            step = moment.rung.chain_step
            if step is not None:
                assert gate(step, state, moment.day, CALENDAR, TERMS).allowed
                if moment.law_waits:
                    assert not gate(step, state, moment.day - timedelta(days=1), CALENDAR, TERMS).allowed
            facts = vars(state)
            if moment.rung.notice:
                notice = Notice(NoticeKind(moment.rung.notice), moment.day)
                state = ChainState(**{**facts, "notices": (*state.notices, notice)})
            elif moment.rung.channel == "restrict":
                state = ChainState(**{**facts, "restricted_on": state.restricted_on or moment.day})
            elif moment.rung.channel == "suspend":
                state = ChainState(**{**facts, "suspended_on": state.suspended_on or moment.day})


class TestReview:
    def faults(self, *names: str, **later: int) -> list[tuple[Fault, str]]:
        return [(one.fault, one.rung.code) for one in review(ladder(*names, **later), TERMS)]

    def test_a_lawful_ladder_has_no_warning(self) -> None:
        assert self.faults(*CHAIN) == []
        assert self.faults("persistent", "suspend", "n3", "terminate") == []

    def test_every_step_out_of_order(self) -> None:
        assert self.faults("restrict") == [(Fault.RESTRICT_WITHOUT_N1, "restrict")]
        assert self.faults("n1", "restrict", "suspend") == [(Fault.SUSPEND_WITHOUT_NOTICE, "suspend")]
        assert self.faults(*CHAIN[:4], "terminate") == [(Fault.TERMINATE_WITHOUT_N3, "terminate")]
        assert self.faults("n1", "n2") == [(Fault.N2_WITHOUT_RESTRICT, "n2")]
        assert self.faults("n3") == [(Fault.N3_WITHOUT_SUSPEND, "n3")]
        assert self.faults("letter", "n1", letter=5) == [(Fault.DAY_BEFORE, "n1")]

    def test_what_the_wording_of_a_notice_lacks(self) -> None:
        assert wording_gaps("Proszę zapłacić.", "n1", TERMS) == ("art. 382", "doręcz", "ogranicz", "7 dni")
        for notice, text in TEXTS.items():
            assert wording_gaps(text, notice, TERMS) == ()
        assert wording_gaps(TEXTS["n2"], "n1", TERMS) == ("ogranicz", "7 dni")
        assert wording_gaps(TEXTS["n1"].replace("7 dni", "7\n dni"), "n1", TERMS) == (), "line breaks do not matter"

    def test_unknown_terms_are_not_asked_for(self) -> None:
        assert wording_gaps("art. 382, doręczenia, ograniczenie", "n1", None) == ()


class TestMove:
    def test_the_case_goes_on_behind_its_level(self) -> None:
        new = ladder("reminder", "demand", "call")
        assert landing({"reminder"}, new) == landing(["reminder"], new)
        place = landing({"reminder", "demand"}, new)
        assert (place.level, place.next, place.passed, place.unmapped) == ("demand", "call", (), False)
        assert landing(set(), new).next == "reminder"
        assert landing({"reminder", "demand", "call"}, new).next == ""

    def test_steps_put_in_before_the_level_are_passed_over(self) -> None:
        place = landing({"reminder", "demand"}, ladder("reminder", "sms", "demand", "call"))
        assert (place.passed, place.next) == (("sms",), "call")

    def test_a_notice_of_the_law_put_in_before_the_level_is_made_up_for(self) -> None:
        place = landing({"reminder", "demand"}, ladder("reminder", "n1", "demand", "restrict"))
        assert (place.passed, place.next, place.level) == ((), "n1", "demand")

    def test_steps_in_another_order_are_neither_repeated_nor_lost(self) -> None:
        place = landing({"reminder", "call"}, ladder("call", "reminder", "demand"))
        assert (place.next, place.passed) == ("demand", ())

    def test_a_level_the_new_ladder_does_not_know(self) -> None:
        place = landing({"reminder", "old"}, ladder("reminder", "demand"))
        assert (place.unmapped, place.lost, place.next) == (True, ("old",), "demand")
        assert landing({"old"}, ladder("reminder")).level == ""

    @given(st.permutations(["a", "b", "c", "d", "e"]), st.sets(st.sampled_from("abcdexy")), st.integers(1, 5))
    def test_nothing_taken_is_taken_again(self, order: list[str], taken: set[str], size: int) -> None:
        new = ladder(*order[:size])
        place = landing(taken, new)
        assert place.next not in taken
        assert not set(place.passed) & taken
        codes = [rung.code for rung in new]
        reached = max((codes.index(code) for code in taken if code in codes), default=-1)
        assert place.next == (codes[reached + 1] if reached + 1 < len(codes) else "")
