"""What makes rows of the chunks of one file. Where all that it asks for is in memory, it works in a thread beside the server."""

from dataclasses import dataclass, replace
from typing import Any

from . import adapters, event_rows, store
from .mediation_core import Chunk


@dataclass(frozen=True)
class Prepared:
    """A chunk with its rows; ``columns`` and ``data`` are what COPY stores of them when all are new."""

    chunk: Chunk
    rows: event_rows.Rows | None = None
    columns: tuple[str, ...] = ()
    data: Any = None


class Desk:
    def __init__(self, source, file_id, size):
        """:param size: bytes of the file; a large one is worth reading all identifiers of the company"""
        self._directory = store.Directory(source.env.cr, source.company_id.id, size)
        self._guide = source._bss_guide_of()
        self._rater = source._bss_rater(whole=self._directory.is_whole)
        self._file_id, self._source_id, self._company_id = file_id, source.id, source.company_id.id

    @property
    def is_whole(self):
        """Whether it needs no cursor any more."""
        return self._directory.is_whole and self._rater.is_whole

    def prepare(self, chunk):
        if chunk.events.is_empty():
            return Prepared(chunk)
        events = adapters.filed_events(chunk.events, self._file_id)
        guided = self._guide(events, self._directory.of(events))
        return self.with_data(Prepared(chunk, event_rows.parted(event_rows.rated(guided, self._rater))))

    def without(self, prepared, lines):
        """Without the events of these lines."""
        events = prepared.rows.events
        events = events.filter(~events["line_no"].is_in(lines))
        return self.with_data(replace(prepared, rows=replace(prepared.rows, events=events)))

    def with_data(self, prepared):
        events = prepared.rows.events
        if events.is_empty():
            return replace(prepared, columns=(), data=None)
        columns, data = store.event_data(events, self._company_id, self._source_id)
        return replace(prepared, columns=tuple(columns), data=data)

    def finish(self):
        """After all rows were stored."""
        self._rater.finish()
