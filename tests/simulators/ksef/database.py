"""One SQLite file for what must not live in memory, shared by the threads of the simulator."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any


class Database:
    """A connection under a lock; changes count from ``commit`` on."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.lock = threading.RLock()
        self._connection = sqlite3.connect(folder / "register.sqlite", check_same_thread=False)
        if not durable:  # a folder that is thrown away needs no promise to survive a crash
            self.script("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")

    def script(self, text: str) -> None:
        """Several statements at once; commits."""
        with self.lock:
            self._connection.executescript(text)

    def do(self, query: str, *values: Any) -> None:
        """One change."""
        with self.lock:
            self._connection.execute(query, values)

    def many(self, query: str, rows: list[tuple[Any, ...]]) -> None:
        """One change for every row."""
        with self.lock:
            self._connection.executemany(query, rows)

    def all(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a question, which sees what is not committed yet."""
        with self.lock:
            return self._connection.execute(query, values).fetchall()

    def commit(self) -> None:
        """From now on the changes survive."""
        with self.lock:
            self._connection.commit()

    def close(self) -> None:
        """Commit and close."""
        with self.lock:
            self._connection.commit()
            self._connection.close()
