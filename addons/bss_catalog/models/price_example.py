"""The price of a quantity told in words of the user's language: for the offering form and for offers."""

from decimal import Decimal

from odoo.tools.misc import format_amount, formatLang

from ..catalog_core import round_half_up
from ..catalog_core.price_models import PriceProblem, plain


def number(env, value, least=0):
    """A Decimal as it is, at least ``least`` places, no zeros beyond."""
    text = plain(value)
    places = len(text.partition(".")[2])
    return formatLang(env, float(value), digits=max(places, least))


def example_text(template, result):
    """``result``: kernel answer for the example quantity of ``template``."""
    if isinstance(result, PriceProblem):
        return template._bss_price_problem_message(result)
    env, currency = template.env, template.currency_id
    quantity = number(env, sum((piece.units for piece in result.explanation), Decimal(0)))
    amount = format_amount(env, float(round_half_up(result.amount, 2)), currency)
    lines = [env._("%(quantity)s units cost %(amount)s net in a whole period", quantity=quantity, amount=amount)]
    return "\n".join([*lines, *(f"• {_piece_text(env, currency, piece)}" for piece in result.explanation)])


def _piece_text(env, currency, piece):
    values = {
        "units": number(env, piece.units),
        "price": number(env, piece.price, 2),
        "amount": format_amount(env, float(round_half_up(piece.amount, 2)), currency),
        "packages": piece.packages,
        "tier": _tier_text(env, piece),
    }
    if piece.kind == "true_up":
        return env._("topped up to the minimum of %(price)s: %(amount)s", **values)
    if piece.kind == "package":
        return env._("%(tier)s: %(packages)s packages × %(price)s = %(amount)s", **values)
    if piece.kind == "step":
        return env._("%(tier)s: %(amount)s for the whole range", **values)
    return env._("%(tier)s: %(units)s × %(price)s = %(amount)s", **values)


def _tier_text(env, piece):
    if piece.tier_start is None:
        return env._("every unit")
    if piece.tier_end is None:
        return env._("above %(start)s", start=number(env, piece.tier_start))
    return env._("above %(start)s up to %(end)s", start=number(env, piece.tier_start), end=number(env, piece.tier_end))
