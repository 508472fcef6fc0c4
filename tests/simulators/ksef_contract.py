"""Judges every answer of the KSeF simulator by the official OpenAPI document, with a library that nobody here wrote.

``openapi-core`` reads the document as it was published and validates status, content type, headers and body. It lets
unknown fields pass, because the document does not close its objects; our own reader of the document refuses them.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from .ksef import spec
from .ksef.api import Response

HOST = "https://api-test.ksef.mf.gov.pl"
#: What stands before the API answers these; the document names none of them for any operation.
BEFORE_THE_API = {404, 405, 411, 413, 415, 500, 501, 502, 503, 504}


@dataclass(frozen=True)
class Answer:
    """One answer as it left the simulator."""

    method: str
    path: str
    status: int
    content_type: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def operation(self) -> str:
        """``METHOD /path/{template}`` of the document; empty when it has no such operation."""
        found, _path, _known = spec.load().find(self.method, self.path.removeprefix("/v2"))
        return f"{found.method} {found.path}" if found else ""


@cache
def _document() -> Any:
    raw = json.loads(spec.OPENAPI.read_text(encoding="utf-8"))
    for item in raw["paths"].values():
        for operation in item.values():
            for response in operation.get("responses", {}).values() if isinstance(operation, dict) else ():
                # "type: string" of an XML answer is its text; the library would hand a parsed tree to that schema
                response.get("content", {}).get("application/xml", {}).pop("schema", None)
    config = Config(extra_media_type_deserializers={"application/problem+json": json.loads})
    return OpenAPI.from_dict(raw, config=config)


def breach(answer: Answer) -> str:
    """How ``answer`` breaks the document; empty when it does not."""
    described = answer.operation
    if not described or answer.status in BEFORE_THE_API:
        return "" if answer.status in BEFORE_THE_API else f"no operation {answer.method} {answer.path}"
    where = f"{described} {answer.status}"
    response = MockResponse(answer.body, answer.status, dict(answer.headers), answer.content_type)
    try:
        _document().validate_response(MockRequest(HOST, answer.method.lower(), answer.path), response)
    except OpenAPIError as error:
        return f"{where}: {error}: {error.__cause__ or ''}"
    return "; ".join(f"{where}: {problem}" for problem in _unknown_fields(answer))


def _unknown_fields(answer: Answer) -> list[str]:
    document = spec.load()
    operation, _path, _known = document.find(answer.method, answer.path.removeprefix("/v2"))
    assert operation is not None
    schema = operation.answers.get(answer.status)
    if schema is None or answer.content_type != "application/json":
        return []
    return document.problems(schema, json.loads(answer.body))


class Contract:
    """Hears what simulators answer and says afterwards what was wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.answers: list[Answer] = []

    def hear(self, method: str, path: str, response: Response) -> None:
        """Called by every simulator of this process for every answer."""
        if not path.startswith("/v2/"):
            return
        headers = tuple(response.headers.items())
        answer = Answer(method, path, response.status, response.content_type, headers, response.body)
        with self._lock:
            self.answers.append(answer)

    def breaches(self) -> list[str]:
        """Every way in which an answer broke the document, once."""
        return sorted({found for answer in self.answers if (found := breach(answer))})
