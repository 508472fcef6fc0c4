"""Problem codes of the kernel in words, and FA(3) elements in the words of an invoice clerk."""

import re

from .ksef_core.problems import Problem


def describe(env, problem: Problem) -> str:
    """One sentence about `problem` in the language of `env`."""
    maker = _SENTENCES.get(problem.code)
    if maker:
        return maker(env, dict(problem.params))
    return env._("The schema does not accept this: %(message)s", message=problem.params.get("message", problem.code))


def explain(env, problem: Problem, customer: str, company: str) -> str:
    """Whose data is wrong and which, then the sentence, then the element for whoever reads the XML."""
    sentence = describe(env, problem)
    element = problem.element
    if not element:
        return sentence
    words = {"field": _field(env, element), "sentence": sentence, "element": element}
    if element.startswith("Podmiot2/"):
        return env._("Customer %(name)s, %(field)s: %(sentence)s (%(element)s)", name=customer, **words)
    if element.startswith("Podmiot1/"):
        return env._("Your company %(name)s, %(field)s: %(sentence)s (%(element)s)", name=company, **words)
    place = _place(env, element)
    if place:
        return env._("%(place)s: %(sentence)s (%(element)s)", place=place, **words)
    return f"{element}: {sentence}"


def _place(env, element):
    """Where on the invoice `element` is, in the words of the form; empty when there is no better word."""
    numbered = re.match(r"(Fa/FaWiersz|Podmiot3)\[(\d+)\]", element)
    if numbered:
        if numbered[1] == "Podmiot3":
            return env._("Third party %(number)s", number=numbered[2])
        return env._("Line %(number)s", number=numbered[2])
    for beginning, place in _PLACES:
        if element.startswith(beginning):
            return place(env)
    return ""


# the first beginning that fits counts
_PLACES = (
    ("Fa/FaWiersz", lambda env: env._("Lines")),
    ("Fa/P_13", lambda env: env._("Net sums")),
    ("Fa/P_14", lambda env: env._("Tax sums")),
    ("Fa/P_15ZK", lambda env: env._("Amount before the correction")),
    ("Fa/P_15", lambda env: env._("Total")),
    ("Fa/P_1", lambda env: env._("Invoice date")),
    ("Fa/P_2", lambda env: env._("Invoice number")),
    ("Fa/P_6", lambda env: env._("Date of supply")),
    ("Fa/OkresFa", lambda env: env._("Period")),
    ("Fa/KodWaluty", lambda env: env._("Currency")),
    ("Fa/Adnotacje", lambda env: env._("VAT remarks")),
    ("Fa/DaneFaKorygowanej", lambda env: env._("Corrected invoice")),
    ("Fa/Podmiot", lambda env: env._("Data before the correction")),
    ("Fa/DodatkowyOpis", lambda env: env._("Notes")),
    ("Fa/FakturaZaliczkowa", lambda env: env._("Advance invoices")),
    ("Fa/Zaliczka", lambda env: env._("Payments received")),
    ("Fa/Rozliczenie", lambda env: env._("Settlement")),
    ("Fa/Platnosc", lambda env: env._("Payment")),
    ("Fa/WarunkiTransakcji", lambda env: env._("Terms")),
    ("Fa/Zamowienie", lambda env: env._("Order")),
    ("Podmiot3", lambda env: env._("Third party")),
    ("PodmiotUpowazniony", lambda env: env._("Authorised party")),
    ("Stopka", lambda env: env._("Footer")),
    ("Zalacznik", lambda env: env._("Attachment")),
)


def _field(env, element):
    parts = element.split("/")[1:]
    if "Adres" in parts:
        return env._("address")
    names = {
        "NIP": env._("tax number (NIP)"),
        "Nazwa": env._("name"),
        "KodUE": env._("country"),
    }
    return names.get(parts[-1], parts[-1])


def _xsd_value(env, params):
    return env._("The value “%(value)s” has a form that KSeF does not accept.", value=params.get("value", ""))


def _xsd_range(env, params):
    return env._("The value “%(value)s” is outside what KSeF takes (limit %(limit)s).", **params)


_SENTENCES = {
    "missing": lambda env, params: env._("The value is missing."),
    "too_long": lambda env, params: env._("The value is longer than %(limit)s characters.", **params),
    "future_date": lambda env, params: env._("The invoice date %(date)s is in the future.", **params),
    "period_order": lambda env, params: env._("The period ends before it begins."),
    "missing_address": lambda env, params: env._(
        "The address is missing: give street or place, and postcode with city."
    ),
    "missing_country": lambda env, params: env._("The country is missing."),
    "missing_nip": lambda env, params: env._("The tax number (NIP) is missing."),
    "invalid_nip": lambda env, params: env._("The tax number (NIP) “%(value)s” is not valid.", **params),
    "pesel": lambda env, params: env._(
        "This is the personal number (PESEL) of a person, not a tax number: remove it from the customer."
    ),
    "missing_name": lambda env, params: env._("The name is missing."),
    "missing_original": lambda env, params: env._("The correction does not say which invoice it corrects."),
    "before_outside_correction": lambda env, params: env._("Only a correction may show a state before."),
    "buyer_number_changed": lambda env, params: env._(
        "The buyer's tax number is not corrected in KSeF: correct the invoice to zero and issue it anew."
    ),
    "no_lines": lambda env, params: env._("The invoice has no lines."),
    "too_many_lines": lambda env, params: env._("The invoice has more than %(limit)s lines.", **params),
    "missing_rate": lambda env, params: env._(
        "The line “%(line)s” needs exactly one tax with a KSeF rate (see the tax settings).", **params
    ),
    "missing_exemption": lambda env, params: env._(
        "An exempt invoice needs the legal basis of the exemption (see the tax settings)."
    ),
    "net_sum": lambda env, params: env._("The lines give %(lines)s, the invoice says %(total)s.", **params),
    "gross_sum": lambda env, params: env._("Net and tax give %(sum)s, the invoice says %(total)s.", **params),
    "gross_lines": lambda env, params: env._(
        "The lines give %(lines)s with tax, net and tax of their rate give %(total)s.", **params
    ),
    "rest_over_sale": lambda env, params: env._(
        "A final invoice cannot leave %(total)s to pay of a sale of %(lines)s.", **params
    ),
    "tax_sum": lambda env, params: env._(
        "The tax is %(tax)s, the net amount and the rate give %(expected)s.", **params
    ),
    "tax_without_rate": lambda env, params: env._("There is a tax of %(tax)s at a rate without tax.", **params),
    "missing_tax_pln": lambda env, params: env._(
        "An invoice in another currency needs its tax in PLN as well (exchange rate)."
    ),
    "simplified_limit": lambda env, params: env._("A simplified invoice may be for %(limit)s at most.", **params),
    "missing_amount": lambda env, params: env._("The line “%(line)s” has no amount.", **params),
    "unknown_line": lambda env, params: env._("A note belongs to line %(line)s, which the invoice lacks.", **params),
    "missing_margin": lambda env, params: env._("Goods in the margin procedure need to say which procedure it is."),
    "missing_role": lambda env, params: env._("The role of the third party is missing."),
    "shares": lambda env, params: env._("The shares of the additional buyers are more than 100 %."),
    "seller_number_changed": lambda env, params: env._(
        "The seller's tax number cannot be corrected: correct the invoice to zero and issue it anew."
    ),
    "missing_order": lambda env, params: env._("An advance invoice has to say what was ordered and for how much."),
    "order_sum": lambda env, params: env._("The lines of the order give %(lines)s, its value is %(total)s.", **params),
    "advance_over_order": lambda env, params: env._(
        "The advance of %(advance)s is more than the whole order of %(total)s.", **params
    ),
    "missing_advance": lambda env, params: env._("A final invoice has to name the advance invoices before it."),
    "received_sum": lambda env, params: env._(
        "The payments received give %(lines)s, the invoice says %(total)s.", **params
    ),
    "negative": lambda env, params: env._(
        "The amount %(value)s is negative: a charge below zero is a deduction, and the other way round.", **params
    ),
    "paid_twice": lambda env, params: env._("The invoice is paid at once and in parts at the same time."),
    "ipksef": lambda env, params: env._(
        "The payment identifier “%(value)s” is not 3 digits followed by 10 letters or digits.", **params
    ),
    "payment_link": lambda env, params: env._(
        "The payment link “%(value)s” is no web address with the payment identifier (IPKSeF=…) in it.", **params
    ),
    "ipksef_differs": lambda env, params: env._(
        "The payment link carries the identifier %(link)s, the invoice %(value)s.", **params
    ),
    "too_many": lambda env, params: env._("There are %(count)s of these; KSeF takes %(limit)s.", **params),
    "row_too_wide": lambda env, params: env._(
        "The row of the attachment has %(count)s cells, its table %(limit)s columns.", **params
    ),
    "column_kind": lambda env, params: env._("A column of the attachment cannot be of the kind “%(value)s”.", **params),
    "too_big": lambda env, params: env._("The document has %(size)s bytes; KSeF takes %(limit)s.", **params),
    "not_xml": lambda env, params: env._("The document is not readable XML: %(message)s", **params),
    "has_dtd": lambda env, params: env._("The document has a DOCTYPE."),
    "xsd_pattern": _xsd_value,
    "xsd_value": _xsd_value,
    "xsd_enumeration": lambda env, params: env._("The value “%(value)s” is not on the list of the schema.", **params),
    "xsd_maxlength": lambda env, params: env._("The value “%(value)s” is too long.", value=params.get("value", "")),
    "xsd_minlength": lambda env, params: env._("The value “%(value)s” is too short.", value=params.get("value", "")),
    "xsd_mininclusive": _xsd_range,
    "xsd_maxinclusive": _xsd_range,
    "xsd_minexclusive": _xsd_range,
    "xsd_totaldigits": lambda env, params: env._(
        "The number %(value)s is longer than the %(limit)s digits that KSeF takes.", **params
    ),
    "xsd_fractiondigits": lambda env, params: env._(
        "The number %(value)s has more decimals than KSeF takes (%(limit)s).", **params
    ),
    "too_fine": lambda env, params: env._("The amount %(value)s is finer than a hundredth.", **params),
    "xsd_missing_child": lambda env, params: env._("Something is missing here; expected: %(expected)s.", **params),
    "xsd_unexpected": lambda env, params: env._("Something is missing before this element: %(expected)s.", **params),
}
