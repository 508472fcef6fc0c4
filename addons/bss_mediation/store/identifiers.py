"""Our numbers, codes, logins and IMSIs with their services, as the guiding kernel wants them."""

import io

import polars as pl

from ..mediation_core.guide import IDENTIFIER_SCHEMA, wanted_values

# Up to here all identifiers of a company are read once per file; beyond, those that a chunk asks for.
READ_WHOLE = 2_000_000
# A file of fewer bytes asks only for what it needs.
WHOLE_FROM_BYTES = 2_000_000

_QUERY = """
    SELECT identifier.kind, identifier.value, identifier.date_start, identifier.date_end, service.id,
           service.account_id, service.state = 'pending', service.date_start, service.date_end
      FROM bss_service_identifier identifier
      JOIN bss_service service ON service.id = identifier.service_id
     WHERE identifier.company_id = %(company)s AND identifier.kind IN ('msisdn', 'account_code', 'login', 'imsi')
"""


class Directory:
    """Identifiers of a company during the load of one file."""

    def __init__(self, cr, company_id, size=0):
        """:param size: bytes of the file"""
        self._cr = cr
        self._company_id = company_id
        self._whole = self._read() if size >= WHOLE_FROM_BYTES and self._count() <= READ_WHOLE else None

    @property
    def is_whole(self):
        """Whether it was read at once and needs the cursor no more."""
        return self._whole is not None

    def of(self, events):
        """Identifiers that the events may have (``IDENTIFIER_SCHEMA``)."""
        return self._read(wanted_values(events)) if self._whole is None else self._whole

    def _count(self):
        # an estimate would do, but a fresh table has none
        self._cr.execute(
            "SELECT count(*) FROM (SELECT FROM bss_service_identifier WHERE company_id = %s LIMIT %s) AS found",
            (self._company_id, READ_WHOLE + 1),
        )
        return self._cr.fetchone()[0]

    def _read(self, values=None):
        query, params = _QUERY, {"company": self._company_id}
        if values is not None:
            query, params = f"{query} AND identifier.value = ANY(%(values)s)", {**params, "values": values}
        text = self._cr.mogrify(query, params).decode()
        buffer = io.BytesIO()
        self._cr.copy_expert(f"COPY ({text}) TO STDOUT (FORMAT csv)", buffer)
        if not buffer.tell():
            return pl.DataFrame(schema=IDENTIFIER_SCHEMA)
        flags = {"is_pending": pl.String()}
        frame = pl.read_csv(buffer.getvalue(), has_header=False, schema={**IDENTIFIER_SCHEMA, **flags})
        return frame.with_columns(is_pending=pl.col("is_pending") == "t")
