"""Values by which one request becomes an ordinary invoice through the ORM."""

# no chatter line, no follower, no tracking for each of a hundred thousand documents
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_notrack": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
}


def move_vals(run, request, name=None):
    """Values of ``account.move.create`` for one request of a bill run.

    :param name: number of the invoice when it is reserved already; else posting gives it
    """
    moves = run.env["account.move"]
    vals = {
        "move_type": "out_invoice",
        "company_id": run.company_id.id,
        "journal_id": run.cycle_id.journal_id.id,
        "partner_id": request.partner_id,
        "currency_id": run.env["bss.account"].browse(request.account_id).currency_id.id,
        "invoice_date": run.date_invoice,
        "date": run.date_invoice,
        "invoice_user_id": False,
        "bss_account_id": request.account_id,
        "bss_bill_run_id": run.id,
        "bss_date_start": request.date_start,
        "bss_date_end": request.date_end,
        "invoice_payment_term_id": request.payment_term_id or False,
        "invoice_line_ids": [(0, 0, line_vals(line)) for line in request.lines],
    }
    if not request.payment_term_id:
        vals["invoice_date_due"] = request.date_due
    if "bss_reseller_id" in moves._fields:
        vals["bss_reseller_id"] = request.reseller_id
    if "taxable_supply_date" in moves._fields:
        vals["taxable_supply_date"] = run.date_invoice
    if name:
        vals["name"] = name
    return vals


def line_vals(line):
    """Values of one invoice line."""
    return {
        "product_id": line.product_id,
        "name": line.name,
        "quantity": float(line.quantity),
        "price_unit": float(line.price_unit),
        "discount": float(line.discount),
        "tax_ids": [(6, 0, list(line.tax_ids))],
        "bss_charge_id": line.charge_id,
        "bss_service_id": line.service_id,
        "bss_date_start": line.date_start,
        "bss_date_end": line.date_end,
    }
