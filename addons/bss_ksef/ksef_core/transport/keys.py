"""Public keys of the Ministry: which one to use now, and wrapping secrets with it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ksef_client.services.crypto import encrypt_rsa_oaep

from .gate import Gate, Json
from .result import Failure, Fault

TOKEN_KEY = "KsefTokenEncryption"
SYMMETRIC_KEY = "SymmetricKeyEncryption"
WRONG_KEY_CODE = 21470  # the key is not known (any more): fetch the list again and wrap anew


@dataclass(frozen=True)
class PublicKey:
    key_id: str
    certificate: str  # DER, base64
    valid_from: datetime
    valid_to: datetime
    usage: tuple[str, ...]


def fetch(gate: Gate) -> tuple[PublicKey, ...] | Failure:
    answer = gate.ask("GET", "/security/public-key-certificates")
    if isinstance(answer, Failure):
        return answer
    try:
        return tuple(_read(row) for row in answer.json)
    except (TypeError, KeyError, ValueError) as exc:
        return Failure(Fault.BROKEN, f"public keys: {exc!r}")


def _read(row: Json) -> PublicKey:
    return PublicKey(
        row["publicKeyId"],
        row["certificate"],
        datetime.fromisoformat(row["validFrom"]),
        datetime.fromisoformat(row["validTo"]),
        tuple(row["usage"]),
    )


def choose(keys: Sequence[PublicKey], usage: str, now: datetime) -> PublicKey | Failure:
    """The valid key with the latest beginning."""
    fit = [key for key in keys if usage in key.usage and key.valid_from <= now <= key.valid_to]
    if not fit:
        return Failure(Fault.BROKEN, f"no valid public key for {usage}")
    return max(fit, key=lambda key: key.valid_from)


def wrap(key: PublicKey, secret: bytes) -> str:
    """RSA-OAEP with SHA-256 and MGF1-SHA-256, base64."""
    return base64.b64encode(encrypt_rsa_oaep(key.certificate, secret)).decode("ascii")
