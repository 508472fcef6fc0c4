"""What the beginning of a CSV file says of itself, as a start for whoever describes it."""

from __future__ import annotations

import codecs

SEPARATORS = (";", "\t", "|", ",")  # commas last: they stand in amounts and dates too
LINES = 20


def csv_look(data: bytes) -> tuple[str, bool] | None:
    """Separator, and whether the first line has names; ``None`` when no sign divides all lines alike.

    :param data: beginning of a file in an encoding that keeps ASCII; its last line may be cut
    """
    texts = data.removeprefix(codecs.BOM_UTF8).decode("latin-1").splitlines()
    if len(texts) > 2 and not data.endswith((b"\n", b"\r")):
        texts.pop()
    lines = [line for line in texts if line.strip()][:LINES]
    found = {}
    for sign in SEPARATORS:
        counts = {line.count(sign) for line in lines}
        if len(counts) == 1 and (count := counts.pop()):
            found[sign] = count
    if not found:
        return None
    separator = max(found, key=lambda sign: found[sign])
    names = [name.strip(" \"'") for name in lines[0].split(separator)]
    return separator, all(name and not any(sign.isdigit() for sign in name[:1]) for name in names) and _unlike(lines)


def _unlike(lines: list[str]) -> bool:
    """Names have fewer digits than what stands below them."""
    digits = [sum(sign.isdigit() for sign in line) for line in lines]
    return len(lines) > 1 and digits[0] < min(digits[1:])
