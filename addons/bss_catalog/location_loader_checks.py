"""Statements of the loader of places that refuse rows: against the places that exist and against each other."""

from .location_loader_sql import LEVEL, TOWN_MATCH, TOWNS_WANTED, key_of


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
            FROM {TOWNS_WANTED} wanted JOIN bss_location place ON {TOWN_MATCH}
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
