"""The demo operator has collected for months: every state that a collector meets is there, each come about lawfully."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from .conftest import CycleRun


def _states(cycle: CycleRun, model: str, field: str = "state") -> dict[str, int]:
    return dict(cycle.env[model]._read_group([], [field], ["__count"]))


def test_cases_stand_on_every_rung(cycle: CycleRun) -> None:
    actions = cycle.env["bss.dunning.action"]
    for code in ("sms", "sms-again", "reminder", "demand", "call", "n1", "restrict", "n2", "suspend", "n3"):
        assert actions.search_count([("step_id.code", "=", code), ("state", "=", "done")]), f"nobody reached {code}"
    assert not actions.search([("state", "=", "failed")]).mapped("reason")
    cases = cycle.env["bss.dunning.case"]
    assert cases.search_count([("state", "=", "closed"), ("close_reason", "=", "paid")]) >= 15
    assert len(cases.search([("state", "!=", "closed")]).step_id) >= 4
    assert cases.search_count([("state", "!=", "closed"), ("user_id", "!=", False)])
    assert cases.search_count([("state", "!=", "closed"), ("user_id", "=", False)]), "something to take"


@pytest.mark.parametrize(
    ("model", "states"),
    [
        ("bss.dunning.promise", {"open", "kept", "broken"}),
        ("bss.dunning.instalment.plan", {"active"}),
        ("bss.dunning.instalment.line", {"paid", "open"}),
        ("bss.complaint", {"open", "rejected"}),
        ("bss.dunning.note", {"issued"}),
        ("bss.dunning.writeoff", {"to_approve"}),
        ("bss.dunning.print.batch", {"handed"}),
        ("bss.dunning.call", {"open", "done", "unreached"}),
        ("bss.dunning.notice", {"sent"}),
        ("bss.sms.log", {"delivered"}),
    ],
)
def test_desk_holds(cycle: CycleRun, model: str, states: set[str]) -> None:
    assert states <= _states(cycle, model).keys()


def test_notes_of_both_kinds_and_a_dispute(cycle: CycleRun) -> None:
    assert _states(cycle, "bss.dunning.note", "kind").keys() == {"interest", "compensation"}
    disputes = cycle.env["bss.dunning.hold"].search([("kind", "=", "dispute"), ("state", "=", "active")])
    assert disputes.line_ids


def test_blocks_came_after_delivered_notices(cycle: CycleRun) -> None:
    """Restriction not before the eighth day after delivery; who paid came back."""
    actions = cycle.env["bss.dunning.action"]
    restricted = actions.search([("channel", "=", "restrict"), ("state", "=", "done")])
    for action in restricted:
        notices = action.case_id.action_ids.filtered(lambda one: one.legal_notice == "n1" and one.delivered_at)
        assert notices and notices[:1]._bss_delivered_on() + timedelta(days=7) < action.date_done
    orders = cycle.env["bss.service.order"].search([("cause", "=", "debt"), ("action", "=", "resume")])
    assert orders and set(orders.mapped("state")) == {"done"}, "nobody who paid stays blocked"
    services = cycle.env["bss.service"]
    assert services.search_count([("state", "=", "suspended")]) and services.search_count(
        [("is_restricted", "=", True)]
    )


def test_history_carries_the_days_of_its_own_time(cycle: CycleRun) -> None:
    """Nothing of the months before says today, and nothing lies in the future."""
    letters = cycle.env["bss.dunning.action"].search([("document_id", "!=", False), ("date_done", "!=", False)])
    for action in letters:
        assert abs((action.document_id.issued_at.date() - action.date_done).days) <= 1, action.document_id.name
    months = {action.date_done.replace(day=1) for action in letters}
    assert len(months) >= 4
    assert max(letters.mapped("date_done")) <= cycle.calendar.dunning_date


def test_figures_say_something_sensible(cycle: CycleRun) -> None:
    rows = cycle.env["bss.dunning.kpi"].search([], order="date")
    assert len(rows) >= 5
    for row in rows:
        assert 0 < row.dso < 120 and 0 < row.cei <= 100 and row.overdue <= row.receivables
    effect: Any = cycle.env["bss.dunning.effect.report"]
    rates = dict(effect._read_group([("window_over", "=", True)], ["channel"], ["cure_rate:avg"]))
    assert {"sms", "email", "letter", "call"} <= rates.keys()
    assert any(rates.values()) and all(0 <= rate <= 100 for rate in rates.values())


def test_nobody_answers_for_the_operator_of_text_messages(cycle: CycleRun) -> None:
    gateways = cycle.env["bss.sms.gateway"].with_context(active_test=False).search([])
    assert gateways and not any(gateways.mapped("active"))
