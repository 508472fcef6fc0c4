"""The Ministry's side of the encryption: published keys, unwrapping, AES decryption.

Sources: bezpieczenstwo/klucze-publiczne-do-szyfrowania.md (publicKeyId, rotation, 21470); sesja-wsadowa.md and
faktury/weryfikacja-faktury.md "Poprawne szyfrowanie" (AES-256-CBC, PKCS#7, RSA-OAEP with SHA-256).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .numbers import stamp

TOKEN_USAGE = "KsefTokenEncryption"
SYMMETRIC_USAGE = "SymmetricKeyEncryption"
OAEP = rsa_padding.OAEP(mgf=rsa_padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
CHUNK = 1 << 20


def sha256_base64(data: bytes) -> str:
    """Hash as the API writes it everywhere."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


@dataclass(frozen=True)
class ServerKey:
    """One RSA key with its certificate."""

    usage: str
    private: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """Certificate bytes."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_id(self) -> str:
        """Base64 SHA-256 of the SubjectPublicKeyInfo."""
        spki = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return sha256_base64(spki)

    def published(self) -> dict[str, Any]:
        """Row of ``GET /security/public-key-certificates``."""
        return {
            "certificate": base64.b64encode(self.der).decode("ascii"),
            "certificateId": sha256_base64(self.der),
            "publicKeyId": self.key_id,
            "validFrom": stamp(self.certificate.not_valid_before_utc),
            "validTo": stamp(self.certificate.not_valid_after_utc),
            "usage": [self.usage],
        }

    def unwrap(self, wrapped: bytes) -> bytes | None:
        """RSA-OAEP decryption; None when the ciphertext is not for this key."""
        try:
            return self.private.decrypt(wrapped, OAEP)
        except ValueError:
            return None


def make_key(usage: str, valid_from: datetime | None = None) -> ServerKey:
    """Make an RSA-2048 key with a self-signed certificate for two years."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    start = valid_from or datetime.now(UTC) - timedelta(days=1)
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "PL"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "KSeF simulator"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, f"KSeF simulator {usage}"),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=730))
        .sign(private, hashes.SHA256())
    )
    return ServerKey(usage, private, certificate)


@cache
def process_key(usage: str) -> ServerKey:
    """Key shared by all simulators of a process that keep no state: making keys is slow."""
    return make_key(usage)


class KeyRing:
    """Keys in use, withdrawn keys (needed by sessions opened before a rotation), and the stamp key for UPO."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        stored = folder is not None and all(self._file(u).exists() for u in (TOKEN_USAGE, SYMMETRIC_USAGE, "Upo"))
        if stored:
            self.active = {u: [self._read(u)] for u in (TOKEN_USAGE, SYMMETRIC_USAGE)}
            self.upo_key = self._read("Upo")
        else:
            make = process_key if folder is None else make_key
            self.active = {u: [make(u)] for u in (TOKEN_USAGE, SYMMETRIC_USAGE)}
            self.upo_key = make("Upo")
            self._write_all()

    def published(self) -> list[dict[str, Any]]:
        """All accepted keys."""
        return [key.published() for keys in self.active.values() for key in keys]

    def find(self, usage: str, key_id: str | None) -> ServerKey | None:
        """Return the named key, or the newest one when the caller names none; None means 21470."""
        if key_id is None:
            return self.active[usage][-1]
        return next((key for key in self.active[usage] if key.key_id == key_id), None)

    def rotate(self, *, emergency: bool = True) -> None:
        """Publish new keys; an emergency withdraws the old ones at once (klucze-publiczne 3.2.2)."""
        for usage, keys in self.active.items():
            fresh = make_key(usage, datetime.now(UTC) - timedelta(minutes=1))
            self.active[usage] = [fresh] if emergency else [*keys, fresh]
        self._write_all()

    # -- storage --------------------------------------------------------------------------------------------------
    def _file(self, usage: str) -> Path:
        assert self.folder is not None
        return self.folder / f"key-{usage}.pem"

    def _read(self, usage: str) -> ServerKey:
        text = self._file(usage).read_bytes()
        private = serialization.load_pem_private_key(text, None)
        assert isinstance(private, rsa.RSAPrivateKey)
        return ServerKey(usage, private, x509.load_pem_x509_certificate(text))

    def _write_all(self) -> None:
        if self.folder is None:
            return
        for key in (*(keys[-1] for keys in self.active.values()), self.upo_key):
            text = key.private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ) + key.certificate.public_bytes(serialization.Encoding.PEM)
            target = self._file(key.usage)
            target.touch(mode=0o600)
            target.write_bytes(text)


class DecryptionError(Exception):
    """The ciphertext is no AES-256-CBC with PKCS#7 under the given key."""


def decrypt_stream(source: BinaryIO, target: BinaryIO, key: bytes, vector: bytes) -> None:
    """Decrypt one part; the IV is not prefixed (read in the official clients; the prose says otherwise)."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    try:
        while chunk := source.read(CHUNK):
            target.write(unpadder.update(decryptor.update(chunk)))
        target.write(unpadder.update(decryptor.finalize()) + unpadder.finalize())
    except ValueError as error:
        raise DecryptionError from error


def decrypt(data: bytes, key: bytes, vector: bytes) -> bytes:
    """Decrypt one invoice of an online session."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    try:
        padded = decryptor.update(data) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise DecryptionError from error


def encrypt(data: bytes, key: bytes, vector: bytes) -> bytes:
    """Encrypt a part of an export package with the key of the caller."""
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
