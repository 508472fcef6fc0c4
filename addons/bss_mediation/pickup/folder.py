"""Files in a folder of this server, below one of the folders that ``odoo.conf`` opens for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ..mediation_core.pickup import Entry
from .base import DONE_FOLDER, After, PickupError

#: bytes asked for at a time: memory grows with the file, not with what it may be at most
PIECE = 1 << 20


class FolderPickup:
    def __init__(self, folder: str, roots: Sequence[str], after: After = "move") -> None:
        """:raises PickupError: OUTSIDE when ``folder`` is, links followed, in none of ``roots``"""
        self._folder = Path(folder).resolve()
        if not any(self._folder.is_relative_to(Path(root).resolve()) for root in roots):
            raise PickupError("OUTSIDE", folder=folder)
        self._after = after

    def entries(self) -> list[Entry]:
        if not self._folder.is_dir():
            raise PickupError("NO_FOLDER", folder=str(self._folder))
        found = []
        try:
            for path in self._folder.iterdir():
                # A link may lead anywhere: what it names is not ours to read.
                if path.name.startswith(".") or path.is_symlink() or not path.is_file():
                    continue
                stat = path.stat()
                modified = datetime.fromtimestamp(stat.st_mtime, UTC).replace(tzinfo=None, microsecond=0)
                found.append(Entry(path.name, stat.st_size, modified))
        except PermissionError as error:
            raise PickupError("DENIED", name=str(error.filename)) from error
        return found

    def fetch(self, name: str, limit: int) -> bytes:
        path = self._path(name)
        try:
            with path.open("rb") as stream:
                content = _read(stream, limit + 1)
        except FileNotFoundError as error:
            raise PickupError("NO_FILE", name=name) from error
        except PermissionError as error:
            raise PickupError("DENIED", name=name) from error
        if len(content) > limit:
            raise PickupError("TOO_LARGE", name=name, limit=limit)
        return content

    def finish(self, name: str) -> None:
        path = self._path(name)
        try:
            if self._after == "delete":
                path.unlink(missing_ok=True)
            elif self._after == "move" and path.exists():
                done = self._folder / DONE_FOLDER
                done.mkdir(exist_ok=True)
                path.replace(done / name)
        except OSError as error:
            raise PickupError("DENIED", name=name) from error

    def close(self) -> None:
        """Nothing is held open."""

    def _path(self, name: str) -> Path:
        path = self._folder / name
        if path.parent != self._folder or path.is_symlink():
            raise PickupError("NO_FILE", name=name)
        return path


def _read(stream: BinaryIO, most: int) -> bytes:
    """The content, or the first ``most`` bytes of it."""
    pieces = []
    while most > 0 and (piece := stream.read(min(PIECE, most))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)
