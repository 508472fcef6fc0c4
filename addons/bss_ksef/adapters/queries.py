"""The statements of ``Loader``. Amounts come as text, so that they become exact decimals."""

from __future__ import annotations

from collections import namedtuple

from odoo.tools import SQL


def _rows(env, query):
    env.cr.execute(query)
    row = namedtuple("Row", [column.name for column in env.cr.description])
    return [row._make(values) for values in env.cr.fetchall()]


def _optional(env, model, table, name, empty="NULL"):
    """A column that another addon adds, or what stands for it where that addon is not installed."""
    field = env[model]._fields.get(name)
    return SQL.identifier(table, name) if field is not None and field.store else SQL(empty)


def heads(env, ids):
    """Invoices with their buyer and, of a plain credit note, the invoice that it corrects."""

    def column(table, name):
        return _optional(env, "account.move", table, name)

    return _rows(
        env,
        SQL(
            """
            SELECT move.id, move.name, COALESCE(move.ref, '') AS ref, move.move_type, move.company_id,
                   move.invoice_date, move.bss_ksef_late_by AS late_by, currency.name AS currency,
                   currency.rounding AS smallest, currency.name <> 'PLN' AND booked.name = 'PLN' AS is_foreign,
                   round(COALESCE(move.amount_total, 0), GREATEST(currency.decimal_places, 2))::text AS total,
                   abs(COALESCE(move.amount_total_signed, 0)) AS value,
                   abs(COALESCE(original.amount_total_signed, 0)) AS original_value,
                   move.invoice_currency_rate::text AS currency_rate,
                   CASE WHEN original.id IS NULL
                        THEN COALESCE(%(supplied)s, move.delivery_date, move.invoice_date)
                        ELSE COALESCE(%(original_supplied)s, original.delivery_date, original.invoice_date)
                    END AS supplied,
                   CASE WHEN original.id IS NULL THEN %(start)s ELSE %(original_start)s END AS date_start,
                   CASE WHEN original.id IS NULL THEN %(end)s ELSE %(original_end)s END AS date_end,
                   %(start)s AS own_start,
                   original.id AS original_id, original.name AS original_name,
                   original.invoice_date AS original_date, %(original_number)s AS original_number,
                   buyer.name AS buyer_name, buyer.street, buyer.street2, buyer.zip, buyer.city, buyer.vat,
                   buyer.phone, buyer.email, country.code AS country,
                   buyer.l10n_pl_links_with_customer AS is_related, %(jst)s AS is_public_subunit,
                   %(group)s AS is_vat_group_member
              FROM account_move move
              JOIN res_company company ON company.id = move.company_id
              JOIN res_currency currency ON currency.id = move.currency_id
              JOIN res_currency booked ON booked.id = company.currency_id
         LEFT JOIN res_partner buyer ON buyer.id = COALESCE(move.commercial_partner_id, move.partner_id)
         LEFT JOIN res_country country ON country.id = buyer.country_id
         LEFT JOIN account_move original ON original.id = move.reversed_entry_id
             WHERE move.id = ANY(%(ids)s)
            """,
            original_number=_number("original"),
            supplied=column("move", "taxable_supply_date"),
            original_supplied=column("original", "taxable_supply_date"),
            start=column("move", "bss_date_start"),
            end=column("move", "bss_date_end"),
            original_start=column("original", "bss_date_start"),
            original_end=column("original", "bss_date_end"),
            jst=_optional(env, "res.partner", "buyer", "bss_ksef_jst", "FALSE"),
            group=_optional(env, "res.partner", "buyer", "bss_ksef_vat_group", "FALSE"),
            ids=ids,
        ),
    )


def lines(env, ids):
    """What is sold, its taxes, and when it is due; in the order of the invoice.

    Amounts have all places of their currency: what FA(3) cannot say is refused and not rounded.
    """
    return _rows(
        env,
        SQL(
            """
            SELECT line.id, line.move_id, line.display_type = 'product' AS is_product, line.tax_line_id,
                   line.display_type = 'rounding' AND line.tax_line_id IS NULL AS is_rounding,
                   line.date_maturity, COALESCE(NULLIF(line.name, ''), template.name ->> %(lang)s, template.name ->> 'en_US', '') AS name,
                   round(COALESCE(line.quantity, 0), 6)::text AS quantity,
                   round(COALESCE(line.price_unit, 0)::numeric, 8)::text AS price,
                   round(COALESCE(line.discount, 0), 6)::text AS discount,
                   round(COALESCE(line.price_total, 0), GREATEST(currency.decimal_places, 2))::text AS total,
                   round(-COALESCE(line.amount_currency, 0), GREATEST(currency.decimal_places, 2))::text AS amount,
                   round(-COALESCE(line.balance, 0), 2)::text AS balance,
                   line.product_uom_id AS unit_id, template.l10n_pl_vat_gtu AS gtu, template.categ_id,
                   template.bss_ksef_annex15 AS is_annex15, %(date_end)s AS date_end,
                   CASE WHEN line.display_type = 'product' THEN ARRAY(
                       SELECT account_tax_id FROM account_move_line_account_tax_rel
                        WHERE account_move_line_id = line.id) END AS tax_ids
              FROM account_move_line line
              JOIN res_currency currency ON currency.id = line.currency_id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE line.move_id = ANY(%(ids)s)
               AND (line.display_type IN ('product', 'payment_term', 'rounding') OR line.tax_line_id IS NOT NULL)
          ORDER BY line.move_id, line.sequence, line.id
            """,
            lang=env.lang or "en_US",
            date_end=_optional(env, "account.move.line", "line", "bss_date_end"),
            ids=ids,
        ),
    )


def originals(env, ids):
    """{id: row} of invoices that collective and detailed corrections name"""
    found = _rows(
        env,
        SQL(
            """
            SELECT move.id, move.name, move.invoice_date, %s AS bss_ksef_number,
                   abs(COALESCE(move.amount_total_signed, 0)) AS value
              FROM account_move move
              JOIN res_company company ON company.id = move.company_id
             WHERE move.id = ANY(%s)
            """,
            _number("move"),
            list(ids),
        ),
    )
    return {row.id: row for row in found}


def recipients(env, ids):
    """(move_id, buyer: the element Podmiot2) of what KSeF accepted of these invoices"""
    return _rows(
        env,
        SQL(
            """
            SELECT DISTINCT ON (document.move_id) document.move_id,
                   substring(convert_from(xml.content, 'UTF8') FROM '<Podmiot2>.*?</Podmiot2>') AS buyer
              FROM bss_ksef_document document
              JOIN res_company company ON company.id = document.company_id
               AND company.bss_ksef_environment = document.environment
              JOIN bss_ksef_xml xml ON xml.document_id = document.id
             WHERE document.move_id = ANY(%s) AND document.state = 'accepted'
          ORDER BY document.move_id, document.id DESC
            """,
            list(ids),
        ),
    )


def _number(move):
    """KSeF number of an invoice, for `company` in its environment: one from a trial in another environment is none."""
    return SQL(
        """
        CASE WHEN EXISTS (SELECT FROM bss_ksef_document given
                           WHERE given.move_id = %(move)s.id AND given.ksef_number = %(move)s.bss_ksef_number
                             AND given.environment <> company.bss_ksef_environment)
             THEN NULL ELSE %(move)s.bss_ksef_number END
        """,
        move=SQL.identifier(move),
    )


def corrected_lines(env, ids):
    """{line id: row} of lines that a correction shows before and after"""
    found = _rows(
        env,
        SQL(
            """
            SELECT line.id, line.product_uom_id AS unit_id, template.l10n_pl_vat_gtu AS gtu, template.categ_id,
                   template.bss_ksef_annex15 AS is_annex15
              FROM account_move_line line
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE line.id = ANY(%s)
            """,
            list(ids),
        ),
    )
    return {row.id: row for row in found}
