"""What a place takes over from the places it is part of, kept for whole trees at once.

Towns hold hundreds of thousands of premises: renaming one must be one statement, not a recompute of every part.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from .. import polish_day
from ..catalog_core.address import FOLDED, UNFOLDED, search_tokens
from .bss_location import ADDRESS_FIELDS, ADDRESS_SOURCES, TECHNOLOGIES

#: values that a part may have of its own although the place above has one too
OVERRIDABLE = ("zip", "teryt_code")
DERIVED = ("complete_name", "search_key", "sort_key", "building_id", *ADDRESS_FIELDS)
FLAGS = tuple(f"has_{technology}" for technology, _label in TECHNOLOGIES)


class BssLocation(models.Model):
    _inherit = "bss.location"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        flags = [{flag: vals.get(flag) for flag in FLAGS} for vals in vals_list]
        clean = [{key: value for key, value in vals.items() if key not in FLAGS} for vals in vals_list]
        locations = super().create(clean)
        locations._bss_refresh_addresses()
        locations._bss_refresh_technologies()
        for location, own in zip(locations, flags, strict=True):
            if any(own.values()):
                location._bss_write_flags({flag: True for flag, present in own.items() if present})
        return locations

    def write(self, vals):
        flags = {flag: vals[flag] for flag in FLAGS if flag in vals}
        rest = {key: value for key, value in vals.items() if key not in flags}
        moved = ADDRESS_SOURCES & set(rest)
        before = self._bss_inherited() if moved else None
        done = super().write(rest) if rest else True
        if moved:
            self._bss_refresh_addresses(before)
        if "parent_id" in rest:
            self._bss_refresh_technologies()
        if flags:
            self._bss_write_flags(flags)
        return done

    # --- addresses

    def _bss_inherited(self):
        """What these places have, and what the places above them have, before a change: {id: (own, above)}."""
        return {
            location.id: (
                [location[field] or None for field in OVERRIDABLE],
                [location.parent_id[field] or None for field in OVERRIDABLE],
            )
            for location in self
        }

    def _bss_refresh_addresses(self, before=None):
        """Bring names, addresses and orders of these places and of everything inside them up to date.

        A part has the address of the place above it. Postcode and commune may differ below: a part that has another
        one than the place above had (``before``: see :meth:`_bss_inherited`) keeps it.
        """
        if not self.ids:
            return
        before = before or {}
        nothing = ([None, None], [None, None])
        rows = [(one, *before.get(one, nothing)[0], *before.get(one, nothing)[1]) for one in self.ids]
        self.flush_model(["kind", "parent_id", "name", "premises_no", "parent_path", *ADDRESS_FIELDS])
        roots = self._bss_roots()
        self.env.cr.execute(
            SQL(
                "WITH RECURSIVE root(id, zip_was, teryt_was, zip_above, teryt_above) AS ("
                " SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[])), %s",
                *(list(column) for column in zip(*(row for row in rows if row[0] in roots), strict=True)),
                SQL(TREE),
            )
        )
        self.invalidate_model(list(DERIVED))

    def _bss_roots(self):
        """Ids of these places without those inside another one of them: each tree is walked once."""
        wanted = set(self.ids)
        paths = self.env.execute_query(SQL("SELECT id, parent_path FROM bss_location WHERE id = ANY(%s)", list(wanted)))
        return {
            one for one, path in paths if not any(int(part) in wanted for part in (path or "").split("/")[:-2] if part)
        }

    # --- technologies of today

    def _bss_refresh_technologies(self, on=None):
        """Write the flags (fibre, HFC, radio here today) of these places and of everything inside them."""
        if not self.ids:
            return
        self.env["bss.location.technology"].flush_model()
        self.flush_model(["parent_id", "parent_path", *FLAGS])
        self.env.cr.execute(
            SQL(
                FLAGS_OF_TREE,
                ids=sorted(self._bss_roots()),
                day=on or polish_day.today(),
            )
        )
        self.invalidate_model(list(FLAGS))

    @api.model
    def _bss_cron_refresh_technologies(self):
        """Flags of the places where a technology began or ended in the last days."""
        today = polish_day.today()
        since = fields.Date.subtract(today, days=8)
        rows = self.env["bss.location.technology"].search(
            [
                "|",
                "&",
                ("date_start", ">=", since),
                ("date_start", "<=", today),
                "&",
                ("date_end", ">=", since),
                ("date_end", "<", today),
            ]
        )
        rows.location_id._bss_refresh_technologies(today)

    # --- counting and searching

    def _bss_count_inside(self, source):
        """Count rows of ``source`` (SQL text with place_id, label, company_id) in each of these places and inside.

        :return: {id of the place: {label: count}}
        """
        if not self.ids:
            return {}
        for model in ("bss.location", "bss.network.node", "bss.network.port"):
            self.env[model].flush_model()
        counts = {}
        for root, label, count in self.env.execute_query(
            SQL(
                "WITH RECURSIVE tree(root, id) AS (SELECT id, id FROM unnest(%s::int[]) one(id) UNION ALL"
                " SELECT tree.root, part.id FROM bss_location part JOIN tree ON part.parent_id = tree.id)"
                " SELECT tree.root, source.label, count(*) FROM tree JOIN (%s) source ON source.place_id = tree.id"
                " WHERE source.company_id IS NULL OR source.company_id = ANY(%s) GROUP BY 1, 2",
                self.ids,
                SQL(source),
                self.env.companies.ids,
            )
        ):
            counts.setdefault(root, {})[label] = count
        return counts

    @api.model
    def _search_display_name(self, operator, value):
        """Understand addresses as clerks type them: “Lipowa 12/5”, “ul. Lipowa 12 m. 5 Kutno”."""
        if operator not in ("ilike", "like", "=ilike") or not isinstance(value, str):
            return super()._search_display_name(operator, value)
        readings = search_tokens(value)
        if not readings:
            return super()._search_display_name(operator, value)
        typed = [
            fields.Domain.AND(fields.Domain("search_key", "ilike", token) for token in tokens) for tokens in readings
        ]
        # the name as the lists show it, pasted
        return fields.Domain.OR([*typed, fields.Domain("complete_name", "ilike", value)])


def _folded(expression):
    """SQL of ``expression`` in small letters without Polish and other accents, as catalog_core.fold does."""
    return f"translate(lower({expression}), '{UNFOLDED}', '{FOLDED}')"


def _padded(expression):
    """SQL that makes numbers at the beginning sort as numbers."""
    return (
        rf"COALESCE(lpad(substring({expression} from '^[0-9]{{1,6}}'), 6, '0'), '')"
        rf" || regexp_replace(COALESCE({expression}, ''), '^[0-9]{{1,6}}', '')"
    )


def _overridable(column, was):
    """A part's own value when it had another one than the place above had, else the value from above."""
    return (
        f"CASE WHEN part.kind NOT IN ('staircase', 'premises') AND part.{column} IS NOT NULL"
        f" AND part.{column} IS DISTINCT FROM {was} THEN part.{column} ELSE COALESCE(above.{column}, part.{column}) END"
    )


def _step(zip_was, teryt_was, own_zip, own_teryt):
    """Columns of a place (``part``) from those of the place above it (``above``)."""
    return f"""
        part.id, part.kind, part.name::text,
        {own_zip}::text AS zip_was, {own_teryt}::text AS teryt_was,
        {_overridable("zip", zip_was)}::text AS zip, {_overridable("teryt_code", teryt_was)}::text AS teryt_code,
        (CASE part.kind WHEN 'town' THEN part.name ELSE COALESCE(above.city, part.city) END)::text AS city,
        COALESCE(above.simc_code, part.simc_code)::text AS simc_code,
        (CASE part.kind WHEN 'town' THEN NULL WHEN 'street' THEN part.name
            ELSE COALESCE(above.street, part.street) END)::text AS street,
        COALESCE(above.ulic_code, part.ulic_code)::text AS ulic_code,
        (CASE WHEN part.kind IN ('town', 'street') THEN NULL
            WHEN part.kind = 'building' THEN COALESCE(part.house_no, CASE WHEN above.kind = 'street' THEN part.name END)
            ELSE COALESCE(above.house_no, part.house_no) END)::text AS house_no,
        (CASE WHEN part.kind = 'building' THEN part.id ELSE above.building_id END) AS building_id,
        (CASE WHEN part.kind = 'building' THEN part.name ELSE above.building_name END)::text AS building_name,
        (CASE WHEN part.kind = 'staircase' THEN part.name ELSE above.staircase END)::text AS staircase,
        (CASE WHEN part.kind = 'premises' THEN COALESCE(part.premises_no, part.name) END)::text AS premises,
        above.complete_name AS above_name
    """


def _named():
    """The same columns with the full name, which needs the address computed before."""
    return """
        SELECT place.*, (CASE
            WHEN place.kind = 'town' THEN place.name
            WHEN place.kind = 'street' THEN concat_ws(', ', place.city, place.name)
            WHEN place.kind = 'building' THEN concat_ws(', ', place.city, CASE
                WHEN concat_ws(' ', place.street, place.house_no) IN ('', place.name) THEN place.name
                WHEN place.name = place.house_no THEN concat_ws(' ', place.street, place.house_no)
                ELSE concat_ws(' ', place.street, place.house_no) || ' (' || place.name || ')' END)
            ELSE concat_ws(' / ', place.above_name, COALESCE(place.premises, place.name)) END)::text AS complete_name
    """


_SEARCHED = _folded(
    "concat_ws(' ', tree.street, replace(tree.house_no, ' ', ''), 'm' || replace(tree.premises, ' ', ''),"
    " 'kl' || replace(tree.staircase, ' ', ''), tree.city, tree.zip,"
    " CASE WHEN tree.building_name <> concat_ws(' ', tree.street, tree.house_no) THEN tree.building_name END,"
    " CASE WHEN tree.kind = 'premises' AND tree.name <> tree.premises THEN tree.name END)"
)
_SORTED = _folded(
    "concat_ws('|', COALESCE(tree.city, ''), COALESCE(tree.street, ''), "
    f"{_padded('tree.house_no')}, COALESCE(tree.building_name, ''), "
    f"{_padded('tree.staircase')}, {_padded('tree.premises')})"
)
_COLUMNS = ("zip", "teryt_code", "city", "simc_code", "street", "ulic_code", "house_no", "building_id", "complete_name")
#: continues a WITH RECURSIVE whose first part is root(id, zip_was, teryt_was, zip_above, teryt_above)
TREE = f"""
    tree AS (
        {_named()} FROM (
            SELECT {_step("root.zip_above", "root.teryt_above", "COALESCE(root.zip_was, part.zip)", "COALESCE(root.teryt_was, part.teryt_code)")}
            FROM root JOIN bss_location part ON part.id = root.id
            LEFT JOIN LATERAL (
                SELECT up.kind, up.zip, up.teryt_code, up.city, up.simc_code, up.street, up.ulic_code, up.house_no,
                    up.building_id, up.complete_name, building.name AS building_name,
                    CASE WHEN up.kind = 'staircase' THEN up.name END AS staircase
                FROM bss_location up LEFT JOIN bss_location building ON building.id = up.building_id
                WHERE up.id = part.parent_id
            ) above ON true
        ) place
        UNION ALL
        {_named()} FROM (
            SELECT {_step("above.zip_was", "above.teryt_was", "part.zip", "part.teryt_code")}
            FROM tree above JOIN bss_location part ON part.parent_id = above.id
        ) place
    ),
    fresh AS (
        SELECT tree.id, {", ".join(f"tree.{column}" for column in _COLUMNS)},
            ' ' || trim(regexp_replace({_SEARCHED}, '[^a-z0-9/-]+', ' ', 'g')) || ' ' AS search_key,
            {_SORTED} AS sort_key
        FROM tree
    )
    UPDATE bss_location place
    SET {", ".join(f"{column} = fresh.{column}" for column in (*_COLUMNS, "search_key", "sort_key"))}
    FROM fresh
    WHERE fresh.id = place.id AND ({", ".join(f"place.{column}" for column in (*_COLUMNS, "search_key", "sort_key"))})
        IS DISTINCT FROM ({", ".join(f"fresh.{column}" for column in (*_COLUMNS, "search_key", "sort_key"))})
"""

#: the row that counts for a technology: of the nearest place that has one begun by the day, the latest begun
EFFECTIVE = """
    SELECT DISTINCT ON (place.id, own.technology) place.id AS place_id, own.technology, own.down_mbps, own.up_mbps,
        own.node_id, own.is_blocked IS NOT TRUE AND (own.date_end IS NULL OR own.date_end >= %(day)s) AS is_here
    FROM {places} place
    CROSS JOIN LATERAL unnest(string_to_array(trim(trailing '/' from place.parent_path), '/')::int[])
        WITH ORDINALITY above(id, depth)
    JOIN bss_location_technology own ON own.location_id = above.id
    WHERE own.date_start IS NULL OR own.date_start <= %(day)s
    ORDER BY place.id, own.technology, above.depth DESC, own.date_start DESC NULLS LAST, own.id DESC
"""
FLAGS_OF_TREE = f"""
    WITH RECURSIVE tree(id) AS (
        SELECT unnest(%(ids)s::int[])
        UNION ALL
        SELECT part.id FROM bss_location part JOIN tree ON part.parent_id = tree.id
    ),
    effective AS ({
    EFFECTIVE.format(places="(SELECT one.id, one.parent_path FROM tree JOIN bss_location one USING (id))")
}),
    flags AS (
        SELECT tree.id, {
    ", ".join(
        f"COALESCE(bool_or(effective.is_here) FILTER (WHERE effective.technology = '{technology}'), false)"
        f" AS has_{technology}"
        for technology, _label in TECHNOLOGIES
    )
}
        FROM tree LEFT JOIN effective ON effective.place_id = tree.id GROUP BY tree.id
    )
    UPDATE bss_location place SET {", ".join(f"{flag} = flags.{flag}" for flag in FLAGS)}
    FROM flags
    WHERE flags.id = place.id AND ({", ".join(f"COALESCE(place.{flag}, false)" for flag in FLAGS)})
        IS DISTINCT FROM ({", ".join(f"flags.{flag}" for flag in FLAGS)})
"""
