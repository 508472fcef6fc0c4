"""Why payments are left to the ORM, in words; "" where they may be written as rows."""

import re

from odoo import fields
from odoo.addons.bss_contracts.bulk.eligibility import foreign_override

from ..bank_core import matching
from ..bank_core.settling import SettlingError, pairs

#: between the prefixes of accounts that a distribution is for, as in Odoo
PREFIX_DELIMITER = re.compile(r"[;,]\s*")
#: what makes an entry what it is: an override that nobody has compared with the rows forbids them
CRITICAL = {
    "account.move": ("create", "write", "_post", "action_post", "_set_next_sequence", "_locked_increment")
    + ("_compute_name", "_compute_amount", "_compute_payment_state", "_check_balanced", "_sync_dynamic_lines"),
    "account.move.line": ("create", "write", "reconcile", "_reconcile_plan", "_reconcile_plan_with_sync")
    + ("_compute_amount_residual", "_reconcile_pre_hook", "_reconcile_post_hook", "_prepare_reconciliation_plan"),
    "account.bank.statement.line": ("create", "write", "_prepare_move_line_default_vals", "_compute_is_reconciled")
    + ("_compute_internal_index", "_seek_for_lines"),
    "account.bank.statement": ("write", "_compute_date", "_compute_balance_end", "_compute_first_line_index")
    + ("_compute_is_complete",),
    "account.partial.reconcile": ("create", "_update_matching_number"),
    "account.full.reconcile": ("create",),
    "bss.payment.match": ("create",),
    "bss.payment.match.candidate": ("create",),
    "bss.payment.allocation": ("create",),
}
#: stored columns of payments that follow others; what writes rows knows these
DERIVED = {
    "bss.payment.match": {"journal_id", "company_id", "currency_id", "partner_id"},
    "bss.payment.match.candidate": {"company_id"},
    "bss.payment.allocation": {"company_id"},
}


def call_reason(env, journal):
    """Why no payment of a bank journal can be written as a row."""
    return (
        _books_reason(env, journal)
        or _analytic_reason(env, journal)
        or _registry_reason(env)
        or _automation_reason(env)
    )


def _books_reason(env, journal):
    company = journal.company_id
    if company.currency_id.decimal_places != 2 or company.currency_id.rounding != 0.01:
        return env._("The currency of the company has no hundredths.")
    if journal.currency_id and journal.currency_id != company.currency_id:
        return env._("Journal %(name)s has a currency of its own.", name=journal.name)
    if journal.restrict_mode_hash_table:
        return env._("Journal %(name)s secures its entries with hashes.", name=journal.name)
    if journal.sequence_override_regex:
        return env._("Journal %(name)s has its own pattern of numbers.", name=journal.name)
    if company.tax_exigibility:
        return env._("The company owes taxes when it is paid (cash basis).")
    if not journal.suspense_account_id or journal.suspense_account_id.reconcile:
        return env._("Journal %(name)s has no plain suspense account.", name=journal.name)
    if journal.default_account_id == journal.suspense_account_id:
        return env._("Journal %(name)s has one account for money and suspense.", name=journal.name)
    return ""


def _analytic_reason(env, journal):
    if any(not one.partner_id for one in _analytic_models(env, journal)):
        return env._("An analytic distribution may apply to any customer.")
    return ""


def _analytic_models(env, journal):
    """Distributions that Odoo looks up for bank entries: they have no product, but accounts and a partner."""
    company = journal.company_id
    models = (
        env["account.analytic.distribution.model"]
        .sudo()
        .search(
            [
                ("product_id", "=", False),
                ("product_categ_id", "=", False),
                "|",
                ("company_id", "=", False),
                ("company_id", "parent_of", company.id),
            ]
        )
    )
    if not any(models.mapped("account_prefix")):
        return models
    receivables = (
        env["account.account"]
        .sudo()
        .search([("account_type", "=", "asset_receivable"), ("company_ids", "parent_of", company.id)])
    )
    ledgers = (receivables | journal.default_account_id | journal.suspense_account_id).with_company(company)
    codes = [code for code in ledgers.mapped("code") if code]
    return models.filtered(
        lambda one: (
            not one.account_prefix
            or any(code.startswith(tuple(PREFIX_DELIMITER.split(one.account_prefix))) for code in codes)
        )
    )


def _registry_reason(env):
    found = env["bss.bank.import"]._bss_booking_obstacle()
    if not found:
        return ""
    kind, module, what = found
    if kind == "override":
        return env._("Module %(module)s changes %(what)s.", module=module, what=what)
    return env._("Module %(module)s derives %(what)s from payments.", module=module, what=what)


def obstacle(env, known):
    """(kind, module, what) of the first thing that nobody has compared with the rows, None without one."""
    for model_name, methods in CRITICAL.items():
        found = foreign_override(type(env[model_name]), methods, known)
        if found:
            return "override", found[0], f"{model_name}.{found[1]}"
    for model_name in CRITICAL:
        for field in env[model_name]._fields.values():
            own = DERIVED.get(model_name)
            if own is not None and field.store and (field.compute or field.related) and field.name not in own:
                return "derived", field._module, str(field)
            for dependent in env.registry.get_dependent_fields(field):
                if dependent.store and dependent.model_name not in CRITICAL and dependent._module not in known:
                    return "derived", dependent._module, str(dependent)
    return None


def _automation_reason(env):
    if "base.automation" not in env.registry:
        return ""
    rule = env["base.automation"].sudo().search([("model_id.model", "in", list(CRITICAL))], limit=1)
    return rule and env._("Automation rule %(name)s watches bookings.", name=rule.name) or ""


class RowChecks:
    """Reasons of single rows; what depends on the day is looked up once for each day."""

    def __init__(self, env, journal, payees, items):
        self.env, self.company, self.journal = env, journal.company_id, journal
        self.payees, self.items = payees, items
        self.today = fields.Date.context_today(journal)
        self._days = {}
        self._analytic = set(_analytic_models(env, journal).partner_id.ids)

    def reason(self, row):
        tx = row.tx
        if not tx.amount:
            return self.env._("The entry has no amount.")
        if not (tx.title or tx.supplement or tx.type_code):
            return self.env._("The entry has no text.")
        return self._day_reason(tx.entry_date) or (self._booking_reason(row) if row.account_id else "")

    def _day_reason(self, day):
        if day not in self._days:
            text = ""
            if day > self.today:
                text = self.env._("The day is in the future.")
            elif self.company._get_violated_lock_dates(day, False, self.journal):
                text = self.env._("The books of the day are closed.")
            self._days[day] = text
        return self._days[day]

    def _booking_reason(self, row):
        payee = self.payees.get(row.account_id)
        if row.tx.amount < 0 or row.match.decision == matching.IGNORE:
            return self.env._("Money that the bank took back is settled with its payment.")
        if payee is None or payee.company_id != self.company.id:
            return self.env._("The billing account belongs to another company.")
        if payee.partner_id in self._analytic:
            return self.env._("An analytic distribution applies to the customer.")
        for part in row.parts:
            item = self.items.get(part.item_id)
            if item is None or item.ledger_id != payee.ledger_id:
                return self.env._("A debt is on another receivable than the payment.")
            if item.refusal:
                return item.refusal
        return self._credit_reason(row)

    def _credit_reason(self, row):
        """An invoice settled by credits alone is "reversed", not "paid"."""
        if all(self.items[part.item_id].residual > 0 for part in row.parts):
            return ""
        residuals = {part.item_id: self.items[part.item_id].residual for part in row.parts}
        try:
            found = pairs(0, round(row.tx.amount * 100), row.parts, residuals)
        except SettlingError:
            return self.env._("Earlier rows of the file pay the same debt.")
        with_money = {pair.debit_id for pair in found if pair.credit_id == 0}
        if {pair.debit_id for pair in found} - with_money:
            return self.env._("Credits alone settle an invoice.")
        return ""
