"""Numbers of the law from their records into the terms of the law kernel, each as of a day.

A function answers None when a number it needs is not recorded for that day: what is not known is not allowed.
"""

from datetime import timedelta
from decimal import Decimal

from .adapters import legal_values, limitation_terms, to_money
from .dunning_core.law.bands import Band
from .dunning_core.law.compensation import DueReading
from .dunning_core.law.complaint import ComplaintTerms
from .dunning_core.law.contract_rates import CapFactor, OlderContracts, contractual_table, older_contract_table
from .dunning_core.law.court_fees import EpuTerms
from .dunning_core.law.income_relief import IncomeReliefTerms
from .dunning_core.law.interest import Terms
from .dunning_core.law.limitation_course import LimitationRules
from .dunning_core.law.registers import RegisterTerms
from .dunning_core.law.service_chain import PersistenceTerms
from .dunning_core.law.vat_relief import ReliefTerms

OPTIONAL = {"confirm_days", "resend_working_days", "age_years"}


def _terms(env, kind, prefix, as_of):
    """Terms of a kind from the values ``<prefix>_<field>`` in force on a day."""
    values = legal_values(env, as_of)
    names = kind.__dataclass_fields__
    found = {name: values[f"{prefix}_{name}"] for name in names if f"{prefix}_{name}" in values}
    return kind(**found) if set(names) - set(found) <= OPTIONAL else None


def complaint_terms(env, as_of):
    """Clocks of complaints lodged on a day."""
    return _terms(env, ComplaintTerms, "complaint", as_of)


def register_terms(env, as_of):
    """Preconditions of debt registers."""
    return _terms(env, RegisterTerms, "big", as_of)


def relief_terms(env, as_of):
    """Relief for bad debts in VAT."""
    return _terms(env, ReliefTerms, "vat_relief", as_of)


def income_relief_terms(env, as_of):
    """Relief for bad debts in income tax: its terms and the first due date that it covers, or None."""
    terms = _terms(env, IncomeReliefTerms, "income_relief", as_of)
    return (terms, _dated(env, "income_relief_days")[0].date_start) if terms else None


def epu_terms(env, as_of):
    """Fee and reach of the electronic court for suits filed on a day."""
    return _terms(env, EpuTerms, "epu", as_of)


def persistence_terms(env, as_of):
    """Who is a persistent late payer."""
    return _terms(env, PersistenceTerms, "persistent", as_of)


def interest_terms(env, as_of):
    """How interest is calculated; 365 days a year unless recorded otherwise."""
    return Terms(divisor=legal_values(env, as_of).get("interest_divisor") or Terms().divisor)


def due_reading(env, as_of):
    """Which day counts as the one on which a claim became due."""
    next_day = legal_values(env, as_of).get("compensation_next_day")
    return DueReading.DAY_AFTER if next_day else DueReading.DUE_DATE


def limitation_rules(env):
    """Limitation of claims and of judgments."""
    return LimitationRules(limitation_terms(env), limitation_terms(env, "limitation_judgment"))


def bands(env, code):
    """Bands of one kind, of all days."""
    rows = env["bss.legal.band"].sudo().search([("code", "=", code)])
    return tuple(
        Band(
            row.date_start,
            to_money(row.value_from),
            row.value_from_included,
            to_money(row.amount),
            _percent(row.percent),
            to_money(row.maximum) if row.maximum else None,
        )
        for row in rows
    )


def agreed_table(env, tables, percent, regime):
    """Agreed interest of a contract under its cap; for businesses not below their statutory rate.

    :param tables: statutory tables by regime
    :param percent: Decimal, agreed percent per year
    """
    factors = [CapFactor(row.date_start, Decimal(row.value)) for row in _dated(env, "contractual_cap_factor")]
    return contractual_table(percent, tables["civil"], factors, tables[regime] if regime != "civil" else None)


def contract_table(env, table, concluded):
    """Commercial table of a contract by the day it was concluded."""
    rules = [
        OlderContracts(row.date_start, row.date_start + timedelta(days=row.value))
        for row in _dated(env, "commercial_older_after")
    ]
    return older_contract_table(table, concluded, rules)


def _dated(env, code):
    return env["bss.legal.value"].sudo().search([("code", "=", code)], order="date_start")


def _percent(value):
    return Decimal(f"{value:.4f}").normalize()
