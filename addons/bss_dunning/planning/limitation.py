"""Claims of consumers whose limitation began anew or stood still: acknowledged by an instalment plan, disputed by a
complaint. Asked only for claims that would have lapsed without it."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from odoo.tools import SQL

from .. import adapters_law
from ..dunning_core.law.limitation_course import Event, EventKind, limitation


class Reprieves:
    """Events of the limitation of the claims of a scope, as of a day; loaded when the first lapsed claim asks."""

    def __init__(self, env, scope, as_of) -> None:
        self._env = env
        self._scope = scope
        self._as_of = as_of

    def bar(self, key, due, bar):
        """Code of why a claim must not be demanded, or an empty text, with what happened to it.

        :param key: id of the receivable
        :param bar: the answer without any event
        """
        if bar != "LAPSED" or key not in self._events:
            return bar
        return limitation(due, self._rules, self._events[key], self._as_of).bar(self._as_of)

    @cached_property
    def _rules(self):
        return adapters_law.limitation_rules(self._env)

    @cached_property
    def _events(self):
        events = defaultdict(list)
        for key, day in self._acknowledged():
            events[key].append(Event(EventKind.ACKNOWLEDGED, day))
        for key, pauses in self._complaints()._bss_limitation_pauses(self._as_of).items():
            events[key] += pauses
        return dict(events)

    def _acknowledged(self):
        self._env["bss.dunning.instalment.plan"].flush_model()
        self._env["bss.dunning.hold.line"].flush_model(["hold_id", "move_line_id"])
        return self._env.execute_query(
            SQL(
                """
                SELECT document.move_line_id, plan.date_acknowledged
                  FROM bss_dunning_instalment_plan plan
                  JOIN bss_dunning_hold_line document ON document.hold_id = plan.hold_id
                 WHERE plan.date_acknowledged <= %s AND plan.company_id = %s AND %s
                """,
                self._as_of,
                self._scope.company_id,
                self._scope.condition(SQL("plan.account_id")),
            )
        )

    def _complaints(self):
        self._env["bss.complaint"].flush_model()
        rows = self._env.execute_query(
            SQL(
                "SELECT id FROM bss_complaint WHERE disputed_amount > 0 AND received_on <= %s AND company_id = %s AND %s",
                self._as_of,
                self._scope.company_id,
                self._scope.condition(SQL("account_id")),
            )
        )
        return self._env["bss.complaint"].sudo().browse(row[0] for row in rows)
