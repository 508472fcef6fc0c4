"""The statements of ``InvoiceLoader``. Amounts come as text, so that they become exact decimals."""

from collections import namedtuple

from odoo.tools import SQL


def _rows(env, query):
    env.cr.execute(query)
    row = namedtuple("Row", [column.name for column in env.cr.description])
    return [row(*values) for values in env.cr.fetchall()]


def _column(env, model, name):
    """A column of another addon's field, or NULL where it is not installed."""
    return SQL.identifier("move", name) if name in env[model]._fields else SQL("NULL")


def moves(env, ids):
    reseller = "bss_reseller_id" in env["account.move"]._fields
    return _rows(
        env,
        SQL(
            """
            SELECT move.id, move.move_type, move.state, move.name, move.ref, move.invoice_date, move.date,
                   move.invoice_date_due, move.delivery_date, %(supplied)s AS supplied,
                   move.bss_date_start AS date_start, move.bss_date_end AS date_end,
                   COALESCE(move.amount_untaxed, 0)::text AS net, COALESCE(move.amount_tax, 0)::text AS vat,
                   COALESCE(move.amount_total, 0)::text AS total, COALESCE(move.amount_residual, 0)::text AS open,
                   move.currency_id, currency.name AS currency, move.company_id,
                   move.partner_id, COALESCE(move.commercial_partner_id, move.partner_id) AS commercial_id,
                   move.bss_account_id AS account_id, account.name AS account, account.payment_way,
                   move.reversed_entry_id AS original_id, original.name AS original,
                   original.invoice_date AS original_date, %(original_supplied)s AS original_supplied,
                   %(reseller)s AS reseller,
                   move.bss_correction_id AS correction_id
              FROM account_move move
              JOIN res_currency currency ON currency.id = move.currency_id
         LEFT JOIN bss_account account ON account.id = move.bss_account_id
         LEFT JOIN account_move original ON original.id = move.reversed_entry_id
                   %(join)s
             WHERE move.id = ANY(%(ids)s)
          ORDER BY move.id
            """,
            supplied=_column(env, "account.move", "taxable_supply_date"),
            original_supplied=SQL(
                "COALESCE(original.taxable_supply_date, original.delivery_date, original.invoice_date)"
            ),
            reseller=SQL("reseller.name") if reseller else SQL("NULL"),
            join=SQL("LEFT JOIN res_partner reseller ON reseller.id = move.bss_reseller_id") if reseller else SQL(),
            ids=ids,
        ),
    )


def parties(env, ids):
    """{partner id: row of his name, address, VAT number, language and country}; of an unknown partner all is empty"""
    found = _rows(
        env,
        SQL(
            """
            SELECT partner.id, COALESCE(partner.name, '') AS name, COALESCE(partner.street, '') AS street,
                   COALESCE(partner.street2, '') AS street2, COALESCE(partner.zip, '') AS zip,
                   COALESCE(partner.city, '') AS city, COALESCE(partner.vat, '') AS vat,
                   COALESCE(partner.lang, '') AS lang, COALESCE(country.code, '') AS code,
                   CASE WHEN country.code <> 'PL' THEN country.name END AS country
              FROM res_partner partner
         LEFT JOIN res_country country ON country.id = partner.country_id
             WHERE partner.id = ANY(%s)
            """,
            [partner_id for partner_id in ids if partner_id],
        ),
    )
    known = {row.id: row._asdict() for row in found}
    nobody = dict.fromkeys(("name", "street", "street2", "zip", "city", "vat", "lang", "code"), "")
    return {partner_id: known.get(partner_id, {**nobody, "country": None}) for partner_id in ids}


# what a line says beside its own columns, from what it names
_FACTS = """
                   template.type AS product_type, charge.kind, charge.name AS charge_name, charge.usage_count,
                   charge.usage_seconds, COALESCE(parent.id, service.id) AS head_id,
                   COALESCE(parent.name, service.name) AS head_name, service.main_identifier AS identifier,
                   contract.name AS contract, used.name AS usage_service, zone.name AS zone
"""
_FACTS_FROM = """
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN bss_service service ON service.id = line.bss_service_id
         LEFT JOIN bss_service parent ON parent.id = service.parent_id
         LEFT JOIN bss_contract contract ON contract.id = service.contract_id
         LEFT JOIN bss_charge charge ON charge.id = line.bss_charge_id
         LEFT JOIN bss_service used ON used.id = charge.service_id
         LEFT JOIN bss_rate_zone zone ON zone.id = charge.zone_id
"""


def lines(env, ids):
    """Product and tax lines with their service and charge, in the order of the invoice."""
    return _rows(
        env,
        SQL(
            f"""
            SELECT line.id, line.move_id, line.display_type, line.name, line.tax_line_id,
                   COALESCE(line.quantity, 0)::text AS quantity, COALESCE(line.price_unit, 0)::text AS price_unit,
                   COALESCE(line.discount, 0)::text AS discount,
                   COALESCE(line.amount_currency, 0)::text AS amount_currency,
                   line.bss_date_start AS date_start, line.bss_date_end AS date_end, {_FACTS}
              FROM account_move_line line {_FACTS_FROM}
             WHERE line.move_id = ANY(%s)
               AND (line.display_type = 'product' OR line.tax_line_id IS NOT NULL)
          ORDER BY line.move_id, line.id
            """,  # the two are constants above
            ids,
        ),
    )


def line_facts(env, named):
    """What ``lines`` adds to the columns of a line, for lines that are not written yet.

    :param named: [(product id, service id or None, charge id or None)] of the lines
    :return: rows in the same order
    """
    products, services, charges = map(list, zip(*named, strict=True)) if named else ([], [], [])
    return _rows(
        env,
        SQL(
            f"""
            SELECT {_FACTS}
              FROM unnest(%s::int[], %s::int[], %s::int[]) WITH ORDINALITY
                AS line(product_id, bss_service_id, bss_charge_id, place) {_FACTS_FROM}
          ORDER BY line.place
            """,  # the two are constants above
            products,
            services,
            charges,
        ),
    )


def accounts(env, ids):
    """{billing account: (its number, way of payment)}"""
    env.cr.execute(SQL("SELECT id, name, payment_way FROM bss_account WHERE id = ANY(%s)", list(ids)))
    return {account_id: (name, way) for account_id, name, way in env.cr.fetchall()}


def names(env, partner_ids):
    """{partner: name}"""
    env.cr.execute(SQL("SELECT id, name FROM res_partner WHERE id = ANY(%s)", list(partner_ids)))
    return dict(env.cr.fetchall())


def line_taxes(env, ids):
    """{line id: [tax ids]} in Odoo's order."""
    env.cr.execute(
        SQL(
            """
            SELECT rel.account_move_line_id, array_agg(tax.id ORDER BY tax.sequence, tax.id)
              FROM account_move_line line
              JOIN account_move_line_account_tax_rel rel ON rel.account_move_line_id = line.id
              JOIN account_tax tax ON tax.id = rel.account_tax_id
             WHERE line.move_id = ANY(%s) AND line.display_type = 'product'
          GROUP BY 1
            """,
            ids,
        )
    )
    return dict(env.cr.fetchall())


def open_amounts(env, account_ids, day, except_ids):
    """(account, currency, day, open sum, overdue sum) of the accounts' receivables up to ``day``, without these moves.

    The overdue sum counts what the customer owes only; payments and corrective invoices are in the open sum.
    """
    env.cr.execute(
        SQL(
            """
            SELECT line.bss_account_id, line.currency_id, SUM(line.amount_residual_currency)::text,
                   COALESCE(SUM(line.amount_residual_currency) FILTER (
                       WHERE line.amount_residual_currency > 0
                         AND COALESCE(line.date_maturity, line.date) < %(day)s), 0)::text
              FROM account_move_line line
              JOIN account_account ledger ON ledger.id = line.account_id
             WHERE line.bss_account_id = ANY(%(accounts)s)
               AND line.parent_state = 'posted'
               AND line.reconciled IS NOT TRUE
               AND ledger.account_type = 'asset_receivable'
               AND line.date <= %(day)s
               AND line.move_id <> ALL(%(ids)s)
          GROUP BY 1, 2
            """,
            accounts=list(account_ids),
            day=day,
            ids=except_ids,
        )
    )
    return [(account, currency, day, total, overdue) for account, currency, total, overdue in env.cr.fetchall()]


def months(env, account_ids, first, last):
    """(account, currency, month, gross) of posted invoices less corrective ones.

    :param first: (year, month) of the first month
    :param last: first day of the month after the last one
    """
    env.cr.execute(
        SQL(
            """
            SELECT bss_account_id, currency_id, date_trunc('month', invoice_date)::date,
                   SUM(CASE WHEN move_type = 'out_refund' THEN -amount_total ELSE amount_total END)::text
              FROM account_move
             WHERE bss_account_id = ANY(%(accounts)s)
               AND state = 'posted'
               AND move_type IN ('out_invoice', 'out_refund')
               AND invoice_date >= make_date(%(year)s, %(month)s, 1)
               AND invoice_date < %(last)s
          GROUP BY 1, 2, 3
            """,
            accounts=list(account_ids),
            year=first[0],
            month=first[1],
            last=last,
        )
    )
    return env.cr.fetchall()


def ksef(env, ids):
    """{move id: (KSeF number, verification link, KSeF number of the corrected invoice)}, empty without the addon."""
    if "bss_ksef_number" not in env["account.move"]._fields:
        return {}
    env["account.move"].flush_model(["bss_ksef_number", "bss_ksef_qr_url", "reversed_entry_id", "bss_correction_id"])
    env["bss.invoice.correction"].flush_model(["original_ids"])
    env.cr.execute(
        SQL(
            """
            SELECT move.id, COALESCE(move.bss_ksef_number, ''), COALESCE(move.bss_ksef_qr_url, ''),
                   COALESCE(corrected.numbers, original.bss_ksef_number, '')
              FROM account_move move
         LEFT JOIN account_move original ON original.id = move.reversed_entry_id
         LEFT JOIN LATERAL (
                   SELECT string_agg(one.bss_ksef_number, ', ' ORDER BY one.invoice_date, one.id) AS numbers
                     FROM bss_invoice_correction_original_rel rel
                     JOIN account_move one ON one.id = rel.move_id
                    WHERE rel.correction_id = move.bss_correction_id) corrected ON TRUE
             WHERE move.id = ANY(%s)
            """,
            ids,
        )
    )
    return {move_id: values for move_id, *values in env.cr.fetchall()}
