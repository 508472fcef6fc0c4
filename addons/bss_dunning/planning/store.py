"""Decisions written back: one statement for all cases, one for all actions, one for their documents."""

from __future__ import annotations

import json
from bisect import bisect_left
from datetime import timedelta
from functools import lru_cache

from odoo.tools import SQL

from .arrays import ids, table

AGE_LIMITS = (30, 60, 90, 180, 365)
AGES = ("1_30", "31_60", "61_90", "91_180", "181_365", "365")
WATCHED = frozenset({"BELOW_MIN_AMOUNT", "BELOW_MIN_DOCUMENTS", "BELOW_MIN_DAYS", "NOTHING_TO_DEMAND"})


def age_bucket(days):
    return AGES[bisect_left(AGE_LIMITS, days)]


def balance_row(account, as_of):
    """(overdue, credit, oldest due date as agreed, days overdue, age bucket) of an account."""
    oldest = account.book.oldest()
    if oldest is None:
        return account.book.overdue, account.book.credit, None, 0, None
    due, since = oldest
    days = (as_of - since).days
    return account.book.overdue, account.book.credit, due, days, age_bucket(days)


def written_params(params):
    """Parameters of a reason as JSON, None when none of them is known."""
    return _json(tuple((key, str(value)) for key, value in params.items() if value is not None))


@lru_cache(maxsize=4096)
def _json(pairs):
    return json.dumps(dict(pairs)) if pairs else None


def plan_row(decision, as_of):
    """Columns of a case that planning keeps."""
    answer = decision.plan
    return (
        decision.case.id,
        *balance_row(decision.account, as_of),
        decision.debt.demanded,
        answer.step.key if answer.step else None,
        answer.date_next,
        answer.code,
        written_params(answer.params) if answer.params else None,
        answer.code == "NO_STRATEGY" or (answer.code in WATCHED and not decision.case.begun),
    )


# what planning writes of a case, in the order of ``plan_row``, with the types of the columns
PLAN = {
    "amount_overdue": "numeric",
    "amount_credit": "numeric",
    "oldest_due": "date",
    "days_overdue": "int",
    "age_bucket": "text",
    "amount_demanded": "numeric",
    "next_step_id": "int",
    "date_next": "date",
    "next_code": "text",
    "next_params": "jsonb",
    "watched": "bool",
}


def columns(names, alias=None):
    return SQL(", ").join(SQL.identifier(alias, name) if alias else SQL.identifier(name) for name in names)


def store_plans(env, decisions, as_of):
    """Amounts and next step of cases; cases that were closed meanwhile stay as they are, unchanged rows are not written."""
    rows = [plan_row(decision, as_of) for decision in decisions]
    if not rows:
        return
    env.cr.execute(
        SQL(
            """
            UPDATE bss_dunning_case dunning
               SET (%(names)s) = (%(values)s), as_of = %(as_of)s,
                   write_date = now() AT TIME ZONE 'UTC', write_uid = %(uid)s
              FROM %(plans)s
             WHERE dunning.id = plan.id AND dunning.state != 'closed'
               AND (dunning.as_of, %(known)s) IS DISTINCT FROM (%(as_of)s::date, %(values)s)
            """,
            names=columns(PLAN),
            values=columns(PLAN, "plan"),
            known=columns(PLAN, "dunning"),
            as_of=as_of,
            uid=env.uid,
            plans=table(rows, "plan", id="int", **PLAN),
        )
    )


def new_case_ids(env, number):
    """Ids for so many new cases."""
    if not number:
        return []
    rows = env.execute_query(SQL("SELECT nextval('bss_dunning_case_id_seq') FROM generate_series(1, %s)", number))
    return [row[0] for row in rows]


def store_cases(env, planned, company_id, as_of):
    """Open cases with their plans; an account for which somebody else has opened one meanwhile keeps his.

    :param planned: [(decision, stage id)]
    :return: ids
    """
    if not planned:
        return []
    values = [
        (
            *plan_row(decision, as_of),
            decision.account.id,
            decision.account.partner_id,
            decision.account.kind or None,
            decision.case.strategy_id,
            stage_id,
        )
        for decision, stage_id in planned
    ]
    found = env.execute_query(
        SQL(
            """
            INSERT INTO bss_dunning_case (
                id, %(names)s, account_id, partner_id, customer_kind, strategy_id, stage_id,
                name, company_id, state, as_of, date_opened, complaint_open,
                create_uid, write_uid, create_date, write_date)
            SELECT fresh.id, %(values)s, account_id, partner_id, customer_kind, strategy_id, stage_id,
                   'W/' || %(year)s || '/' || lpad(fresh.id::text, 6, '0'), %(company)s, 'open', %(as_of)s, %(as_of)s, false,
                   %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM %(fresh)s
            ON CONFLICT DO NOTHING
            RETURNING id
            """,
            names=columns(PLAN),
            values=columns(PLAN, "fresh"),
            year=str(as_of.year),
            company=company_id,
            as_of=as_of,
            uid=env.uid,
            fresh=table(
                values,
                "fresh",
                id="int",
                **PLAN,
                account_id="int",
                partner_id="int",
                customer_kind="text",
                strategy_id="int",
                stage_id="int",
            ),
        )
    )
    return [row[0] for row in found]


def store_actions(env, decisions, as_of, run_id, deadline_days):
    """Planned actions of decisions; a round that failed or was called off is taken up again, one in work stays.

    :param deadline_days: {step id: days to pay}
    :return: ids of the actions
    """
    rows = [
        (
            decision.case.id,
            decision.step.key,
            decision.round,
            decision.case.account_id,
            decision.debt.demanded,
            as_of + timedelta(days=deadline_days[decision.step.key]),
        )
        for decision in decisions
    ]
    if not rows:
        return []
    found = env.execute_query(
        SQL(
            """
            INSERT INTO bss_dunning_action (
                case_id, step_id, round, origin, account_id, company_id, run_id, date, channel, state, by_hand, amount,
                deadline, create_uid, write_uid, create_date, write_date)
            SELECT due.case_id, due.step_id, due.round, %(origin)s, due.account_id, dunning.company_id, %(run)s,
                   %(as_of)s, step.channel, 'planned', step.auto IS NOT TRUE, due.amount, due.deadline,
                   %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM %(due)s
              JOIN bss_dunning_case dunning ON dunning.id = due.case_id AND dunning.state != 'closed'
              JOIN bss_dunning_step step ON step.id = due.step_id
             ORDER BY due.case_id
            ON CONFLICT (case_id, step_id, round) DO UPDATE
               SET state = 'planned', run_id = EXCLUDED.run_id, amount = EXCLUDED.amount,
                   deadline = EXCLUDED.deadline, write_date = EXCLUDED.write_date,
                   date = CASE bss_dunning_action.state WHEN 'cancelled' THEN EXCLUDED.date
                               ELSE bss_dunning_action.date END
             WHERE bss_dunning_action.state IN ('failed', 'cancelled')
            RETURNING id, case_id
            """,
            origin="run" if run_id else "hand",
            run=run_id or None,
            as_of=as_of,
            uid=env.uid,
            due=table(
                rows,
                "due",
                case_id="int",
                step_id="int",
                round="int",
                account_id="int",
                amount="numeric",
                deadline="date",
            ),
        )
    )
    keys = {decision.case.id: decision.debt.demanded_keys for decision in decisions}
    store_documents(env, {action_id: keys[case_id] for action_id, case_id in found})
    return [action_id for action_id, _case_id in found]


def store_documents(env, keys):
    """Which documents actions demand.

    :param keys: {action id: ids of receivable items}
    """
    if not keys:
        return
    env.cr.execute(SQL("DELETE FROM bss_dunning_action_move_line_rel WHERE action_id = ANY(%s)", ids(keys)))
    pairs = [(action_id, key) for action_id, found in keys.items() for key in found]
    if pairs:
        env.cr.execute(
            SQL(
                "INSERT INTO bss_dunning_action_move_line_rel (action_id, line_id) SELECT action_id, line_id FROM %s"
                " ON CONFLICT DO NOTHING",
                table(pairs, "pair", action_id="int", line_id="int"),
            )
        )
