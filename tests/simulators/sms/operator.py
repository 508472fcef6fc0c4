"""What the simulated operators have in common: a register of messages, credit, faults."""

from __future__ import annotations

import json
import math
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from ..local_server import LocalServer

MAX_BODY = 1_000_000
# written apart from the product's table
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
ESCAPED = set("^{}\\[]~|€")


def parts_of(text: str) -> int:
    """Parts that the operator charges."""
    if set(text) <= GSM | ESCAPED:
        length, alone, many = len(text) + sum(letter in ESCAPED for letter in text), 160, 153
    else:
        length, alone, many = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= alone else math.ceil(length / many)


@dataclass
class Sent:
    """One message that the operator took."""

    reference: str
    key: str
    phone: str
    text: str
    sender: str
    parts: int
    status: str = ""
    reason: str = ""


class SmsOperator(LocalServer, ABC):
    """``faults`` are taken one per POST before anything else: an HTTP status, ``"hang"`` (takes the message, answers too
    late), ``"drop"`` (takes it, closes the connection), ``"garbage"`` (takes it, answers no JSON), or a pair
    ``("error", code)`` of the operator's own.
    """

    def __init__(
        self, token: str, senders: tuple[str, ...] = ("BSS",), credit: int = 1000, hang_s: float = 2.0
    ) -> None:
        super().__init__()
        self.token = token
        self.senders = senders
        self.credit = credit
        self.hang_s = hang_s
        self.blacklist: set[str] = set()
        self.faults: deque[int | str | tuple[str, int]] = deque()
        self.sent: list[Sent] = []
        self.requests: list[str] = []
        self.refused: list[str] = []
        self.lock = threading.Lock()

    @property
    def phones(self) -> list[str]:
        """Numbers of the messages taken, in their order."""
        return [one.phone for one in self.sent]

    def take(self, key: str, phone: str, text: str, sender: str) -> Sent:
        """Put a message in the register and charge it."""
        parts = parts_of(text)
        self.credit -= parts
        one = Sent(f"ID{len(self.sent) + 1:04d}", key, phone, text, sender, parts)
        self.sent.append(one)
        return one

    @abstractmethod
    def handle(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """(HTTP status, data) of the answer."""

    @abstractmethod
    def error(self, code: int, text: str) -> tuple[int, Any]:
        """The operator's own way of saying no."""

    def refuse(self, code: int, text: str) -> tuple[int, Any]:
        """An error that a correct client never meets; tests look at ``refused``."""
        self.refused.append(text)
        return self.error(code, text)


class SmsHandler(BaseHTTPRequestHandler):
    owner: SmsOperator
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._send(405, b'{"error": 8, "message": "POST is expected"}')

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, MAX_BODY))
        owner = self.owner
        fault = owner.faults.popleft() if owner.faults else None
        if isinstance(fault, int):
            self._send(fault, b"<html>fault</html>")
            return
        with owner.lock:
            owner.requests.append(self.path)
            if isinstance(fault, tuple):
                status, data = owner.error(fault[1], "fault")
            else:
                status, data = owner.handle(self.path, dict(self.headers.items()), body)
        if fault == "drop":
            self.close_connection = True
            self.connection.close()
            return
        if fault == "hang":
            time.sleep(owner.hang_s)
        self._send(status, b"<html>welcome</html>" if fault == "garbage" else json.dumps(data).encode())

    def _send(self, status: int, data: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # the client did not wait


SmsOperator.handler = SmsHandler
