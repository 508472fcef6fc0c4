"""Verification links that KSeF prints as QR codes (code I for every invoice, code II for offline ones)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import date


def sha256_base64(data: bytes) -> str:
    """SHA-256 of the exact bytes, in the form KSeF uses everywhere: plain base64 with padding."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


def hash_for_url(hash_base64: str) -> str:
    """The same hash as used in links: base64url without padding."""
    try:
        raw = base64.b64decode(hash_base64, validate=True)
    except binascii.Error as exc:
        raise ValueError("not a base64 hash") from exc
    if len(raw) != 32:
        raise ValueError("not a SHA-256 hash")
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def invoice_url(qr_base_url: str, seller_nip: str, issue_date: date, hash_base64: str) -> str:
    """Code I: link to the invoice of `seller_nip` issued (P_1) on `issue_date` with that XML hash."""
    return "/".join(
        (
            qr_base_url.rstrip("/"),
            "invoice",
            seller_nip,
            issue_date.strftime("%d-%m-%Y"),
            hash_for_url(hash_base64),
        )
    )


def certificate_text(
    qr_base_url: str,
    context_type: str,
    context_value: str,
    seller_nip: str,
    certificate_serial: str,
    hash_base64: str,
) -> str:
    """Code II: the text that the offline certificate signs (host without scheme, no closing slash)."""
    host = qr_base_url.rstrip("/").split("://", 1)[-1]
    return "/".join(
        (
            host,
            "certificate",
            context_type,
            context_value,
            seller_nip,
            certificate_serial.upper().zfill(16),
            hash_for_url(hash_base64),
        )
    )


def certificate_url(text: str, signature: bytes) -> str:
    """Code II: the link made of the signed text and its signature."""
    tail = base64.urlsafe_b64encode(signature).decode("ascii").rstrip("=")
    return f"https://{text}/{tail}"
