"""What others do when the ORM reconciles, done once for all payments written as rows."""

from odoo.tools import SQL

#: modules whose ``_invoice_paid_hook`` is known: Odoo's own does nothing, that of sales writes to the order
KNOWN_PAID_HOOKS = {"account", "sale"}


def after_rows(env, found):
    """Call the hooks for the documents that the payments of a RowSet touched."""
    touched = sorted({item.move_id for item in found.items.values() if item.id in found.group_of})
    residuals = found.settlement.residuals
    paid = sorted(
        item.move_id for item in found.items.values() if item.is_invoice and item.residual and not residuals[item.id]
    )
    moves = env["account.move"]
    if touched:
        moves.browse(touched)._bss_after_mass_reconcile()
    if paid:
        moves.browse(_with_paid_hook(env, paid))._invoice_paid_hook()


def _with_paid_hook(env, move_ids):
    """Those of the paid invoices that somebody does something for."""
    modules = {cls._module for cls in type(env["account.move"]).mro() if "_invoice_paid_hook" in vars(cls)}
    if modules - KNOWN_PAID_HOOKS:
        return move_ids
    if "sale" not in modules:
        return []
    rows = env.execute_query(
        SQL(
            """
            SELECT DISTINCT line.move_id
              FROM account_move_line line
              JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = line.id
             WHERE line.move_id = ANY(%s)
          ORDER BY 1
            """,
            move_ids,
        )
    )
    return [row[0] for row in rows]
