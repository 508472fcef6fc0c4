"""Interactive session: a handful of urgent invoices, each sent by a call of its own.

KSeF processes an invoice as soon as it has it. A lost answer to a sending is therefore settled by the list of the closed
session alone: nothing can be added to it any more, so what its list does not name by hash was not taken.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from ksef_client.services.crypto import encrypt_aes_cbc_pkcs7

from ..qr import sha256_base64
from .gate import Gate
from .result import Failure, Fault
from .session import ALREADY_CLOSED_CODES, FORM_CODE, encryption

MAX_INVOICES = 10  # our own: more of them belong into a batch; KSeF takes 180 sendings an hour
LIFE_HOURS = 12  # KSeF closes the session by itself then


@dataclass(frozen=True)
class Opened:
    reference: str
    valid_until: datetime


def open_online(gate: Gate, token: str, wrapped_key: str, iv: bytes, key_id: str) -> Opened | Failure:
    """Opens a session. Nothing is in it yet: one whose opening answer was lost stays empty and harms nobody."""
    payload = {"formCode": FORM_CODE, "encryption": encryption(wrapped_key, iv, key_id)}
    answer = gate.change("POST", "/sessions/online", token=token, json=payload)
    if isinstance(answer, Failure):
        return answer
    try:
        return Opened(str(answer.json["referenceNumber"]), datetime.fromisoformat(answer.json["validUntil"]))
    except (TypeError, KeyError, ValueError) as exc:
        return Failure(Fault.LOST, f"answer outside the contract: {exc!r}", answer.status)


def send(
    gate: Gate,
    token: str,
    reference: str,
    xml: bytes,
    key: bytes,
    iv: bytes,
    *,
    offline: bool = False,
    corrected_sha256: str = "",
) -> str | Failure:
    """Sends one frozen invoice; its reference inside the session. After `Fault.LOST` it may be in KSeF: never send it again.

    `corrected_sha256` is the hash of the refused offline invoice that this one replaces (technical correction).
    """
    data = encrypt_aes_cbc_pkcs7(xml, key, iv)
    payload = {
        "invoiceHash": sha256_base64(xml),
        "invoiceSize": len(xml),
        "encryptedInvoiceHash": sha256_base64(data),
        "encryptedInvoiceSize": len(data),
        "encryptedInvoiceContent": base64.b64encode(data).decode("ascii"),
        "offlineMode": offline,
    }
    if corrected_sha256:
        payload["hashOfCorrectedInvoice"] = corrected_sha256
    answer = gate.change("POST", f"/sessions/online/{reference}/invoices", token=token, json=payload)
    if isinstance(answer, Failure):
        return answer
    try:
        return str(answer.json["referenceNumber"])
    except (TypeError, KeyError) as exc:
        return Failure(Fault.LOST, f"answer outside the contract: {exc!r}", answer.status)


def close(gate: Gate, token: str, reference: str) -> None | Failure:
    """Ends the session and starts its UPO. A session that is closed already counts as closed."""
    answer = gate.change("POST", f"/sessions/online/{reference}/close", token=token)
    if isinstance(answer, Failure) and answer.code not in ALREADY_CLOSED_CODES:
        return answer
    return None
