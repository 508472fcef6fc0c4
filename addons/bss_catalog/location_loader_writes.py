"""Statements of the loader of places that make what is missing and bring up to date what exists."""

# --- making what is missing

_NEW = (
    "id, kind, name, parent_id, parent_path, company_id, active, city, street, house_no, premises_no, zip, teryt_code,"
    " simc_code, ulic_code, latitude, longitude, create_uid, create_date, write_uid, write_date"
)


def _create(kind, wanted, parent, name, extra):
    """Insert one place for each row of ``wanted``.

    :param extra: SQL of house_no, premises_no, zip, teryt_code, simc_code, ulic_code, latitude, longitude by column
    """
    columns = ("house_no", "premises_no", "zip", "teryt_code", "simc_code", "ulic_code", "latitude", "longitude")
    values = ", ".join(
        f"NULLIF({extra[column]}, '')"
        if column in extra and column not in ("latitude", "longitude")
        else extra.get(column, "NULL")
        for column in columns
    )
    return f"""
        WITH wanted AS (
            SELECT nextval('bss_location_id_seq')::int AS new_id, fresh.* FROM ({wanted}) fresh
        ), made AS (
            INSERT INTO bss_location ({_NEW})
            SELECT wanted.new_id, '{kind}', {name}, {parent}, COALESCE(up.parent_path, '') || wanted.new_id || '/',
                %(company)s, true, NULL, NULL, {values}, %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
            FROM wanted LEFT JOIN bss_location up ON up.id = {parent}
            RETURNING id
        )
        INSERT INTO bss_load_touched (id) SELECT id FROM made
    """


def _town(known):
    return _create(
        "town",
        f"SELECT DISTINCT ON ({known}) * FROM bss_load_row WHERE town_id IS NULL AND competitor = '' AND {{}} ORDER BY {known}, line",
        "NULL::int",
        "wanted.town",
        {
            "zip": "CASE WHEN wanted.street = '' AND wanted.building = '' THEN wanted.zip ELSE '' END",
            "teryt_code": "wanted.terc",
            "simc_code": "wanted.simc",
        },
    )


_TOWNS = ("town_by_code", "town_by_name", "street_by_code", "street_by_name", "building", "building_by_address")
_PARENT = "CASE WHEN wanted.street = '' THEN wanted.town_id ELSE wanted.street_id END"
CREATE = (
    ("town", _TOWNS, _town("simc").format("simc <> ''")),
    ("town", _TOWNS, _town("town_key, terc").format("terc <> ''")),
    ("town", _TOWNS, _town("town_key").format("true")),
    (
        "street",
        ("street_by_code", "street_by_name", "building"),
        _create(
            "street",
            "SELECT DISTINCT ON (town_id, street_key) * FROM bss_load_row"
            " WHERE street <> '' AND street_id IS NULL AND competitor = '' ORDER BY town_id, street_key, ulic = '', line",
            "wanted.town_id",
            "wanted.street",
            {"zip": "CASE WHEN wanted.building = '' THEN wanted.zip ELSE '' END", "ulic_code": "wanted.ulic"},
        ),
    ),
    (
        "building",
        ("building", "staircase", "premises", "premises_of_building"),
        _create(
            "building",
            "SELECT DISTINCT ON (town_id, street_id, building_key) * FROM bss_load_row"
            " WHERE building <> '' AND building_id IS NULL AND competitor = ''"
            " ORDER BY town_id, street_id, building_key, zip = '', latitude IS NULL, line",
            _PARENT,
            "wanted.building",
            {
                "house_no": "wanted.building",
                "zip": "wanted.zip",
                "latitude": "wanted.latitude",
                "longitude": "wanted.longitude",
            },
        ),
    ),
    (
        "staircase",
        ("staircase", "premises", "premises_of_building"),
        _create(
            "staircase",
            "SELECT DISTINCT ON (building_id, staircase_key) * FROM bss_load_row"
            " WHERE staircase <> '' AND staircase_id IS NULL AND competitor = '' ORDER BY building_id, staircase_key, line",
            "wanted.building_id",
            "wanted.staircase",
            {},
        ),
    ),
    (
        "premises",
        ("premises",),
        _create(
            "premises",
            "SELECT DISTINCT ON (building_id, staircase_id, premises_key) * FROM bss_load_row"
            " WHERE premises <> '' AND premises_id IS NULL AND competitor = ''"
            " ORDER BY building_id, staircase_id, premises_key, line",
            "COALESCE(wanted.staircase_id, wanted.building_id)",
            "wanted.premises",
            {"premises_no": "wanted.premises"},
        ),
    ),
    (
        "node",
        ("node",),
        """
        INSERT INTO bss_network_node
            (code, name, kind, technology, state, active, company_id, create_uid, create_date, write_uid, write_date)
        SELECT DISTINCT ON (row.node) row.node, row.node,
            CASE reach.technology WHEN 'fibre' THEN 'olt' WHEN 'hfc' THEN 'cmts' ELSE 'base_station' END,
            reach.technology, 'active', true, %(company)s, %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
        FROM bss_load_row row JOIN (
            SELECT line, min(technology) AS technology FROM bss_load_reach GROUP BY line HAVING count(*) = 1
        ) reach USING (line)
        WHERE row.node <> '' AND row.node_id IS NULL AND row.competitor = ''
        ORDER BY row.node, row.line
        """,
    ),
)


# --- bringing what exists up to date


def _update(column, wanted):
    """Set ``column`` where ``wanted`` (place_id, value) says something else."""
    return f"""
        WITH wanted AS ({wanted}), changed AS (
            UPDATE bss_location place SET {column} = wanted.value, write_uid = %(user)s, write_date = now() AT TIME ZONE 'UTC'
            FROM wanted, bss_location was
            WHERE place.id = wanted.place_id AND was.id = place.id AND place.{column} IS DISTINCT FROM wanted.value
            RETURNING place.id, was.zip, was.teryt_code
        )
        INSERT INTO bss_load_touched SELECT id, zip, teryt_code FROM changed
    """


def _first(place, value, given):
    return (
        f"SELECT DISTINCT ON ({place}) {place} AS place_id, {value} AS value FROM bss_load_row row"
        f" WHERE {place} IS NOT NULL AND row.competitor = '' AND {given} ORDER BY {place}, row.line"
    )


def _add(column, place, value):
    """Write a code where there is none yet."""
    wanted = _first(place, value, f"{value} <> ''")
    return _update(
        column,
        f"SELECT one.* FROM ({wanted}) one JOIN bss_location here ON here.id = one.place_id WHERE here.{column} IS NULL",
    )


UPDATES = (
    _add("simc_code", "row.town_id", "row.simc"),
    _add("teryt_code", "row.town_id", "row.terc"),
    _add("ulic_code", "row.street_id", "row.ulic"),
    # a commune other than the town's belongs to the building (districts of big cities)
    _update(
        "teryt_code",
        """
        SELECT DISTINCT ON (row.building_id) row.building_id AS place_id, row.terc AS value
        FROM bss_load_row row JOIN bss_location town ON town.id = row.town_id
        JOIN bss_location here ON here.id = row.building_id
        WHERE row.terc <> '' AND row.competitor = '' AND row.terc <> COALESCE(here.teryt_code, town.teryt_code)
        ORDER BY row.building_id, row.line
        """,
    ),
    _update("zip", _first("row.building_id", "row.zip", "row.zip <> ''")),
    _update("zip", _first("row.street_id", "row.zip", "row.zip <> '' AND row.building = ''")),
    _update("zip", _first("row.town_id", "row.zip", "row.zip <> '' AND row.building = '' AND row.street = ''")),
    _update("latitude", _first("row.building_id", "row.latitude", "row.latitude IS NOT NULL")),
    _update("longitude", _first("row.building_id", "row.longitude", "row.longitude IS NOT NULL")),
    # premises that stood in the building and are said to be in a staircase
    """
    WITH moved AS (
        UPDATE bss_location place SET parent_id = up.id, parent_path = up.parent_path || place.id || '/'
        FROM (SELECT DISTINCT ON (premises_id) premises_id, staircase_id FROM bss_load_row
              WHERE premises_id IS NOT NULL AND staircase_id IS NOT NULL ORDER BY premises_id, line) wanted
        JOIN bss_location up ON up.id = wanted.staircase_id
        WHERE place.id = wanted.premises_id AND place.parent_id <> up.id AND place.parent_id = up.parent_id
        RETURNING place.id
    )
    INSERT INTO bss_load_touched (id) SELECT id FROM moved
    """,
)

#: touched places that are not inside another touched one
TOUCHED_ROOTS = """
    SELECT {column} FROM (
        SELECT id, min(zip_was) AS zip_was, min(teryt_was) AS teryt_was FROM bss_load_touched GROUP BY id
    ) touched
    JOIN bss_location location ON location.id = touched.id
    LEFT JOIN (
        SELECT DISTINCT part.id
        FROM (SELECT DISTINCT id FROM bss_load_touched) one JOIN bss_location part ON part.id = one.id
        CROSS JOIN LATERAL unnest(string_to_array(trim(trailing '/' from part.parent_path), '/')::int[]) above(id)
        JOIN (SELECT DISTINCT id FROM bss_load_touched) other ON other.id = above.id AND other.id <> part.id
    ) inside ON inside.id = touched.id
    WHERE inside.id IS NULL
"""
