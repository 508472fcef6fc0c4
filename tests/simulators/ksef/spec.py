"""The official OpenAPI document: which operations exist, what they accept, how often they may be called.

Source: OpenAPI 2.9.0 (``tests/data/ksef/openapi/open-api-2.9.0.json``).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "data" / "ksef"
OPENAPI = DATA / "openapi" / "open-api-2.9.0.json"
METHODS = ("get", "post", "put", "delete", "patch")
GROUP_CELL = re.compile(r"\*\*Limity liczby żądań\*\*[^\n]*\|\s*([A-Za-z]+|-)\s*\n")


@dataclass(frozen=True)
class Operation:
    """One method and path of the OpenAPI document."""

    method: str
    path: str
    secured: bool
    permissions: tuple[str, ...]
    limit_group: str
    limits: dict[str, int] = field(compare=False)
    parameters: tuple[dict[str, Any], ...] = field(compare=False)
    body_schema: dict[str, Any] | None = field(compare=False)
    answers: dict[int, dict[str, Any]] = field(compare=False)
    body_required: bool = True
    pattern: re.Pattern[str] = field(compare=False, default=re.compile(""))


class Spec:
    """Operations and component schemas, with a strict validator for the subset of JSON Schema they use."""

    def __init__(self, document: dict[str, Any]) -> None:
        found = re.search(r"\d+\.\d+\.\d+", document["info"]["description"])
        self.version = found.group() if found else ""
        self.schemas: dict[str, dict[str, Any]] = document["components"]["schemas"]
        self.operations = [
            self._operation(method, path, item[method])
            for path, item in document["paths"].items()
            for method in METHODS
            if method in item
        ]

    def _operation(self, method: str, path: str, raw: dict[str, Any]) -> Operation:
        body = raw.get("requestBody", {})
        content = body.get("content", {}).get("application/json", {})
        secured = bool(raw.get("security"))
        described = GROUP_CELL.search(raw["responses"].get("429", {}).get("description", ""))
        group = described.group(1) if described else "-"
        if group == "-":
            group = "other" if secured else "anonymous"
        pattern = "^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$"
        return Operation(
            method=method.upper(),
            path=path,
            secured=secured,
            permissions=tuple(raw.get("x-required-permissions", ())),
            limit_group=group,
            limits=raw.get("x-rate-limits", {}),
            parameters=tuple(raw.get("parameters", ())),
            body_schema=content.get("schema"),
            answers=_answers(raw["responses"]),
            body_required=bool(body.get("required", True)),
            pattern=re.compile(pattern),
        )

    def find(self, method: str, path: str) -> tuple[Operation | None, dict[str, str], bool]:
        """Return (operation, path parameters, whether the path exists under another method)."""
        known_path = False
        candidates: list[tuple[int, Operation, dict[str, str]]] = []
        for operation in self.operations:
            match = operation.pattern.match(path)
            if not match:
                continue
            known_path = True
            if operation.method == method:
                candidates.append((len(match.groupdict()), operation, match.groupdict()))
        if not candidates:
            return None, {}, known_path
        _, operation, found = min(candidates, key=lambda item: item[0])
        return operation, found, True

    # -- validation ---------------------------------------------------------------------------------------------
    def problems(self, schema: dict[str, Any], value: Any, where: str = "", *, closed: bool = True) -> list[str]:
        """List every way in which ``value`` breaks ``schema``; unknown properties are problems when ``closed``."""
        schema = self._flatten(schema)
        if value is None:
            return [] if schema.get("nullable") else [f"{where or 'body'}: value must not be null"]
        found = _type_problems(schema, value, where)
        if found:
            return found
        if isinstance(value, dict):
            return self._object_problems(schema, value, where, closed)
        if isinstance(value, list):
            return self._array_problems(schema, value, where, closed)
        if isinstance(value, str):
            return _string_problems(schema, value, where)
        return _number_problems(schema, value, where)

    def _flatten(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Resolve ``$ref`` and merge ``allOf`` (the document uses them only for plain composition)."""
        if "$ref" in schema:
            target = self.schemas[schema["$ref"].rsplit("/", 1)[-1]]
            return self._flatten({**target, **{k: v for k, v in schema.items() if k != "$ref"}})
        if "allOf" not in schema:
            return schema
        merged: dict[str, Any] = {}
        for part in (*schema["allOf"], {k: v for k, v in schema.items() if k != "allOf"}):
            flat = self._flatten(part)
            merged["properties"] = {**merged.get("properties", {}), **flat.get("properties", {})}
            merged["required"] = sorted({*merged.get("required", ()), *flat.get("required", ())})
            merged.update({k: v for k, v in flat.items() if k not in ("properties", "required")})
        return merged

    def _object_problems(self, schema: dict[str, Any], value: dict[str, Any], where: str, closed: bool) -> list[str]:
        properties: dict[str, Any] = schema.get("properties", {})
        found = [
            f"{_join(where, name)}: required field is missing"
            for name in schema.get("required", ())
            if name not in value
        ]
        for name, item in value.items():
            if name in properties:
                found += self.problems(properties[name], item, _join(where, name), closed=closed)
            elif isinstance(schema.get("additionalProperties"), dict):
                found += self.problems(schema["additionalProperties"], item, _join(where, name), closed=closed)
            elif closed:
                found.append(f"{_join(where, name)}: unknown field")
        return found

    def _array_problems(self, schema: dict[str, Any], value: list[Any], where: str, closed: bool) -> list[str]:
        found: list[str] = []
        # AllowedIps states its limits as minimum/maximum on an array; they can only mean the number of items.
        low = schema.get("minItems", schema.get("minimum", 0))
        high = schema.get("maxItems", schema.get("maximum", len(value)))
        if not low <= len(value) <= high:
            found.append(f"{where}: number of items must be between {low} and {high}")
        for index, item in enumerate(value):
            found += self.problems(schema.get("items", {}), item, f"{where}[{index}]", closed=closed)
        return found


def _answers(responses: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Schemas of the JSON answers by status."""
    found = {}
    for status, response in responses.items():
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if status.isdigit() and schema is not None:
            found[int(status)] = schema
    return found


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _type_problems(schema: dict[str, Any], value: Any, where: str) -> list[str]:
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
    }
    expected = schema.get("type")
    if expected is None:
        return []
    fits = isinstance(value, kinds[expected]) and not (expected in ("integer", "number") and isinstance(value, bool))
    return [] if fits else [f"{where or 'body'}: expected {expected}"]


def _string_problems(schema: dict[str, Any], value: str, where: str) -> list[str]:
    found: list[str] = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: value is not one of {', '.join(schema['enum'][:12])}")
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        found.append(f"{where}: length must be {schema.get('minLength', 0)}..{schema.get('maxLength', 'any')}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{where}: value does not match its pattern")
    if schema.get("format") == "byte" and not is_base64(value):
        found.append(f"{where}: not Base64")
    if schema.get("format") == "date-time" and not is_instant(value):
        found.append(f"{where}: not an ISO 8601 instant with its offset")
    return found


def _number_problems(schema: dict[str, Any], value: float, where: str) -> list[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if (low is not None and value < low) or (high is not None and value > high):
        return [f"{where}: value must be between {low} and {high if high is not None else 'any'}"]
    return []


def is_base64(value: str) -> bool:
    """Standard alphabet with padding, nothing else."""
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def is_instant(value: str) -> bool:
    """ISO 8601 with ``Z`` or an offset (pobieranie-faktur: offsets are required)."""
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo is not None
    except ValueError:
        return False


@cache
def load() -> Spec:
    """Read the document once per process."""
    return Spec(json.loads(OPENAPI.read_text(encoding="utf-8")))
