"""Files on an SFTP server, whose key is known beforehand: an unknown or changed one ends the talk before any password."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import posixpath
import stat
from datetime import UTC, datetime

import paramiko

from ..mediation_core.pickup import Entry
from .base import DONE_FOLDER, After, PickupError

_LOG_CHANNEL = "paramiko.transport.bss_mediation"
_KEY_TYPES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


class _AsDetail(logging.Filter):
    """The library calls every broken connection an error, also one that we have just ended; the source's alarm tells it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno > logging.INFO:
            record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
        return True


logging.getLogger(_LOG_CHANNEL).addFilter(_AsDetail())


def fingerprint(key: paramiko.PKey) -> str:
    """As ``ssh-keygen -lf`` writes it: SHA256 and the base64 digest without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


class SftpPickup:
    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        host_key: str,
        folder: str,
        *,
        password: str | None = None,
        private_key: str | None = None,
        after: After = "move",
        timeout_s: float = 20.0,
    ) -> None:
        """:param host_key: fingerprint of the server's key, as :func:`fingerprint` writes it"""
        self._folder = folder or "."
        self._after = after
        try:
            self._transport = paramiko.Transport(_connect(host, port, timeout_s))
            self._transport.set_log_channel(_LOG_CHANNEL)
            self._transport.banner_timeout = self._transport.auth_timeout = timeout_s
            self._transport.start_client(timeout=timeout_s)
        except (OSError, paramiko.SSHException, EOFError) as error:
            raise PickupError("CONNECT", host=host, port=port, detail=str(error)) from error
        try:
            self._log_in(user, host_key, password, private_key)
            self._client = self._open(timeout_s)
        except PickupError:
            self.close()
            raise
        except paramiko.SSHException as error:
            self.close()
            raise PickupError("LOGIN", user=user, host=host) from error

    def _log_in(self, user: str, host_key: str, password: str | None, private_key: str | None) -> None:
        shown = fingerprint(self._transport.get_remote_server_key())
        if shown != host_key.strip():
            raise PickupError("HOST_KEY", shown=shown)
        if private_key:
            self._transport.auth_publickey(user, _private_key(private_key))
        else:
            self._transport.auth_password(user, password or "")

    def _open(self, timeout_s: float) -> paramiko.SFTPClient:
        client = paramiko.SFTPClient.from_transport(self._transport)
        channel = client.get_channel() if client else None
        if client is None or channel is None:
            raise paramiko.SSHException("no SFTP on this server")
        channel.settimeout(timeout_s)
        return client

    def entries(self) -> list[Entry]:
        try:
            listed = self._client.listdir_attr(self._folder)
        except OSError as error:
            raise PickupError("NO_FOLDER", folder=self._folder) from error
        return [
            Entry(
                one.filename,
                one.st_size or 0,
                datetime.fromtimestamp(one.st_mtime or 0, UTC).replace(tzinfo=None),
            )
            for one in listed
            if stat.S_ISREG(one.st_mode or 0) and not one.filename.startswith(".")
        ]

    def fetch(self, name: str, limit: int) -> bytes:
        try:
            with self._client.open(self._path(name), "rb") as stream:
                stream.prefetch()
                content = stream.read(limit + 1)
        except FileNotFoundError as error:
            raise PickupError("NO_FILE", name=name) from error
        except (OSError, paramiko.SSHException, EOFError) as error:
            raise PickupError("DENIED", name=name) from error
        if len(content) > limit:
            raise PickupError("TOO_LARGE", name=name, limit=limit)
        return bytes(content)

    def finish(self, name: str) -> None:
        path = self._path(name)
        try:
            if self._after == "delete":
                self._client.remove(path)
            elif self._after == "move":
                done = posixpath.join(self._folder, DONE_FOLDER)
                if DONE_FOLDER not in self._client.listdir(self._folder):
                    self._client.mkdir(done)
                self._client.posix_rename(path, posixpath.join(done, name))
        except FileNotFoundError:
            return  # moved before by a run that was stopped then
        except (OSError, paramiko.SSHException, EOFError) as error:
            raise PickupError("DENIED", name=name) from error

    def close(self) -> None:
        self._transport.close()

    def _path(self, name: str) -> str:
        if "/" in name or name in ("", ".", ".."):
            raise PickupError("NO_FILE", name=name)
        return posixpath.join(self._folder, name)


def _connect(host: str, port: int, timeout_s: float) -> paramiko.transport.socket.socket:
    return paramiko.transport.socket.create_connection((host, port), timeout=timeout_s)


def _private_key(text: str) -> paramiko.PKey:
    for kind in _KEY_TYPES:
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError):
            continue
    raise PickupError("LOGIN", user="", host="")
