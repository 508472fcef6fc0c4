"""The statements of ``account.move._bss_einvoice_facts``: one each for thousands of invoices."""

from odoo.tools import SQL

from .invoice_queries import _rows


def heads(env, ids):
    """Invoices of billing accounts among ``ids``."""
    return _rows(
        env,
        SQL(
            """
            SELECT move.id, move.bss_account_id AS account_id, account.name AS account, account.payment_way,
                   move.bss_correction_id AS correction_id
              FROM account_move move
              JOIN bss_account account ON account.id = move.bss_account_id
             WHERE move.id = ANY(%s)
          ORDER BY move.id
            """,
            list(ids),
        ),
    )


def contracts(env, ids):
    """(move, number, date signed or None) of the contracts that its lines belong to, in the order of the lines."""
    env.cr.execute(
        SQL(
            """
            SELECT line.move_id, contract.name, contract.date_signed
              FROM account_move_line line
              JOIN bss_service service ON service.id = line.bss_service_id
              JOIN bss_contract contract ON contract.id = service.contract_id
             WHERE line.move_id = ANY(%s)
          GROUP BY line.move_id, contract.id, contract.name, contract.date_signed
          ORDER BY line.move_id, MIN(line.sequence), MIN(line.id)
            """,
            list(ids),
        )
    )
    return env.cr.fetchall()


def line_details(env, ids):
    """(move, line, identifier, whether that is a phone number, place) of lines for a service."""
    env.cr.execute(
        SQL(
            """
            SELECT line.move_id, line.id, service.main_identifier, service.main_identifier ~ '^[0-9]{9,15}$',
                   CONCAT_WS(', ',
                       NULLIF(CONCAT_WS(' ', place.street, NULLIF(CONCAT_WS('/', place.house_no, place.premises_no), '')), ''),
                       NULLIF(CONCAT_WS(' ', place.zip, place.city), ''))
              FROM account_move_line line
              JOIN bss_service service ON service.id = line.bss_service_id
         LEFT JOIN bss_location place ON place.id = service.location_id
             WHERE line.move_id = ANY(%s) AND line.display_type = 'product'
          ORDER BY line.move_id, line.sequence, line.id
            """,
            list(ids),
        )
    )
    return env.cr.fetchall()


def settlements(env, ids):
    """(move, overdue, overpaid) as text or None, from what the documents have said since they were issued."""
    env.cr.execute(
        SQL(
            """
            SELECT id, bss_document_data->'settlement'->>'overdue', bss_document_data->'settlement'->>'overpaid'
              FROM account_move
             WHERE id = ANY(%s) AND bss_document_data->'settlement' IS NOT NULL
            """,
            list(ids),
        )
    )
    return env.cr.fetchall()


def usage(env, ids):
    """Billed usage by service and zone; net as on the invoice."""
    return _rows(
        env,
        SQL(
            """
            SELECT line.move_id, charge.service_id, COALESCE(used.name, '') AS service,
                   COALESCE(used.main_identifier, '') AS identifier,
                   COALESCE(zone.name->>'pl_PL', zone.name->>'en_US', charge.name, '') AS zone,
                   SUM(COALESCE(charge.usage_count, 0)) AS events, SUM(COALESCE(charge.usage_seconds, 0)) AS seconds,
                   SUM(-line.amount_currency)::text AS net
              FROM account_move_line line
              JOIN bss_charge charge ON charge.id = line.bss_charge_id AND charge.kind = 'usage'
         LEFT JOIN bss_service used ON used.id = charge.service_id
         LEFT JOIN bss_rate_zone zone ON zone.id = charge.zone_id
             WHERE line.move_id = ANY(%s) AND line.display_type = 'product'
          GROUP BY 1, 2, 3, 4, 5
          ORDER BY 1, 3, 2, 5
            """,
            list(ids),
        ),
    )
