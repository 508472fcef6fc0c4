"""Zalacznik of a telecom invoice: usage by service and zone. No called number stands in it, that is personal data."""

from __future__ import annotations

from .ksef_core import fa3

MAX_TABLES = 1000  # of one block, by the schema
MAX_ROWS = 1000  # of one table
_CELL = 256
_COLUMNS = (
    fa3.Column("Strefa", "txt"),
    fa3.Column("Liczba", "int"),
    fa3.Column("Czas", "txt"),
    fa3.Column("Netto", "dec"),
)


def attachment(customer_number, services):
    """`services`: [{"service", "identifier", "rows": [(zone, events, seconds, net as Decimal)]}], not empty."""
    tables = [table for service in services for table in _tables(service)]
    return fa3.Attachment(
        tuple(
            fa3.Block(
                "Zestawienie zużycia",
                (("Numer klienta", customer_number),),
                (),
                tuple(tables[start : start + MAX_TABLES]),
            )
            for start in range(0, len(tables), MAX_TABLES)
        )
    )


def _tables(service):
    rows, caption = service["rows"], " ".join(filter(None, (service["service"], service["identifier"])))[:512]
    for start in range(0, len(rows), MAX_ROWS):
        part = rows[start : start + MAX_ROWS]
        cells = tuple(
            (zone[:_CELL] or "-", str(events), duration(seconds), f"{net:.2f}") for zone, events, seconds, net in part
        )
        sums = (
            "Razem",
            str(sum(row[1] for row in part)),
            duration(sum(row[2] for row in part)),
            f"{sum(row[3] for row in part):.2f}",
        )
        yield fa3.Table(_COLUMNS, cells, sums, caption)


def duration(seconds):
    """Hours, minutes, seconds; a dash where nothing was counted in time."""
    if not seconds:
        return "-"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
