"""Is a written invoice the one that the ORM makes of the same request? Every stored column says yes or no."""

from .exemplar import picture, undone
from .vals import move_vals

MOVE_OWN = {"id", "create_date", "write_date", "access_token"}
# whether a number follows another one is known only when all are there
NUMBERING = ("made_sequence_gap",)
LINE_OWN = {"id", "move_id", "create_date", "write_date"}
ORDER = {"product": 0, "tax": 1, "payment_term": 2}


class CanaryDifferenceError(Exception):
    """A written invoice is not what the ORM makes of the same request.

    :ivar item_id: of the request
    :ivar columns: what differs, in words
    """

    def __init__(self, item_id, columns):
        super().__init__(f"item {item_id}: " + "; ".join(columns[:12]))
        self.item_id, self.columns = item_id, columns


def canonical(env, move_id, ignore=()):
    """(columns of the invoice, [columns of its lines with their taxes and tags]) without what belongs to one copy."""
    seen = picture(env, move_id)
    move = {column: token for column, token in seen.move.items() if column not in MOVE_OWN and column not in ignore}
    rows = sorted(
        seen.lines,
        key=lambda row: (
            ORDER.get(row["display_type"], 3),
            int(row["tax_line_id"]) if row["display_type"] == "tax" else int(row["id"]),
        ),
    )
    lines = []
    for row in rows:
        line_id = int(row["id"])
        line = {column: token for column, token in row.items() if column not in LINE_OWN}
        line["tax_ids"], line["tax_tag_ids"] = seen.tax_ids.get(line_id, ()), seen.tag_ids.get(line_id, ())
        lines.append(line)
    return move, lines


def differences(ours, theirs):
    """Columns in which two canonical invoices differ, in words."""
    (our_move, our_lines), (their_move, their_lines) = ours, theirs
    found = _differing("invoice", our_move, their_move)
    if len(our_lines) != len(their_lines):
        return [*found, f"lines: {len(our_lines)} / {len(their_lines)}"]
    for number, (our, their) in enumerate(zip(our_lines, their_lines, strict=True), 1):
        found += _differing(f"line {number}", our, their)
    return found


def _differing(what, ours, theirs):
    return [
        f"{what} {column}: {ours.get(column)} / {theirs.get(column)}"
        for column in sorted(ours.keys() | theirs.keys())
        if ours.get(column) != theirs.get(column)
    ]


def twins(setting, requests, names):
    """Canonical invoices that the ORM makes of the requests under these numbers; nothing stays."""
    env = setting.env
    with undone(env):
        moves = env["account.move"].create(
            [move_vals(setting.run, request, name) for request, name in zip(requests, names, strict=True)]
        )
        moves._post(soft=False)
        env.flush_all()
        return [canonical(env, move.id) for move in moves]
