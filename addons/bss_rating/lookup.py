"""Rows that belong to services, read for many services at once and kept."""

import io

import polars as pl


class Lookup:
    """Rows of a query by service; each service is asked for once."""

    def __init__(self, cr, company_id, query, schema, whole):
        """:param query: with ``{chosen}`` where services are picked; its first column is ``service_id``
        :param whole: read the rows of all services at once; the cursor is not needed any more then
        """
        self._cr, self._company_id, self._query, self._whole = cr, company_id, query, whole
        self._asked = pl.Series(dtype=pl.Int64)
        self._schema = schema
        self._rows = self._read() if whole else pl.DataFrame(schema=schema)

    def of(self, services):
        """Rows of these services, and of others."""
        if self._whole:
            return self._rows
        missing = services.unique()
        missing = missing.filter(~missing.is_in(self._asked.implode()))
        if len(missing):
            self._rows = pl.concat([self._rows, self._read(missing.to_list())])
            self._asked = pl.concat([self._asked, missing])
        return self._rows

    def _read(self, service_ids=None):
        chosen = "" if service_ids is None else "AND id = ANY(%(services)s)"
        params = {"company": self._company_id, "services": service_ids}
        return self.rows_of(self._query.format(chosen=chosen), self._schema, params)

    def rows_of(self, query, schema, params=None):
        """Rows of a query as they are."""
        buffer = io.BytesIO()
        self._cr.copy_expert(f"COPY ({self._cr.mogrify(query, params or {}).decode()}) TO STDOUT (FORMAT csv)", buffer)
        if not buffer.tell():
            return pl.DataFrame(schema=schema)
        return pl.read_csv(buffer.getvalue(), has_header=False, schema=schema)
