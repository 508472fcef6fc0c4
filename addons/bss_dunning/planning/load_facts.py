"""What was done in cases before, and the facts that the legal gate asks for."""

from __future__ import annotations

from collections import defaultdict

from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from .. import adapters
from ..dunning_core.policy.gate_facts import GateFacts, SentNotice
from ..dunning_core.policy.ladder import PastAction
from .arrays import ids

CONTACTS = frozenset({"email", "letter", "sms", "call"})


def load_past(env, case_ids):
    """{case id: actions that were not called off}."""
    if not case_ids:
        return {}
    rows = env.execute_query(
        SQL(
            """
            SELECT case_id, array_agg(COALESCE(step_id, 0) ORDER BY id), array_agg(COALESCE(date_done, date) ORDER BY id),
                   array_agg(state ORDER BY id), array_agg(channel ORDER BY id), array_agg(round ORDER BY id)
              FROM bss_dunning_action WHERE case_id = ANY(%s) AND state != 'cancelled' GROUP BY case_id
            """,
            ids(case_ids),
        )
    )
    return {
        case_id: tuple(
            PastAction(step, day, adapters.OUTCOMES[state], channel in CONTACTS, number)
            for step, day, state, channel, number in zip(*columns, strict=True)
        )
        for case_id, *columns in rows
    }


def load_gate_facts(env, cases, terms, *, fresh=False):
    """{case id: facts} of the cases for which anything but nothing is to be said.

    :param cases: rows of cases by account
    :param fresh: they are not opened yet, nothing was done in them
    """
    if not cases:
        return {}
    known = [] if fresh else [case.id for case in cases if case.id]
    notices = _notices(env, known) if known else {}
    blocks = _blocks(env, known) if known else {}
    unfit = _unfit(env, [case.account_id for case in cases])
    persistent = _persistent(env, cases, terms)
    acted = notices.keys() | blocks.keys()
    special = unfit.keys() | persistent
    return {
        case.id or -case.account_id: GateFacts(
            notices=notices.get(case.id, ()),
            restricted_on=blocks.get(case.id, {}).get("restrict"),
            suspended_on=blocks.get(case.id, {}).get("suspend"),
            restriction_unfit=case.account_id in unfit,
            unfit_since=unfit.get(case.account_id),
            complaint_open=case.complaint_open,
            complaint_exhausted_on=case.complaint_exhausted_on,
            persistent_payer=case.account_id in persistent,
        )
        for case in cases
        if case.complaint_open or case.complaint_exhausted_on or case.id in acted or case.account_id in special
    }


def _notices(env, case_ids):
    """{case id: notices that went out}; delivery counts from its Polish day, a returned letter was not delivered."""
    rows = env.execute_query(
        SQL(
            """
            SELECT action.case_id, step.legal_notice, action.notice_flaw,
                   CASE WHEN document.state != 'returned' THEN document.delivered_at END,
                   ARRAY(SELECT rel.line_id FROM bss_dunning_action_move_line_rel rel WHERE rel.action_id = action.id)
              FROM bss_dunning_action action
              JOIN bss_dunning_step step ON step.id = action.step_id AND step.legal_notice IS NOT NULL
              LEFT JOIN bss_document document ON document.id = action.document_id
             WHERE action.case_id = ANY(%s) AND action.state = 'done'
             ORDER BY action.id
            """,
            ids(case_ids),
        )
    )
    found = defaultdict(list)
    for case_id, kind, flaw, delivered, documents in rows:
        day = polish_day.day_of(delivered) if delivered else None
        found[case_id].append(SentNotice(kind, frozenset(documents), day, flaw or ""))
    return {case_id: tuple(notices) for case_id, notices in found.items()}


def _blocks(env, case_ids):
    """{case id: {kind of block: Polish day on which the last service was blocked}}; none while an order is on its way."""
    rows = env.execute_query(
        SQL(
            """
            SELECT action.case_id, block.action, MAX(block.done_at)
              FROM bss_dunning_action action
              JOIN bss_dunning_action_order_rel rel ON rel.action_id = action.id
              JOIN bss_service_order block ON block.id = rel.order_id
             WHERE action.case_id = ANY(%s) AND action.state = 'done' AND action.released IS NOT TRUE
               AND block.action IN ('restrict', 'suspend') AND block.state != 'cancelled'
               AND block.superseded_by_id IS NULL
             GROUP BY action.case_id, block.action HAVING bool_and(block.state = 'done')
            """,
            ids(case_ids),
        )
    )
    found = defaultdict(dict)
    for case_id, kind, moment in rows:
        found[case_id][kind] = polish_day.day_of(moment)
    return found


def _unfit(env, account_ids):
    """{account id: since when, None for always} of accounts whose services cannot be restricted."""
    return dict(
        env.execute_query(
            SQL(
                "SELECT id, restriction_unfit_since FROM bss_account WHERE id = ANY(%s) AND restriction_unfit",
                ids(account_ids),
            )
        )
    )


def _persistent(env, cases, terms):
    """Accounts of persistent late payers; asked only where a strategy has the single notice."""
    asking = {
        strategy_id
        for strategy_id in {case.strategy_id for case in cases if case.strategy_id}
        if any(step.gate == "persistent" for step in terms.strategies[strategy_id].steps)
    }
    accounts = [case.account_id for case in cases if case.strategy_id in asking]
    if not accounts:
        return frozenset()
    query = env["bss.account"].sudo()._bss_persistent_query(terms.as_of, accounts)
    return frozenset(row[0] for row in env.execute_query(query))
