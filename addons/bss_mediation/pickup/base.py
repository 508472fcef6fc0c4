"""What all ways to files have in common."""

from __future__ import annotations

from typing import Literal, Protocol

from ..mediation_core.pickup import Entry

After = Literal["keep", "move", "delete"]
DONE_FOLDER = "done"


class PickupError(Exception):
    """``code``: NO_FOLDER, OUTSIDE, CONNECT, LOGIN, HOST_KEY, NO_FILE, TOO_LARGE, STATUS, ANSWER, DENIED."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


class Pickup(Protocol):
    def entries(self) -> list[Entry]:
        """Files that can be fetched, without folders and hidden files."""

    def fetch(self, name: str, limit: int) -> bytes:
        """Content of a listed file; TOO_LARGE above ``limit`` bytes, whatever the listing said."""

    def finish(self, name: str) -> None:
        """The file is stored here: keep, move or delete it there."""

    def close(self) -> None: ...
