"""Values of the varying columns, by position, of each kind of row."""

from ..bulk_core import copy_token, date_token, decimal_token, id_token, json_token, money_token

# {column: position in what move_values gives}
MOVE = {
    "id": 0,
    "name": 1,
    "payment_reference": 1,
    "sequence_number": 2,
    "sequence_prefix": 3,
    "partner_id": 4,
    "commercial_partner_id": 5,
    "partner_shipping_id": 6,
    "invoice_partner_display_name": 7,
    "bss_account_id": 8,
    "amount_untaxed": 9,
    "amount_untaxed_signed": 9,
    "amount_untaxed_in_currency_signed": 9,
    "amount_tax": 10,
    "amount_tax_signed": 10,
    "amount_total": 11,
    "amount_residual": 11,
    "amount_total_signed": 11,
    "amount_total_in_currency_signed": 11,
    "amount_residual_signed": 11,
    "create_date": 12,
    "write_date": 12,
    "bss_date_start": 13,
    "bss_date_end": 14,
    "bss_reseller_id": 15,
    "bss_document_data": 16,
}
COMMON = {
    "id": 0,
    "move_id": 1,
    "move_name": 2,
    "partner_id": 3,
    "bss_account_id": 4,
    "create_date": 5,
    "write_date": 5,
}
LINE = {
    **COMMON,
    "name": 6,
    "quantity": 7,
    "price_unit": 8,
    "discount": 9,
    "price_subtotal": 10,
    "price_total": 11,
    "debit": 12,
    "credit": 13,
    "balance": 14,
    "amount_currency": 14,
    "bss_charge_id": 15,
    "bss_service_id": 16,
    "bss_date_start": 17,
    "bss_date_end": 18,
}
TAX = {**COMMON, "tax_base_amount": 6, "debit": 7, "credit": 8, "balance": 9, "amount_currency": 9}
TERM = {
    **COMMON,
    "name": 2,
    "debit": 6,
    "balance": 6,
    "amount_currency": 6,
    "amount_residual": 6,
    "amount_residual_currency": 6,
}
ZERO = "0.00"


def move_values(request, partner, amounts, move_id, name, number, prefix, stamp, document=None):
    """Varying values of an invoice, in the order of ``MOVE``.

    :param document: text of what it prints, None when that is kept after writing
    """
    return (
        move_id,
        copy_token(name),
        number,
        copy_token(prefix),
        partner.id,
        partner.commercial_id,
        partner.shipping_id,
        copy_token(partner.name),
        request.account_id,
        money_token(amounts.untaxed),
        money_token(amounts.tax),
        money_token(amounts.total),
        stamp,
        date_token(request.date_start),
        date_token(request.date_end),
        id_token(request.reseller_id),
        json_token(document),
    )


def line_values(line_id, common, line, net, subtotal, total, is_storno, digits):
    """Varying values of a product line, in the order of ``LINE``.

    :param common: (move id, its number, commercial partner, billing account, stamp)
    """
    # revenue is credit; storno shows a reduction as negative revenue
    amount = money_token(net)
    debit, credit = (ZERO, amount) if net > 0 or is_storno else (money_token(-net), ZERO)
    if is_storno and net > 0:
        debit, credit = money_token(-net), ZERO
    return (
        line_id,
        *common,
        copy_token(line.name),
        decimal_token(line.quantity, digits["Product Unit"]),
        repr(float(line.price_unit)),
        decimal_token(line.discount, digits["Discount"]),
        money_token(subtotal),
        money_token(total),
        debit,
        credit,
        money_token(-net),
        id_token(line.charge_id),
        id_token(line.service_id),
        date_token(line.date_start),
        date_token(line.date_end),
    )


def tax_values(line_id, common, tax):
    """Varying values of a tax line, in the order of ``TAX``; both amounts are credit."""
    return (line_id, *common, money_token(-tax.base), ZERO, money_token(tax.amount), money_token(-tax.amount))


def term_values(line_id, common, amounts):
    """Varying values of the receivable, in the order of ``TERM``."""
    return (line_id, *common, money_token(amounts.total))
