"""Problem codes of the kernel in words, and FA(3) elements in the words of an invoice clerk."""

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
    return f"{element}: {sentence}"


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
    "too_big": lambda env, params: env._("The document has %(size)s bytes; KSeF takes %(limit)s.", **params),
    "not_xml": lambda env, params: env._("The document is not readable XML: %(message)s", **params),
    "has_dtd": lambda env, params: env._("The document has a DOCTYPE."),
    "xsd_pattern": _xsd_value,
    "xsd_value": _xsd_value,
    "xsd_enumeration": lambda env, params: env._("The value “%(value)s” is not on the list of the schema.", **params),
    "xsd_maxlength": lambda env, params: env._("The value “%(value)s” is too long.", value=params.get("value", "")),
    "xsd_minlength": lambda env, params: env._("The value “%(value)s” is too short.", value=params.get("value", "")),
    "xsd_missing_child": lambda env, params: env._("Something is missing here; expected: %(expected)s.", **params),
    "xsd_unexpected": lambda env, params: env._("Something is missing before this element: %(expected)s.", **params),
}
