"""Statements of the loader of places, in the order in which they run.

Rows wait in ``bss_load_row``; ``*_id`` are the places they were found to mean. Parameters: company, today, user,
unfolded, folded.
"""


def key_of(expression):
    """SQL twin of catalog_core.location_row.place_key."""
    return f"regexp_replace(translate(lower({expression}), %(unfolded)s, %(folded)s), '\\s', '', 'g')"


_OURS = "(place.company_id = %(company)s OR place.company_id IS NULL)"

STAGE = """
    DROP TABLE IF EXISTS bss_load_row, bss_load_reach, bss_load_bad, bss_load_touched;
    CREATE TEMP TABLE bss_load_row (
        line int PRIMARY KEY, town text, town_key text, simc text, terc text, street text, street_key text, ulic text,
        building text, building_key text, staircase text, staircase_key text, premises text, premises_key text,
        zip text, node text, port text, latitude numeric, longitude numeric, competitor text, competitor_key text,
        technology text, down int, price numeric, date_start date, date_end date,
        town_id int, street_id int, building_id int, staircase_id int, premises_id int, node_id int
    );
    CREATE TEMP TABLE bss_load_reach (line int, technology text, down int, up int, is_blocked bool);
    CREATE TEMP TABLE bss_load_bad (id serial, line int, field text, value text, code text, params jsonb);
    CREATE TEMP TABLE bss_load_touched (id int, zip_was text, teryt_was text);
"""

# --- which places the rows mean

_TOWN_MATCH = (
    f"place.kind = 'town' AND {_OURS} AND {key_of('place.name')} = wanted.town_key"
    " AND (wanted.simc = '' OR place.simc_code IS NULL)"
    " AND (wanted.terc = '' OR place.teryt_code IS NULL OR place.teryt_code = wanted.terc)"
)
_TOWNS_WANTED = "(SELECT DISTINCT town_key, simc, terc FROM bss_load_row WHERE town_id IS NULL)"
PLACE = "COALESCE(row.premises_id, row.staircase_id, row.building_id, row.street_id, row.town_id)"
LEVEL = (
    "CASE WHEN row.premises <> '' THEN 'premises' WHEN row.staircase <> '' THEN 'staircase'"
    " WHEN row.building <> '' THEN 'building' WHEN row.street <> '' THEN 'street' ELSE 'town' END"
)

RESOLVE = {
    "town_by_code": f"""
        UPDATE bss_load_row row SET town_id = place.id FROM bss_location place
        WHERE row.town_id IS NULL AND row.simc <> '' AND place.kind = 'town' AND place.simc_code = row.simc AND {_OURS}
    """,
    "town_by_name": f"""
        UPDATE bss_load_row row SET town_id = found.id
        FROM (
            SELECT wanted.town_key, wanted.simc, wanted.terc, min(place.id) AS id
            FROM {_TOWNS_WANTED} wanted JOIN bss_location place ON {_TOWN_MATCH}
            GROUP BY 1, 2, 3 HAVING count(*) = 1
        ) found
        WHERE row.town_id IS NULL AND (row.town_key, row.simc, row.terc) = (found.town_key, found.simc, found.terc)
    """,
    "street_by_code": """
        UPDATE bss_load_row row SET street_id = place.id FROM bss_location place
        WHERE row.street_id IS NULL AND row.ulic <> '' AND place.kind = 'street' AND place.parent_id = row.town_id
            AND place.ulic_code = row.ulic
    """,
    "street_by_name": f"""
        UPDATE bss_load_row row SET street_id = place.id FROM bss_location place
        WHERE row.street_id IS NULL AND row.street <> '' AND place.kind = 'street' AND place.parent_id = row.town_id
            AND {key_of("place.name")} = row.street_key
    """,
    "building": f"""
        UPDATE bss_load_row row SET building_id = found.id
        FROM (
            SELECT place.parent_id, {key_of("COALESCE(place.house_no, place.name)")} AS place_key, min(place.id) AS id
            FROM bss_location place
            WHERE place.kind = 'building' AND place.parent_id IN (
                SELECT CASE WHEN row.street = '' THEN row.town_id ELSE row.street_id END FROM bss_load_row row
            )
            GROUP BY 1, 2
        ) found
        WHERE row.building_id IS NULL AND row.building <> '' AND found.place_key = row.building_key
            AND found.parent_id = CASE WHEN row.street = '' THEN row.town_id ELSE row.street_id END
    """,
    # a building that was written down with its town and street as words
    "building_by_address": f"""
        UPDATE bss_load_row row SET building_id = found.id
        FROM (
            SELECT {key_of("place.city")} AS town_key, {key_of("COALESCE(place.street, '')")} AS street_key,
                {key_of("COALESCE(place.house_no, place.name)")} AS place_key, min(place.id) AS id
            FROM bss_location place LEFT JOIN bss_location up ON up.id = place.parent_id
            WHERE place.kind = 'building' AND {_OURS} AND (up.id IS NULL OR up.kind = 'town')
            GROUP BY 1, 2, 3
        ) found
        WHERE row.building_id IS NULL AND row.building <> ''
            AND (row.town_key, row.street_key, row.building_key) = (found.town_key, found.street_key, found.place_key)
    """,
    "staircase": f"""
        UPDATE bss_load_row row SET staircase_id = place.id FROM bss_location place
        WHERE row.staircase_id IS NULL AND row.staircase <> '' AND place.kind = 'staircase'
            AND place.parent_id = row.building_id AND {key_of("place.name")} = row.staircase_key
    """,
    "premises": f"""
        UPDATE bss_load_row row SET premises_id = place.id FROM bss_location place
        WHERE row.premises_id IS NULL AND row.premises <> '' AND place.kind = 'premises'
            AND place.parent_id = CASE WHEN row.staircase = '' THEN row.building_id ELSE row.staircase_id END
            AND {key_of("COALESCE(place.premises_no, place.name)")} = row.premises_key
    """,
    # without its staircase when the number is in the building once; not yet put into its staircase
    "premises_of_building": f"""
        UPDATE bss_load_row row SET premises_id = found.id
        FROM (
            SELECT place.building_id, {key_of("COALESCE(place.premises_no, place.name)")} AS place_key,
                min(place.id) AS id, bool_and(place.parent_id = place.building_id) AS is_loose
            FROM bss_location place
            WHERE place.kind = 'premises' AND place.building_id IN (SELECT building_id FROM bss_load_row)
            GROUP BY 1, 2 HAVING count(*) = 1
        ) found
        WHERE row.premises_id IS NULL AND row.premises <> '' AND found.building_id = row.building_id
            AND found.place_key = row.premises_key AND (row.staircase = '' OR found.is_loose)
    """,
    "node": """
        UPDATE bss_load_row row SET node_id = node.id FROM bss_network_node node
        WHERE row.node_id IS NULL AND row.node <> '' AND node.company_id = %(company)s AND node.code = row.node
    """,
}


# --- what speaks against rows


def _refuse(select):
    return f"INSERT INTO bss_load_bad (line, field, value, code, params) {select}"


def _differs_from_first(source, value, keys, column, shown, code="CONFLICT"):
    """Rows of ``source`` whose ``value`` is another one than in the first row with the same ``keys``."""
    return _refuse(
        f"""
        SELECT line, '{column}', shown, '{code}', jsonb_build_object('line', first_line, 'first', first_shown)
        FROM (
            SELECT line, {value} AS value, {shown} AS shown, first_value({value}) OVER told AS first_value,
                first_value({shown}) OVER told AS first_shown, first_value(line) OVER told AS first_line
            FROM {source} WINDOW told AS (PARTITION BY {keys} ORDER BY line)
        ) told WHERE value <> first_value
        """
    )


_BUILDING_KEY = "town_key, simc, street_key, building_key"
_PLACE_KEY = f"{_BUILDING_KEY}, staircase_key, premises_key"

CHECKS = (
    _refuse(
        f"""
        SELECT row.line, 'town', row.town, 'SIMC_OTHER_NAME', jsonb_build_object('simc', row.simc, 'name', place.name)
        FROM bss_load_row row JOIN bss_location place ON place.id = row.town_id
        WHERE row.simc <> '' AND place.simc_code = row.simc AND {key_of("place.name")} <> row.town_key
        """
    ),
    _differs_from_first(
        "(SELECT * FROM bss_load_row WHERE simc <> '' AND town_id IS NULL) row", "town_key", "simc", "town", "town"
    ),
    _refuse(
        f"""
        SELECT row.line, 'town', row.town, 'AMBIGUOUS_TOWN', '{{}}'::jsonb
        FROM bss_load_row row JOIN (
            SELECT wanted.town_key, wanted.simc, wanted.terc
            FROM {_TOWNS_WANTED} wanted JOIN bss_location place ON {_TOWN_MATCH}
            GROUP BY 1, 2, 3 HAVING count(*) > 1
        ) twins USING (town_key, simc, terc)
        WHERE row.town_id IS NULL
        """
    ),
    _refuse(
        """
        SELECT row.line, 'simc', '', 'AMBIGUOUS_TOWN', '{}'::jsonb
        FROM bss_load_row row JOIN (
            SELECT town_key FROM bss_load_row WHERE simc <> '' GROUP BY 1 HAVING count(DISTINCT simc) > 1
        ) twins USING (town_key)
        WHERE row.simc = '' AND row.town_id IS NULL
        """
    ),
    _refuse(
        f"""
        SELECT row.line, 'street', row.street, 'ULIC_OTHER_NAME', jsonb_build_object('ulic', row.ulic, 'name', place.name)
        FROM bss_load_row row JOIN bss_location place ON place.id = row.street_id
        WHERE row.ulic <> '' AND place.ulic_code = row.ulic AND {key_of("place.name")} <> row.street_key
        """
    ),
    _differs_from_first(
        "(SELECT * FROM bss_load_row WHERE ulic <> '' AND street_id IS NULL) row",
        "street_key",
        "town_key, simc, ulic",
        "street",
        "street",
    ),
    _differs_from_first("(SELECT * FROM bss_load_row WHERE zip <> '') row", "zip", _BUILDING_KEY, "zip", "zip"),
    _differs_from_first(
        "(SELECT row.*, reach.technology AS reached, concat(reach.down, '/', reach.up, CASE WHEN reach.is_blocked THEN ' –' END) AS speeds"
        " FROM bss_load_row row JOIN bss_load_reach reach USING (line)) row",
        "speeds",
        f"{_PLACE_KEY}, reached",
        "technologies",
        "concat(reached, ' ', speeds)",
    ),
    _differs_from_first(
        f"(SELECT *, concat_ws('|', {_PLACE_KEY}) AS place FROM bss_load_row WHERE port <> '') row",
        "place",
        "node, port",
        "port",
        "port",
        "PORT_TWICE",
    ),
    _refuse(
        """
        SELECT row.line, 'node', row.node, 'NODE_UNKNOWN', '{}'::jsonb
        FROM bss_load_row row
        LEFT JOIN (
            SELECT DISTINCT other.node FROM bss_load_row other
            JOIN (SELECT line FROM bss_load_reach GROUP BY line HAVING count(*) = 1) one USING (line)
        ) known ON known.node = row.node
        WHERE row.node <> '' AND row.node_id IS NULL AND known.node IS NULL
        """
    ),
    _refuse(
        """
        SELECT row.line, 'port', row.port, 'PORT_BUSY', jsonb_build_object('place', place.complete_name)
        FROM bss_load_row row JOIN bss_network_port port ON port.node_id = row.node_id AND port.name = row.port
        JOIN bss_location place ON place.id = port.location_id
        WHERE port.state IN ('used', 'reserved')
            AND port.location_id IS DISTINCT FROM CASE WHEN row.premises = '' THEN row.building_id ELSE row.premises_id END
        """
    ),
    _refuse(
        f"""
        SELECT row.line, {LEVEL}, '', 'PLACE_UNKNOWN', '{{}}'::jsonb FROM bss_load_row row
        WHERE row.competitor <> '' AND CASE {LEVEL} WHEN 'premises' THEN row.premises_id WHEN 'staircase' THEN row.staircase_id
            WHEN 'building' THEN row.building_id WHEN 'street' THEN row.street_id ELSE row.town_id END IS NULL
        """
    ),
)


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
