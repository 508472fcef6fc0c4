"""What a service order must look like; written from the README of bss_contracts, apart from the product's code."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

ACTIONS = {"activate", "restrict", "suspend", "resume", "change", "terminate", "message"}
CAUSES = {"request", "debt", "technical"}
TYPES = {"internet", "tv", "mobile", "voip", "other"}
IDENTIFIERS = {
    "msisdn": re.compile(r"[1-9][0-9]{7,14}"),
    "login": re.compile(r"\S+"),
    "imsi": re.compile(r"[0-9]{14,15}"),
    "account_code": re.compile(r".+"),
    "mac": re.compile(r"([0-9A-F]{2}:){5}[0-9A-F]{2}"),
}
ORDER = {"version", "order", "idempotency_key", "action", "cause", "requested_at", "valid_from", "service", "text"}
SERVICE = {
    "id",
    "type",
    "offering",
    "offering_code",
    "identifiers",
    "place",
    "equipment",
    "characteristics",
}
PLACE = {"address", "street", "house_no", "premises_no", "zip", "city", "teryt", "port"}
EQUIPMENT = {"kind", "serial", "mac"}


def faults_of(order: Any) -> list[str]:
    """Everything wrong with the body of an order; empty = may be taken."""
    found = _exactly(order, ORDER, "order")
    if found:
        return found
    if order["version"] != 1:
        found.append("version is not 1")
    if order["action"] not in ACTIONS:
        found.append(f"unknown action {order['action']!r}")
    if order["cause"] not in CAUSES:
        found.append(f"unknown cause {order['cause']!r}")
    for name in ("order", "idempotency_key"):
        if not isinstance(order[name], str) or not order[name]:
            found.append(f"{name} is empty")
    if not isinstance(order["text"], str):
        found.append("text is no text")
    found += _dates(order)
    return found + _service(order["service"], order["action"])


def _exactly(data: Any, names: set[str], where: str) -> list[str]:
    if not isinstance(data, dict):
        return [f"{where} is no object"]
    return [
        *(f"{where}: {name} is missing" for name in sorted(names - data.keys())),
        *(f"{where}: {name} is unknown" for name in sorted(data.keys() - names)),
    ]


def _dates(order: dict[str, Any]) -> list[str]:
    found = []
    try:
        date.fromisoformat(order["valid_from"])
    except (TypeError, ValueError):
        found.append("valid_from is no date")
    if not isinstance(order["requested_at"], str) or not order["requested_at"].endswith("Z"):
        return [*found, "requested_at is not in UTC"]
    try:
        datetime.strptime(order["requested_at"], "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - the Z is checked above
    except ValueError:
        found.append("requested_at is no instant")
    return found


def _service(service: Any, action: str) -> list[str]:
    found = _exactly(service, SERVICE, "service")
    if found:
        return found
    if not isinstance(service["id"], str) or not service["id"].isdigit():
        found.append("service: id is not digits in a text")
    if service["type"] not in TYPES:
        found.append(f"service: unknown type {service['type']!r}")
    if not service["offering_code"] and action == "activate":
        found.append("service: an activation needs the code of the offering")
    for one in service["identifiers"]:
        pattern = IDENTIFIERS.get(one.get("kind"))
        if one.keys() != {"kind", "value"} or not pattern or not pattern.fullmatch(one["value"]):
            found.append(f"service: bad identifier {one!r}")
    if service["place"] is not None:
        found += _exactly(service["place"], PLACE, "place")
    for one in service["equipment"]:
        found += _exactly(one, EQUIPMENT, "equipment")
    if action == "activate" and service["type"] in ("mobile", "voip"):
        kinds = {one.get("kind") for one in service["identifiers"]}
        if "msisdn" not in kinds:
            found.append("service: a telephone service without a number")
    return found
