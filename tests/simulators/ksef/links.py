"""Pre-signed storage addresses and continuation tokens.

Sources: OpenAPI 2.9.0 PartUploadRequest.url, UpoPageResponse.downloadUrl, header ``x-continuation-token`` (21418).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, urlsplit

from .errors import bad_request


class Links:
    """Signs and checks addresses; ``base`` is the public address of the storage."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.base = ""

    def _sign(self, *fields: str) -> str:
        return base64.b64encode(hmac.new(self.secret, "\n".join(fields).encode(), hashlib.sha256).digest()).decode()

    def make(self, path: str, right: str, until: datetime) -> str:
        """Return an address with its right (w, r), expiry and signature."""
        expiry = until.strftime("%Y-%m-%dT%H:%M:%SZ")
        signature = self._sign(path, right, expiry)
        return f"{self.base}{path}?sv=2025-01-05&se={quote(expiry)}&sr=b&sp={right}&sig={quote(signature, safe='')}"

    def refusal(self, target: str, right: str) -> tuple[int, str] | None:
        """None when the address is good, else (status, code)."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        expected = self._sign(parts.path, query.get("sp", ""), query.get("se", ""))
        if not hmac.compare_digest(query.get("sig", "").encode(), expected.encode()):
            return 403, "AuthenticationFailed"
        if query["sp"] != right:
            return 403, "AuthorizationPermissionMismatch"
        if datetime.fromisoformat(query["se"].replace("Z", "+00:00")) <= datetime.now(UTC):
            return 403, "AuthenticationFailed"
        return None

    # -- continuation tokens --------------------------------------------------------------------------------------
    def make_cursor(self, offset: int, mark: str) -> str:
        """Opaque token bound to one list."""
        return base64.b64encode(f"{offset}|{self._sign(str(offset), mark)}".encode()).decode()

    def read_cursor(self, token: str | None, mark: str) -> int:
        """Offset of the next page; 21418 for a token of another list or a forged one."""
        if not token:
            return 0
        try:
            offset, _, seal = base64.b64decode(token, validate=True).decode().partition("|")
        except (binascii.Error, ValueError) as error:
            raise bad_request(21418) from error
        if not hmac.compare_digest(seal.encode(), self._sign(offset, mark).encode()):
            raise bad_request(21418)
        return int(offset)
