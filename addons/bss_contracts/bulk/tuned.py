"""The middle way: the ORM, with every line given, so that it has nothing to work out again."""

from .vals import line_vals, move_vals

# the lines are complete and balanced: nothing to derive, nothing to check twice
SKIP = {
    "skip_invoice_sync": True,
    "skip_invoice_line_sync": True,
    "skip_account_move_synchronization": True,
    "check_move_validity": False,
}


def write_tuned(env, part, first_number):
    """Create and post the invoices of the ``part`` through the ORM, tax and receivable lines given.

    :param part: Prepared with ready requests of the tiers "copy" or "tuned"
    :param first_number: Number of the first one; the others follow without a gap
    :return: the invoices, in the order of the part
    """
    setting = part.setting
    env = setting.env
    vals_list = [_vals(setting, ready.request, first_number.text(offset)) for offset, ready in enumerate(part.ready)]
    moves = env["account.move"].with_context(**SKIP).create(vals_list)
    for move in moves:
        if not move.currency_id.is_zero(sum(move.line_ids.mapped("balance"))):
            raise AssertionError(f"{move.name}: the lines do not balance")
    moves._post(soft=False)
    return moves.with_env(env)


def _vals(setting, request, name):
    result = setting.engine.ask(request.lines)
    vals = move_vals(setting.run, request, name)
    del vals["invoice_line_ids"]
    currency_id = setting.company.currency_id.id
    partner_id = setting.partners[request.partner_id].commercial_id
    common = {"partner_id": partner_id, "currency_id": currency_id}
    lines = [
        {
            **line_vals(line),
            **common,
            "display_type": "product",
            "tax_tag_ids": [(6, 0, list(tags))],
            "balance": -net / 100,
            "amount_currency": -net / 100,
            # told by the sign of the line as soon as it is one of the invoice, which it becomes too late here
            "is_storno": setting.company.account_storno and line.quantity * line.price_unit < 0,
        }
        for line, net, tags in zip(request.lines, result.amounts.nets, result.tags, strict=True)
    ]
    lines += [_tax_vals(one, common) for one in result.tax_vals]
    total = result.amounts.total / 100
    lines.append(
        {
            **common,
            "display_type": "payment_term",
            "name": name,
            "date_maturity": _due(setting, request),
            "balance": total,
            "amount_currency": total,
            "discount_balance": 0.0,
            "discount_amount_currency": 0.0,
        }
    )
    return {**vals, "line_ids": [(0, 0, one) for one in lines]}


def _tax_vals(vals, common):
    return {
        **vals,
        **common,
        "display_type": "tax",
        "tax_base_amount": -vals["tax_base_amount"],
        "balance": -vals["balance"],
        "amount_currency": -vals["amount_currency"],
    }


def _due(setting, request):
    if not request.payment_term_id:
        return request.date_due
    term = setting.env["account.payment.term"].browse(request.payment_term_id)
    return term.line_ids._get_due_date(setting.run.date_invoice)
