"""Statements of the loader of places that stage the rows and find the places that they mean.

They run first; then those of ``location_loader_checks``, ``_writes`` and ``_things``.
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

TOWN_MATCH = (
    f"place.kind = 'town' AND {_OURS} AND {key_of('place.name')} = wanted.town_key"
    " AND (wanted.simc = '' OR place.simc_code IS NULL)"
    " AND (wanted.terc = '' OR place.teryt_code IS NULL OR place.teryt_code = wanted.terc)"
)
TOWNS_WANTED = "(SELECT DISTINCT town_key, simc, terc FROM bss_load_row WHERE town_id IS NULL)"
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
            FROM {TOWNS_WANTED} wanted JOIN bss_location place ON {TOWN_MATCH}
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
