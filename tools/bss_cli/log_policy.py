"""Which warnings and errors of the server log are tolerated. Every other one fails an install or a test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+) (?P<db>\S+) (?P<logger>[^:]+): (?P<message>.*)$"
)
BAD_LEVELS = frozenset({"WARNING", "ERROR", "CRITICAL"})


@dataclass(frozen=True)
class Allowed:
    """A tolerated message. Keep this list short; each entry says why it is not ours to cure."""

    logger: str
    message: str
    reason: str

    def matches(self, logger: str, message: str) -> bool:
        return bool(re.fullmatch(self.logger, logger) and re.search(self.message, message, re.DOTALL))


ALLOWED = (
    Allowed(
        r"py\.warnings",
        r"\A(?!.*addons/bss_).*Deprecat",
        "deprecations inside Odoo's or a library's own code; ours (addons/bss_*) still fail",
    ),
    Allowed(
        r"py\.warnings",
        r"\A\S*/odoo/addons/mail/models/mail_thread\.py:\d+: DeprecationWarning: 'werkzeug\.urls\.url_encode'",
        "Odoo makes the link of an e-mail about an activity so, whoever schedules the activity for somebody else",
    ),
    Allowed(
        r"odoo\.tools\.(assets|translate)|odoo\.addons\.base\.models\.(assetsbundle|ir_asset)",
        r"selfie_segmentation",
        "Debian removes this non-free script of `mail` from the tree",
    ),
    Allowed(
        r"odoo\.sql_db|odoo\.modules\.(db|registry|loading)",
        r"(unaccent|pg_trgm)",
        "the embedded PostgreSQL brings no contrib extensions; Odoo goes on without them",
    ),
    Allowed(
        r"odoo\.sql_db",
        r"discuss_channel_member.*could not serialize access",
        "two requests of one chat window mark messages as fetched at once; Odoo does the second again",
    ),
)


def is_allowed(logger: str, message: str) -> bool:
    return any(entry.matches(logger, message) for entry in ALLOWED)


@dataclass(frozen=True)
class Violation:
    level: str
    logger: str
    message: str

    def __str__(self) -> str:
        return f"{self.level} {self.logger}: {self.message}"


def violations(lines: Iterable[str]) -> list[Violation]:
    """Bad entries of a server log, each with the lines that follow it (tracebacks)."""
    found: list[Violation] = []
    level = logger = ""
    message: list[str] = []

    def close() -> None:
        if level in BAD_LEVELS and not is_allowed(logger, "\n".join(message)):
            found.append(Violation(level, logger, "\n".join(message)))

    for line in lines:
        match = LINE.match(line.rstrip("\n"))
        if match:
            close()
            level, logger, message = match["level"], match["logger"], [match["message"]]
        elif message:
            message.append(line.rstrip("\n"))
    close()
    return found
