"""SQL that writes charges of many services at once."""

import io

from odoo.tools import SQL

CHARGE_COLUMNS = (
    "account_id",
    "contract_id",
    "service_id",
    "company_id",
    "currency_id",
    "product_id",
    "name",
    "period_start",
    "date_start",
    "date_end",
    "quantity",
    "price_unit",
    "amount",
    "price_kind",
    "amount_gross",
    "identity_key",
    "source_ref",
)
NULL = r"\N"


def copy_text(value):
    """Text for a line of COPY."""
    return value.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")


def refresh_statistics(cr, table, columns=()):
    """Tell the planner at once of thousands of new rows; autovacuum would come when the run is over.

    Whoever else is at it already does it for us.
    """
    names = SQL("(%s)", SQL(", ").join(map(SQL.identifier, columns))) if columns else SQL()
    cr.execute(SQL("ANALYZE (SKIP_LOCKED) %s %s", SQL.identifier(table), names))


def compress_fast(cr, table, column):
    """New values of a column are compressed by lz4 where the server has it: a third of the work of its own way."""
    cr.execute(
        """SELECT 1 FROM pg_settings, pg_attribute
            WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)
              AND attrelid = %s::regclass AND attname = %s AND attcompression::text <> 'l'""",
        (table, column),
    )
    if cr.fetchone():
        cr.execute(SQL("ALTER TABLE %s ALTER COLUMN %s SET COMPRESSION lz4", *map(SQL.identifier, (table, column))))


def insert_charges(cr, lines, run_id, uid):
    """Add recurring charges; a key that exists already is skipped.

    :param lines: text lines of COPY, tab separated, columns as in CHARGE_COLUMNS
    """
    cr.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS bss_charge_stage ON COMMIT DELETE ROWS"
        " AS SELECT account_id, contract_id, service_id, company_id, currency_id, product_id, name, period_start,"
        " date_start, date_end, quantity, price_unit, amount, price_kind, amount_gross, identity_key, source_ref"
        " FROM bss_charge WITH NO DATA"
    )
    columns = SQL(", ").join(map(SQL.identifier, CHARGE_COLUMNS))
    cr.copy_expert(f"COPY bss_charge_stage ({', '.join(CHARGE_COLUMNS)}) FROM STDIN", io.StringIO("\n".join(lines)))
    cr.execute(
        SQL(
            """
            INSERT INTO bss_charge (%(columns)s, kind, amount_e4, state, bill_run_id,
                                    create_uid, write_uid, create_date, write_date)
            SELECT %(columns)s, 'recurring', 0, 'pending', %(run)s, %(uid)s, %(uid)s,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM bss_charge_stage
       ON CONFLICT (company_id, identity_key) DO NOTHING
            """,
            columns=columns,
            run=run_id,
            uid=uid,
        )
    )
    cr.execute("DELETE FROM bss_charge_stage")


def set_charged_through(cr, days):
    """:param days: {service id: last day covered}; the day never goes back"""
    cr.execute_values(
        """
        UPDATE bss_service service SET charged_through = source.day
          FROM (VALUES %s) AS source(id, day)
         WHERE service.id = source.id
           AND (service.charged_through IS NULL OR service.charged_through < source.day)
        """,
        list(days.items()),
        template="(%s, %s::date)",
        page_size=1000,
    )


def lock_services(cr, account_ids, date_end):
    """(ids to charge, ids to recalculate) of services of the accounts, locked to the end of the transaction.

    A service that another transaction changed since this one began makes it start again (serialization failure).
    """
    cr.execute(
        SQL(
            """
            SELECT id, is_chargeable, is_recalculation_due
              FROM (SELECT service.*,
                           (service.state IN ('active', 'suspended')
                            OR (service.state = 'terminated' AND service.date_start IS NOT NULL)
                            OR (service.predecessor_id IS NOT NULL AND service.date_start IS NOT NULL))
                           AND (service.date_start IS NULL OR service.date_start <= %(end)s)
                           AND (service.charged_through IS NULL OR service.date_end IS NULL
                                OR service.charged_through < service.date_end) AS is_chargeable
                      FROM bss_service service
                     WHERE service.account_id = ANY(%(accounts)s) AND service.active) service
             WHERE is_chargeable OR is_recalculation_due
          ORDER BY id
            """,
            accounts=list(account_ids),
            end=date_end,
        )
    )
    rows = cr.fetchall()
    lock_rows(cr, [row[0] for row in rows])
    return [row[0] for row in rows if row[1]], [row[0] for row in rows if row[2]]


def lock_rows(cr, service_ids):
    """Lock these services, in order of id. Weak enough for rows that refer to them to be added meanwhile."""
    cr.execute("SELECT id FROM bss_service WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", (list(service_ids),))


def mark_settled(cr, service_ids, failed_ids):
    """The rows are updated whatever they held, so that whoever worked on them at the same time starts again."""
    cr.execute(
        "UPDATE bss_service SET is_recalculation_due = (id = ANY(%s)) WHERE id = ANY(%s)",
        (list(failed_ids), list(service_ids)),
    )
