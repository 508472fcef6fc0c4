"""Statements of the loader of places for what stands at a place: technologies, ports, offers of competitors.

They run after those of ``location_loader_writes``, when every row knows its places.
"""

from .location_loader_sql import LEVEL, PLACE, key_of
from .models.bss_location_tree import EFFECTIVE

# --- technologies, level by level: what stands above is not repeated below


def _reach_steps(level):
    wanted = f"""
        wanted AS (
            SELECT DISTINCT ON ({PLACE}, reach.technology) {PLACE} AS place_id, reach.technology, reach.down, reach.up,
                reach.is_blocked, node.id AS node_id
            FROM bss_load_row row JOIN bss_load_reach reach USING (line)
            LEFT JOIN bss_network_node node ON node.id = row.node_id AND node.technology = reach.technology
            WHERE {LEVEL} = '{level}'
            ORDER BY {PLACE}, reach.technology, row.line
        ),
        own AS (
            SELECT DISTINCT ON (one.location_id, one.technology) one.*
            FROM bss_location_technology one JOIN wanted ON wanted.place_id = one.location_id AND wanted.technology = one.technology
            WHERE one.date_start IS NULL OR one.date_start <= %(today)s
            ORDER BY one.location_id, one.technology, one.date_start DESC NULLS LAST
        )
    """
    speeds = "(wanted.down > 0 AND wanted.down IS DISTINCT FROM {it}.down_mbps OR wanted.up > 0 AND wanted.up IS DISTINCT FROM {it}.up_mbps)"
    update = f"""
        WITH {wanted}, changed AS (
            UPDATE bss_location_technology place SET is_blocked = wanted.is_blocked,
                down_mbps = CASE WHEN wanted.down > 0 THEN wanted.down ELSE place.down_mbps END,
                up_mbps = CASE WHEN wanted.up > 0 THEN wanted.up ELSE place.up_mbps END,
                node_id = COALESCE(wanted.node_id, place.node_id),
                write_uid = %(user)s, write_date = now() AT TIME ZONE 'UTC'
            FROM wanted, own
            WHERE own.id = place.id AND wanted.place_id = own.location_id AND wanted.technology = own.technology
                AND (own.date_end IS NULL OR own.date_end >= %(today)s)
                AND (wanted.is_blocked <> COALESCE(own.is_blocked, false) OR NOT wanted.is_blocked AND {speeds.format(it="own")}
                    OR wanted.node_id IS NOT NULL AND own.node_id IS NULL)
            RETURNING place.location_id
        )
        INSERT INTO bss_load_touched SELECT DISTINCT location_id, zip, teryt_code
        FROM changed JOIN bss_location here ON here.id = changed.location_id
    """
    insert = f"""
        WITH {wanted}, effective AS ({EFFECTIVE.format(places="(SELECT DISTINCT here.id, here.parent_path FROM wanted JOIN bss_location here ON here.id = wanted.place_id)").replace("%(day)s", "%(today)s")}),
        made AS (
            INSERT INTO bss_location_technology (location_id, company_id, technology, down_mbps, up_mbps, is_blocked, node_id,
                date_start, date_end, create_uid, create_date, write_uid, write_date)
            SELECT wanted.place_id, here.company_id, wanted.technology, wanted.down, wanted.up, wanted.is_blocked, wanted.node_id,
                CASE WHEN own.id IS NOT NULL OR wanted.is_blocked THEN %(today)s::date END,
                (SELECT min(later.date_start) - 1 FROM bss_location_technology later WHERE later.location_id = wanted.place_id
                    AND later.technology = wanted.technology AND later.date_start > %(today)s),
                %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
            FROM wanted JOIN bss_location here ON here.id = wanted.place_id
            LEFT JOIN own ON own.location_id = wanted.place_id AND own.technology = wanted.technology
            LEFT JOIN effective ON effective.place_id = wanted.place_id AND effective.technology = wanted.technology
            WHERE (own.id IS NULL OR own.date_end < %(today)s)
                AND CASE WHEN wanted.is_blocked THEN COALESCE(effective.is_here, false)
                    ELSE NOT COALESCE(effective.is_here, false) OR {speeds.format(it="effective")} END
            RETURNING location_id
        )
        INSERT INTO bss_load_touched SELECT DISTINCT location_id, zip, teryt_code
        FROM made JOIN bss_location here ON here.id = made.location_id
    """
    return (("changed", update), ("technology", insert))


#: what all premises of a building have alike is written at the building, when none of them has a row of its own
_LIFT = f"""
    WITH told AS (
        SELECT row.building_id, reach.technology, min(reach.down) AS down, min(reach.up) AS up,
            count(DISTINCT row.premises_id) AS number
        FROM bss_load_row row JOIN bss_load_reach reach USING (line)
        WHERE row.premises_id IS NOT NULL AND row.competitor = ''
        GROUP BY 1, 2
        HAVING min(reach.down) = max(reach.down) AND min(reach.up) = max(reach.up) AND NOT bool_or(reach.is_blocked)
            AND count(DISTINCT row.premises_id) > 1
    ),
    inside AS (
        SELECT building_id, count(*) AS number FROM bss_location
        WHERE kind = 'premises' AND active AND building_id IN (SELECT building_id FROM told) GROUP BY 1
    ),
    held AS (
        SELECT DISTINCT here.building_id, own.technology
        FROM bss_location_technology own JOIN bss_location here ON here.id = own.location_id
        WHERE here.building_id IN (SELECT building_id FROM told)
    ),
    effective AS ({
    EFFECTIVE.format(
        places="(SELECT id, parent_path FROM bss_location WHERE id IN (SELECT building_id FROM told))"
    ).replace("%(day)s", "%(today)s")
}),
    made AS (
        INSERT INTO bss_location_technology (location_id, company_id, technology, down_mbps, up_mbps, is_blocked,
            create_uid, create_date, write_uid, write_date)
        SELECT here.id, here.company_id, told.technology, told.down, told.up, false,
            %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
        FROM told JOIN inside USING (building_id, number) JOIN bss_location here ON here.id = told.building_id
        LEFT JOIN held ON held.building_id = told.building_id AND held.technology = told.technology
        LEFT JOIN effective ON effective.place_id = told.building_id AND effective.technology = told.technology
        WHERE held.building_id IS NULL AND (NOT COALESCE(effective.is_here, false)
            OR told.down > 0 AND told.down IS DISTINCT FROM effective.down_mbps
            OR told.up > 0 AND told.up IS DISTINCT FROM effective.up_mbps)
        RETURNING location_id
    )
    INSERT INTO bss_load_touched SELECT DISTINCT location_id, zip, teryt_code
    FROM made JOIN bss_location here ON here.id = made.location_id
"""
REACHES = (
    *(step for level in ("town", "street", "building") for step in _reach_steps(level)),
    ("technology", _LIFT),
    *(step for level in ("staircase", "premises") for step in _reach_steps(level)),
)

# --- ports

_PORTS_WANTED = """
    SELECT DISTINCT ON (row.node_id, row.port) row.node_id, row.port, COALESCE(row.premises_id, row.building_id) AS place_id
    FROM bss_load_row row WHERE row.port <> '' AND row.node_id IS NOT NULL AND row.competitor = ''
    ORDER BY row.node_id, row.port, row.line
"""
PORTS = (
    (
        "changed",
        f"""
        UPDATE bss_network_port port SET location_id = wanted.place_id, write_uid = %(user)s, write_date = now() AT TIME ZONE 'UTC'
        FROM ({_PORTS_WANTED}) wanted
        WHERE port.node_id = wanted.node_id AND port.name = wanted.port AND port.location_id IS DISTINCT FROM wanted.place_id
        """,
    ),
    (
        "port",
        f"""
        INSERT INTO bss_network_port (node_id, company_id, name, technology, location_id, state,
            create_uid, create_date, write_uid, write_date)
        SELECT wanted.node_id, node.company_id, wanted.port, node.technology, wanted.place_id, 'free',
            %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
        FROM ({_PORTS_WANTED}) wanted JOIN bss_network_node node ON node.id = wanted.node_id
        ON CONFLICT (node_id, name) DO NOTHING
        """,
    ),
)

# --- offers of competitors

_OFFERS_WANTED = f"""
    SELECT DISTINCT ON (competitor.id, {PLACE}, row.technology) competitor.id AS competitor_id, {PLACE} AS place_id,
        row.technology, row.down, row.price, row.date_start, row.date_end
    FROM bss_load_row row JOIN bss_competitor competitor ON {key_of("competitor.name")} = row.competitor_key
        AND (competitor.company_id = %(company)s OR competitor.company_id IS NULL)
    WHERE row.competitor <> ''
    ORDER BY competitor.id, {PLACE}, row.technology, row.line
"""
_SAME_OFFER = (
    "offer.competitor_id = wanted.competitor_id AND offer.location_id = wanted.place_id"
    " AND offer.technology = wanted.technology AND offer.active"
    " AND offer.date_start IS NOT DISTINCT FROM COALESCE(wanted.date_start, offer.date_start)"
)
OFFERS = (
    (
        "competitor",
        f"""
        INSERT INTO bss_competitor (name, active, company_id, create_uid, create_date, write_uid, write_date)
        SELECT DISTINCT ON (row.competitor_key) row.competitor, true, %(company)s,
            %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
        FROM bss_load_row row
        WHERE row.competitor <> '' AND NOT EXISTS (
            SELECT FROM bss_competitor competitor WHERE {key_of("competitor.name")} = row.competitor_key
                AND (competitor.company_id = %(company)s OR competitor.company_id IS NULL)
        )
        ORDER BY row.competitor_key, row.line
        """,
    ),
    (
        "changed",
        f"""
        UPDATE bss_competitor_offer offer SET
            down_mbps = CASE WHEN wanted.down > 0 THEN wanted.down ELSE offer.down_mbps END,
            price = COALESCE(wanted.price, offer.price), date_end = COALESCE(wanted.date_end, offer.date_end),
            write_uid = %(user)s, write_date = now() AT TIME ZONE 'UTC'
        FROM ({_OFFERS_WANTED}) wanted
        WHERE {_SAME_OFFER} AND (wanted.down > 0 AND wanted.down IS DISTINCT FROM offer.down_mbps
            OR wanted.price IS DISTINCT FROM COALESCE(offer.price, 0) AND wanted.price IS NOT NULL
            OR wanted.date_end IS NOT NULL AND wanted.date_end IS DISTINCT FROM offer.date_end)
        """,
    ),
    (
        "offer",
        f"""
        INSERT INTO bss_competitor_offer (competitor_id, location_id, company_id, technology, down_mbps, price, date_start, date_end,
            active, create_uid, create_date, write_uid, write_date)
        SELECT wanted.competitor_id, wanted.place_id, %(company)s, wanted.technology, wanted.down, COALESCE(wanted.price, 0),
            wanted.date_start, wanted.date_end, true, %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
        FROM ({_OFFERS_WANTED}) wanted
        WHERE NOT EXISTS (SELECT FROM bss_competitor_offer offer WHERE {_SAME_OFFER})
        """,
    ),
)
