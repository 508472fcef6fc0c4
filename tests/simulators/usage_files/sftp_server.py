"""A real SFTP server on a free port of this machine, with one user and one folder."""

from __future__ import annotations

import logging
import os
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import paramiko

# of the server's side alone: a client that hangs up is its daily life and no error of whoever is tested against it
_LOG_CHANNEL = "paramiko.simulator"
logging.getLogger(_LOG_CHANNEL).setLevel(logging.CRITICAL)


class SftpServer:
    """``with SftpServer(folder, "user", "password") as server`` serves ``folder``; logins are counted."""

    def __init__(self, folder: Path, user: str, password: str, public_key: paramiko.PKey | None = None) -> None:
        self.folder = folder.resolve()
        self.user, self.password, self.public_key = user, password, public_key
        self.host_key = paramiko.RSAKey.generate(2048)
        self.refused = 0
        self._listener: socket.socket | None = None
        self._transports: list[paramiko.Transport] = []

    def __enter__(self) -> SftpServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listener is not None
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for transport in self._transports:
            transport.close()

    @property
    def port(self) -> int:
        assert self._listener is not None
        return int(self._listener.getsockname()[1])

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.set_log_channel(_LOG_CHANNEL)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder, folder=self.folder)
            self._transports.append(transport)
            try:
                transport.start_server(server=_Gate(self))
            except (paramiko.SSHException, EOFError):
                continue


class _Gate(paramiko.ServerInterface):
    def __init__(self, server: SftpServer) -> None:
        self.sftp = server

    def check_auth_password(self, username: str, password: str) -> int:
        if (username, password) == (self.sftp.user, self.sftp.password):
            return paramiko.AUTH_SUCCESSFUL
        self.sftp.refused += 1
        return paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = self.sftp.public_key
        return paramiko.AUTH_SUCCESSFUL if known is not None and key == known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"


class _Opened(paramiko.SFTPHandle):
    def __init__(self, stream: BinaryIO, flags: int) -> None:
        super().__init__(flags)
        self.readfile = stream

    def stat(self) -> paramiko.SFTPAttributes:  # type: ignore[override]
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Folder(paramiko.SFTPServerInterface):
    def __init__(self, gate: _Gate, *, folder: Path) -> None:
        super().__init__(gate)
        self._root = folder

    def _path(self, name: str) -> Path:
        path = (self._root / self.canonicalize(name).lstrip("/")).resolve()
        return path if path.is_relative_to(self._root) else self._root / "outside"

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:  # type: ignore[override]
        try:
            return [
                paramiko.SFTPAttributes.from_stat(one.stat(), one.name)
                for one in sorted(self._path(path).iterdir(), key=lambda one: one.name)
            ]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:  # type: ignore[override]
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat  # type: ignore[assignment]

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:  # type: ignore[override]
        if flags & (os.O_WRONLY | os.O_RDWR):
            return paramiko.SFTP_PERMISSION_DENIED
        try:
            stream = self._path(path).open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return _Opened(stream, flags)

    def remove(self, path: str) -> int:
        return self._do(lambda: self._path(path).unlink())

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return self._do(lambda: self._path(path).mkdir())

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        return self._do(lambda: self._path(oldpath).replace(self._path(newpath)))

    @staticmethod
    def _do(act: object) -> int:
        try:
            act()  # type: ignore[operator]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return paramiko.SFTP_OK
