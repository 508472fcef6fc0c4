"""Is a written payment the one that the ORM makes of the same row? Every stored column says yes or no."""

from odoo.addons.bss_contracts.bulk.exemplar import undone

from .exemplar import read_rows
from .orm import write_orm

#: what belongs to one copy only; ids are compared by the places where they stand
OWN = {
    "account_move": {"id", "name", "sequence_number", "access_token", "statement_line_id", "made_sequence_gap"},
    "account_move_line": {"id", "move_id", "move_name", "statement_line_id"},
    "account_bank_statement_line": {"id", "move_id", "internal_index"},
    "account_partial_reconcile": {"id"},
    "account_full_reconcile": {"id"},
    "bss_payment_match": {"id", "statement_line_id"},
    "bss_payment_match_candidate": {"id", "match_id"},
    "bss_payment_allocation": {"id", "match_id"},
}
MAPPED = {"full_reconcile_id", "debit_move_id", "credit_move_id", "matching_number"}


class CanaryDifferenceError(Exception):
    """A written payment is not what the ORM makes of the same row; the text says in which columns."""


def picture(env, line_id, match_id):
    """{what: [{column: token}]} of a payment and all that its booking touched."""
    [statement_line] = read_rows(env, "account_bank_statement_line", "id", [line_id])
    entry = read_rows(env, "account_move", "id", [statement_line["move_id"]])
    own = read_rows(env, "account_move_line", "move_id", [statement_line["move_id"]])
    numbers = {row["matching_number"] for row in own} - {r"\N"}
    env.cr.execute("SELECT id, move_id FROM account_move_line WHERE matching_number = ANY(%s)", (list(numbers),))
    mates = [row for row in env.cr.fetchall() if str(row[1]) != statement_line["move_id"]]
    lines = [int(row["id"]) for row in own] + [row[0] for row in mates]
    debits = read_rows(env, "account_partial_reconcile", "debit_move_id", lines)
    credits_ = read_rows(env, "account_partial_reconcile", "credit_move_id", lines)
    partials = {row["id"]: row for row in (*debits, *credits_)}
    items = read_rows(env, "account_move_line", "id", [row[0] for row in mates])
    fulls = {row["full_reconcile_id"] for row in (*own, *items)} - {r"\N"}
    matches = [match_id] if match_id else []
    relation = env["bss.payment.match"]._fields["invoice_ids"]
    env.cr.execute(
        f"SELECT {relation.column2} FROM {relation.relation} WHERE {relation.column1} = ANY(%s) ORDER BY 1", (matches,)
    )
    named = [{"id": str(row[0])} for row in env.cr.fetchall()]
    tables = {
        "entry": ("account_move", entry),
        "items": ("account_move_line", own),
        "statement line": ("account_bank_statement_line", [statement_line]),
        "matchings": ("account_partial_reconcile", sorted(partials.values(), key=lambda row: int(row["id"]))),
        "full": ("account_full_reconcile", read_rows(env, "account_full_reconcile", "id", sorted(fulls))),
        "match": ("bss_payment_match", read_rows(env, "bss_payment_match", "id", matches)),
        "candidates": (
            "bss_payment_match_candidate",
            read_rows(env, "bss_payment_match_candidate", "match_id", matches),
        ),
        "log": ("bss_payment_allocation", read_rows(env, "bss_payment_allocation", "match_id", matches)),
    }
    places = _places(tables)
    result = {what: [_plain(row, places, OWN[table]) for row in rows] for what, (table, rows) in tables.items()}
    result["debts"] = [_plain(row, places, ()) for row in items]
    result["documents"] = [
        _plain(row, places, ()) for row in read_rows(env, "account_move", "id", sorted({row[1] for row in mates}))
    ]
    result["named"] = named
    return result


def _places(tables):
    """{(kind of reference, token): name} of what has other ids in a copy."""
    places = {}
    for place, row in enumerate(tables["items"][1]):
        places["line", row["id"]] = f"own {place}"
    for place, row in enumerate(tables["matchings"][1]):
        places["number", f"P{row['id']}"] = f"matching {place}"
    for row in tables["full"][1]:
        places["full", row["id"]] = places["number", row["id"]] = "full"
    return places


def _plain(row, places, own):
    kinds = {"full_reconcile_id": "full", "matching_number": "number"}
    return {
        column: places.get((kinds.get(column, "line"), token), token) if column in MAPPED else token
        for column, token in row.items()
        if column not in own
    }


def differences(ours, theirs):
    """Columns in which two pictures differ; what stands in them is people's payments and goes into no log."""
    found = []
    for what in theirs:
        if len(ours[what]) != len(theirs[what]):
            found.append(f"{what}: {len(ours[what])} / {len(theirs[what])}")
            continue
        for our, their in zip(ours[what], theirs[what], strict=True):
            found += [
                f"{what} {column}"
                for column in sorted(our.keys() | their.keys())
                if our.get(column) != their.get(column)
            ]
    return found


def twins(env, record, statement, rows):
    """Pictures of what the ORM makes of each row alone; nothing stays."""
    result = []
    for row in rows:
        with undone(env):
            lines, matches = write_orm(env, record, statement, [row])
            env.flush_all()
            result.append(picture(env, lines.id, matches.id))
        # the number that the twin took is free again
        env["account.move"]._get_sequence_cache().clear()
    return result
