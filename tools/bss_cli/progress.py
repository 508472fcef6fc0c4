"""Progress for people: a bar on a terminal, one line per finished step elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

WIDTH = 28


def format_seconds(seconds: float) -> str:
    """Short duration: 4.2s, 1m05s, 1h02m."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m"


def render_bar(label: str, done: float, total: float, elapsed: float, width: int = WIDTH) -> str:
    """One line of a progress bar; an unknown total gives a bar without percentage."""
    if total > 0:
        part = min(max(done / total, 0.0), 1.0)
        filled = round(part * width)
        return f"{label:<26.26} [{'#' * filled}{'.' * (width - filled)}] {part:4.0%} {format_seconds(elapsed)}"
    position = int(elapsed * 4) % width
    bar = "." * position + "#" + "." * (width - position - 1)
    return f"{label:<26.26} [{bar}]      {format_seconds(elapsed)}"


class Progress:
    """Bar of one step. Safe to update from several threads; writes to stderr so that stdout stays data."""

    def __init__(self, label: str, total: float = 0, stream: TextIO | None = None) -> None:
        self.label = label
        self.total = total
        self.done = 0.0
        self.note = ""
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.started = time.monotonic()
        self._lock = threading.Lock()
        self._drawn = 0.0

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def update(self, done: float, total: float | None = None) -> None:
        with self._lock:
            self.done = done
            if total is not None:
                self.total = total
            now = time.monotonic()
            if self.live and now - self._drawn > 0.1:
                self._drawn = now
                self.draw()

    def draw(self) -> None:
        self.stream.write("\r\033[K" + render_bar(self.label, self.done, self.total, self.elapsed))
        self.stream.flush()

    def finish(self, note: str = "") -> None:
        """Replace the bar by one closing line."""
        if self.live:
            self.stream.write("\r\033[K")
        text = note or self.note
        suffix = f"  {text}" if text else ""
        self.stream.write(f"{self.label:<34.34} {format_seconds(self.elapsed):>7}{suffix}\n")
        self.stream.flush()

    def abandon(self) -> None:
        """Leave the terminal clean when the step failed; the error itself is told elsewhere."""
        if self.live:
            self.stream.write("\r\033[K")
            self.stream.flush()


@contextmanager
def step(label: str, total: float = 0, quiet_under: float = 0.0) -> Iterator[Progress]:
    """A timed step with a ticking bar; steps shorter than `quiet_under` seconds leave no line."""
    bar = Progress(label, total)
    stop = threading.Event()

    def tick() -> None:
        while not stop.wait(0.25):
            with bar._lock:
                bar.draw()

    ticker = threading.Thread(target=tick, daemon=True) if bar.live else None
    if ticker:
        ticker.start()
    failed = True
    try:
        yield bar
        failed = False
    finally:
        stop.set()
        if ticker:
            ticker.join()
        if failed or bar.elapsed < quiet_under:
            bar.abandon()
        else:
            bar.finish()
