"""Keeps secrets out of logs: tokens, keys, and the signatures inside upload and download links."""

from __future__ import annotations

import logging
import re
from typing import Final

_RULES: Final = (
    (re.compile(r"(?i)(bearer\s+)[\w.~+/=|-]+"), r"\1***"),
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "***"),
    (re.compile(r"(https?://[^\s?'\"]+)\?[^\s'\"]+"), r"\1?***"),
    (
        re.compile(
            r"(?i)([\"']?(?:accessToken|refreshToken|authenticationToken|encryptedToken|encryptedSymmetricKey|token)"
            r"[\"']?\s*[:=]\s*[\"']?)[^\s\"',}]+"
        ),
        r"\1***",
    ),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL), "***"),
)

# a failed statement is logged with all its values, and the names of columns are far from them
_SECRET_TABLES: Final = re.compile(
    r"\b(?:bss_ksef_(?:access|setup|key|key_password|token|certificate)|upload_(?:key|vector|slots))\b"
)
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")


def masked(text: str) -> str:
    if text.startswith("bad query") and _SECRET_TABLES.search(text):
        return _LITERAL.sub("'***'", text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


class MaskSecrets(logging.Filter):
    """Logging filter: masks the finished message, whatever its arguments were."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = masked(message)
        if clean != message:
            record.msg, record.args = clean, ()
        return True


def protect(logger: logging.Logger) -> logging.Logger:
    """`logger` with the filter attached once."""
    if not any(isinstance(item, MaskSecrets) for item in logger.filters):
        logger.addFilter(MaskSecrets())
    return logger
