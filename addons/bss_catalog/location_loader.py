"""Puts rows of a list of places into the database, set by set, whatever their number.

The rows go to a temporary table by COPY. There they find the places that exist, are checked against them and against
each other, and what is missing is made level by level. Nothing is changed that is right already, so that the same
list twice changes nothing the second time.
"""

import io
import json
from dataclasses import dataclass, field

from odoo.tools import SQL

from .catalog_core.address import FOLDED, UNFOLDED
from .catalog_core.location_row import RowProblem, place_key
from .location_loader_checks import CHECKS
from .location_loader_sql import RESOLVE, STAGE
from .location_loader_things import OFFERS, PORTS, REACHES
from .location_loader_writes import CREATE, TOUCHED_ROOTS, UPDATES
from .models.bss_location_tree import TREE

CHUNK = 5000
ROW_COLUMNS = (
    "line", "town", "town_key", "simc", "terc", "street", "street_key", "ulic", "building", "building_key",
    "staircase", "staircase_key", "premises", "premises_key", "zip", "node", "port", "latitude", "longitude",
    "competitor", "competitor_key", "technology", "down", "price", "date_start", "date_end",
)  # fmt: skip
REACH_COLUMNS = ("line", "technology", "down", "up", "is_blocked")


@dataclass
class LoadResult:
    """Counts of what was made and changed ({"town": 3, …, "changed": 2}), and rows refused ({line: RowProblem})."""

    rows: int = 0
    made: dict = field(default_factory=dict)
    bad: dict = field(default_factory=dict)

    @property
    def is_idle(self):
        return not any(self.made.values())

    def count(self, what, number):
        self.made[what] = self.made.get(what, 0) + number


class LocationLoader:
    """One load for one company as of ``today``."""

    def __init__(self, env, company, today):
        self.env = env
        self.params = {
            "company": company.id,
            "today": today,
            "user": env.uid,
            "unfolded": UNFOLDED,
            "folded": FOLDED,
        }
        self.result = LoadResult()

    def load(self, rows):
        """:param rows: iterable of (line of the file, PlaceRow or RowProblem)"""
        self.env.flush_all()
        self._run(STAGE)
        self._stage(rows)
        for sql in RESOLVE.values():
            self._run(sql)
        for sql in CHECKS:
            self._run(sql)
        self._drop_bad()
        self._make_places()
        for sql in UPDATES:
            self.result.count("changed", self._run(sql))
        self._refresh_addresses()
        for what, sql in REACHES:
            self.result.count(what, self._run(sql))
        self._refresh_technologies()
        for what, sql in (*PORTS, *OFFERS):
            self.result.count(what, self._run(sql))
        self._drop_bad()
        self._run("DROP TABLE bss_load_row, bss_load_reach, bss_load_bad, bss_load_touched")
        self.env.invalidate_all()
        return self.result

    def _run(self, sql):
        self.env.cr.execute(SQL(sql, **self.params) if "%(" in sql else SQL(sql))
        return max(self.env.cr.rowcount, 0)

    # --- staging

    def _stage(self, rows):
        row_lines, reach_lines = [], []
        for line, row in rows:
            self.result.rows += 1
            if isinstance(row, RowProblem):
                self.result.bad[line] = row
                continue
            row_lines.append(self._row_values(line, row))
            reach_lines += [(line, one.technology, one.down, one.up, one.blocked) for one in row.reaches]
            if len(row_lines) >= CHUNK:
                self._copy(row_lines, reach_lines)
        self._copy(row_lines, reach_lines)
        self._run("ANALYZE bss_load_row; ANALYZE bss_load_reach")

    @staticmethod
    def _row_values(line, row):
        return (
            line, row.town, place_key(row.town), row.simc, row.terc, row.street, place_key(row.street), row.ulic,
            row.building, place_key(row.building), row.staircase, place_key(row.staircase), row.premises,
            place_key(row.premises), row.zip, row.node, row.port, row.latitude, row.longitude, row.competitor,
            place_key(row.competitor), row.technology, row.down, row.price, row.date_start, row.date_end,
        )  # fmt: skip

    def _copy(self, row_lines, reach_lines):
        for table, columns, lines in (
            ("bss_load_row", ROW_COLUMNS, row_lines),
            ("bss_load_reach", REACH_COLUMNS, reach_lines),
        ):
            if lines:
                text = "".join("\t".join(map(_copied, values)) + "\n" for values in lines)
                self.env.cr.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", io.StringIO(text))
                lines.clear()

    # --- steps

    def _drop_bad(self):
        """Take refused rows out of the tables and into the result."""
        bad = self.env.execute_query(
            SQL("SELECT DISTINCT ON (line) line, field, value, code, params FROM bss_load_bad ORDER BY line, id")
        )
        for line, field_name, value, code, params in bad:
            params = params if isinstance(params, dict) else json.loads(params or "{}")
            self.result.bad[line] = RowProblem(
                field_name or "", value or "", code, {key: str(one) for key, one in params.items()}
            )
        for table in ("bss_load_row", "bss_load_reach"):
            self._run(f"DELETE FROM {table} USING bss_load_bad bad WHERE bad.line = {table}.line")
        self._run("DELETE FROM bss_load_bad")

    def _make_places(self):
        """Missing places, level by level; the planner is told of the new rows before they are joined."""
        for kind, resolve, sql in CREATE:
            made = self._run(sql)
            if made:
                self.result.count(kind, made)
                self._run("ANALYZE bss_load_row; ANALYZE bss_load_touched")
                if made > CHUNK:
                    self._run("ANALYZE bss_location")
                for step in resolve:
                    self._run(RESOLVE[step])

    def _touched_roots(self):
        return [one for (one,) in self.env.execute_query(SQL(TOUCHED_ROOTS.format(column="location.id")))]

    def _refresh_addresses(self):
        roots = TOUCHED_ROOTS.format(column="location.id, touched.zip_was, touched.teryt_was, NULL::text, NULL::text")
        self._run(f"WITH RECURSIVE root(id, zip_was, teryt_was, zip_above, teryt_above) AS ({roots}), {TREE}")

    def _refresh_technologies(self):
        self.env.invalidate_all(flush=False)
        self.env["bss.location"].browse(self._touched_roots())._bss_refresh_technologies(self.params["today"])


def _copied(value):
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").replace("\r", " ")
