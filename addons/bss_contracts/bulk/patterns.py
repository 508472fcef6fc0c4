"""Patterns of invoices kept from one chunk of a run to the next, as long as nothing that decides them has changed.

A pattern costs two invoices of the ORM. It is kept in the worker process, with the caches that Odoo forgets when it
learns of changes of others, for one run, user, language and day, for five minutes at most, and only while every row of
the tables below is the one that it was made with. The twins of each chunk are compared with the ORM all the same.
"""

import time
from dataclasses import replace

from odoo import fields
from odoo.tools import SQL

SECONDS = 300
# whatever decides a column of an invoice beside the invoice itself, its customer (see ``Partner.profile``) and products
TABLES = (
    "account_account",
    "account_account_account_tag",
    "account_account_res_company_rel",
    "account_account_tag",
    "account_account_tag_account_tax_repartition_line_rel",
    "account_account_tax_default_rel",
    "account_analytic_distribution_model",
    "account_cash_rounding",
    "account_fiscal_position",
    "account_fiscal_position_account",
    "account_fiscal_position_account_tax_rel",
    "account_journal",
    "account_payment_method",
    "account_payment_method_line",
    "account_payment_term",
    "account_payment_term_line",
    "account_tax",
    "account_tax_alternatives",
    "account_tax_filiation_rel",
    "account_tax_group",
    "account_tax_repartition_line",
    "bss_bill_cycle",
    "decimal_precision",
    "ir_config_parameter",
    "ir_default",
    "product_category",
    "res_company",
    "res_country",
    "res_currency",
    "res_currency_rate",
    "res_lang",
    "res_partner_bank",
    "uom_uom",
)
# {table: column with the product or, of the last ones, with its template}
OF_PRODUCTS = {"product_product": "id", "product_taxes_rel": "prod_id"}
OF_TEMPLATES = {"product_template": "id", "account_account_tag_product_template_rel": "product_template_id"}
# a version of a row is told by its transaction and its place: also by SQL past the ORM, also within one transaction
VERSION = SQL("count(*), COALESCE(sum(hashtextextended(one.xmin::text || one.ctid::text, 0)), 0)")


class Patterns:
    """What is known of the invoices of one run; ``get`` and ``keep`` by shape."""

    def __init__(self, setting, requests):
        self._known = setting.env["account.move"]._bss_bulk_patterns(_key(setting, requests))

    def get(self, shape_key, kinds):
        """Pattern of the shape when it has all these kinds of lines, else None."""
        found = self._known.get(shape_key)
        return found if found and kinds <= found.lines.keys() else None

    def keep(self, shape_key, exemplar):
        """A newer one beside what is known of the shape. :return: both together"""
        before = self._known.get(shape_key)
        if before:
            # replaced, never changed: another thread may be writing rows with the one before
            exemplar = replace(
                exemplar, lines={**before.lines, **exemplar.lines}, taxes={**before.taxes, **exemplar.taxes}
            )
        self._known[shape_key] = exemplar
        return exemplar


def _key(setting, requests):
    env, run = setting.env, setting.run
    product_ids = {line.product_id for one in requests for line in one.lines}
    return (
        run.id,
        run.cycle_id.id,
        run.date_invoice,
        env.uid,
        env.su,
        env.lang,
        fields.Date.context_today(run),
        int(time.monotonic() // SECONDS),
        versions(env, product_ids),
    )


def versions(env, product_ids):
    """Which versions of their rows the tables that decide columns of invoices hold now, as one tuple.

    :param product_ids: products that matter; of the other tables all rows do
    """
    products = env["product.product"].browse(sorted(product_ids))
    parts = [SQL("SELECT %s FROM %s one", VERSION, SQL.identifier(name)) for name in _present(env)]
    for tables, ids in ((OF_PRODUCTS, products.ids), (OF_TEMPLATES, products.product_tmpl_id.ids)):
        parts += [
            SQL("SELECT %s FROM %s one WHERE %s = ANY(%s)", VERSION, SQL.identifier(name), SQL.identifier(column), ids)
            for name, column in tables.items()
        ]
    env.flush_all()
    return (tuple(sorted(product_ids)), *env.execute_query(SQL(" UNION ALL ").join(parts)))


def _present(env):
    """Those of ``TABLES`` that this version of Odoo and its addons have."""
    rows = env.execute_query(
        SQL("SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r' ORDER BY 1", list(TABLES))
    )
    return [row[0] for row in rows]
