"""Decisions written back: one statement for all cases, one for all actions, one for their documents."""

from __future__ import annotations

import json
from datetime import timedelta

from odoo.tools import SQL

AGE_LIMITS = ((30, "1_30"), (60, "31_60"), (90, "61_90"), (180, "91_180"), (365, "181_365"))
WATCHED = frozenset({"BELOW_MIN_AMOUNT", "BELOW_MIN_DOCUMENTS", "BELOW_MIN_DAYS", "NOTHING_TO_DEMAND"})


def age_bucket(days):
    return next((key for limit, key in AGE_LIMITS if days <= limit), "365")


def table(rows, alias, **columns):
    """``unnest`` of rows as a table: columns by name and type, in the order of the values."""
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _name in columns]
    casts = SQL(", ").join(
        SQL("%s::%s", column, SQL(f"{kind}[]")) for column, kind in zip(values, columns.values(), strict=True)
    )
    names = SQL(", ").join(SQL.identifier(name) for name in columns)
    return SQL("unnest(%s) AS %s(%s)", casts, SQL.identifier(alias), names)


def balance_row(account, as_of):
    """(overdue, credit, oldest due date as agreed, days overdue, age bucket) of an account."""
    oldest = account.book.oldest()
    if oldest is None:
        return account.book.overdue, account.book.credit, None, 0, None
    due, since = oldest
    days = (as_of - since).days
    return account.book.overdue, account.book.credit, due, days, age_bucket(days)


def plan_row(decision, as_of):
    """Columns of a case that planning keeps."""
    answer = decision.plan
    params = {key: str(value) for key, value in answer.params.items() if value is not None}
    return (
        decision.case.id,
        *balance_row(decision.account, as_of),
        decision.debt.demanded,
        answer.step.key if answer.step else None,
        answer.date_next,
        answer.code,
        json.dumps(params) if params else None,
        answer.code == "NO_STRATEGY" or (answer.code in WATCHED and not decision.case.begun),
    )


def store_plans(env, decisions, as_of):
    """Amounts and next step of cases; cases that were closed meanwhile stay as they are."""
    rows = [plan_row(decision, as_of) for decision in decisions]
    if not rows:
        return
    env.cr.execute(
        SQL(
            """
            UPDATE bss_dunning_case dunning
               SET amount_overdue = plan.overdue, amount_credit = plan.credit, oldest_due = plan.oldest_due,
                   days_overdue = plan.days, age_bucket = plan.bucket, amount_demanded = plan.demanded,
                   next_step_id = plan.step_id, date_next = plan.date_next, next_code = plan.code,
                   next_params = plan.params::jsonb, watched = plan.watched, as_of = %s,
                   write_date = now() AT TIME ZONE 'UTC', write_uid = %s
              FROM %s
             WHERE dunning.id = plan.id AND dunning.state != 'closed'
            """,
            as_of,
            env.uid,
            table(
                rows,
                "plan",
                id="int",
                overdue="numeric",
                credit="numeric",
                oldest_due="date",
                days="int",
                bucket="text",
                demanded="numeric",
                step_id="int",
                date_next="date",
                code="text",
                params="text",
                watched="bool",
            ),
        )
    )


def store_cases(env, rows, company_id, as_of):
    """Open cases of accounts; one that somebody else has opened meanwhile stays his.

    :param rows: (account, strategy id, stage id)
    :return: ids
    """
    if not rows:
        return []
    values = [
        (account.id, account.partner_id, account.kind or None, strategy, stage, *balance_row(account, as_of))
        for account, strategy, stage in rows
    ]
    found = env.execute_query(
        SQL(
            """
            INSERT INTO bss_dunning_case (
                id, name, account_id, partner_id, company_id, customer_kind, strategy_id, stage_id, state,
                amount_overdue, amount_credit, amount_demanded, oldest_due, days_overdue, age_bucket, as_of,
                date_opened, watched, complaint_open, create_uid, write_uid, create_date, write_date)
            SELECT numbered.id, 'W/' || %(year)s || '/' || lpad(numbered.id::text, 6, '0'),
                   account_id, partner_id, %(company)s, kind, strategy_id, stage_id, 'open',
                   overdue, credit, overdue, oldest_due, days, bucket, %(as_of)s,
                   %(as_of)s, false, false, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM (SELECT nextval('bss_dunning_case_id_seq') AS id, fresh.* FROM %(fresh)s) numbered
            ON CONFLICT DO NOTHING
            RETURNING id
            """,
            year=str(as_of.year),
            company=company_id,
            as_of=as_of,
            uid=env.uid,
            fresh=table(
                values,
                "fresh",
                account_id="int",
                partner_id="int",
                kind="text",
                strategy_id="int",
                stage_id="int",
                overdue="numeric",
                credit="numeric",
                oldest_due="date",
                days="int",
                bucket="text",
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
    env.cr.execute(SQL("DELETE FROM bss_dunning_action_move_line_rel WHERE action_id = ANY(%s)", list(keys)))
    pairs = [(action_id, key) for action_id, found in keys.items() for key in found]
    if pairs:
        env.cr.execute(
            SQL(
                "INSERT INTO bss_dunning_action_move_line_rel (action_id, line_id) SELECT action_id, line_id FROM %s"
                " ON CONFLICT DO NOTHING",
                table(pairs, "pair", action_id="int", line_id="int"),
            )
        )
