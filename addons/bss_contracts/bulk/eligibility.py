"""Why invoices cannot be written as rows: of the whole run, of one request, and problems that no way solves."""

from odoo import fields
from odoo.tools import SQL, format_date

# what makes an invoice what it is: an override that nobody has compared with the rows of this addon forbids them
CRITICAL = (
    "create",
    "write",
    "_post",
    "_set_next_sequence",
    "_locked_increment",
    "_sanitize_vals",
    "_sync_dynamic_lines",
    "_get_sync_stack",
    "_sync_invoice",
    "_check_balanced",
    "_create_analytic_lines",
    "_get_rounded_base_and_tax_lines",
    "_prepare_product_base_line_for_taxes_computation",
    "_get_invoice_computed_reference",
    "_compute_name",
    "_compute_amount",
    "_compute_totals",
    "_compute_balance",
    "_compute_debit_credit",
    "_compute_account_id",
    "_compute_payment_reference",
    "_compute_payment_state",
    "_compute_partner_shipping_id",
    "_compute_fiscal_position_id",
    "_compute_invoice_partner_display_info",
)
# methods of the tax engine that the closed form repeats
CRITICAL_TAX = (
    "_get_tax_details",
    "_add_tax_details_in_base_line",
    "_round_base_lines_tax_details",
    "_round_tax_details_tax_amounts",
    "_round_tax_details_base_lines",
    "_prepare_tax_lines",
    "_prepare_base_line_grouping_key",
    "_prepare_base_line_tax_repartition_grouping_key",
)
COMPARED = ("account.move", "account.move.line")


def run_reason(env, run):
    """Why no invoice of the run can be written as rows, "" when they can."""
    for check in (_journal_reason, _date_reason, _module_reason, _automation_reason, _company_reason):
        reason = check(env, run)
        if reason:
            return reason
    return ""


def orm_reason(env, run):
    """Why amounts of the run's invoices are known to the ORM only, "" when the tax engine knows them."""
    return _module_reason(env, run) or _automation_reason(env, run)


def _journal_reason(env, run):
    journal = run.cycle_id.journal_id
    if journal.restrict_mode_hash_table:
        return env._("Journal %(name)s secures its entries with hashes.", name=journal.name)
    if journal.currency_id and journal.currency_id != run.company_id.currency_id:
        return env._("Journal %(name)s has a currency of its own.", name=journal.name)
    if journal.sequence_override_regex:
        return env._("Journal %(name)s has its own pattern of numbers.", name=journal.name)
    if (journal.invoice_reference_type, journal.invoice_reference_model) != ("invoice", "odoo"):
        return env._("Journal %(name)s has payment references other than the number.", name=journal.name)
    if journal.type != "sale":
        return env._("Journal %(name)s is no journal of sales.", name=journal.name)
    return ""


def _date_reason(env, run):
    day = run.date_invoice
    if day > fields.Date.context_today(run):
        return env._("The invoice date %(date)s is in the future.", date=format_date(env, day))
    if run.company_id._get_violated_lock_dates(day, True, run.cycle_id.journal_id):
        return env._("The books are closed on %(date)s.", date=format_date(env, day))
    return ""


def _module_reason(env, run):
    known = env["account.move"]._bss_bulk_compatible_modules()
    checks = [(name, CRITICAL) for name in COMPARED] + [("account.tax", CRITICAL_TAX)]
    for model_name, methods in checks:
        found = foreign_override(type(env[model_name]), methods, known)
        if found:
            return env._("Module %(module)s changes %(what)s.", module=found[0], what=f"{model_name}.{found[1]}")
    found = env["account.move"]._bss_bulk_foreign_compute()
    if found:
        return env._("Module %(module)s derives %(what)s from invoices.", module=found[0], what=found[1])
    return ""


def foreign_override(model_class, methods, known):
    """(module, method) of the first override or constraint by a module that is not ``known``, None without one."""
    for place, cls in enumerate(model_class.mro()):
        module = getattr(cls, "_module", None)
        own = vars(cls)
        if place == 0:
            # the class that the registry builds holds methods only when somebody patched them in
            module = "?"
        elif module is None or module in known:
            continue
        for name in methods:
            if name in own:
                return module, name
        for name, value in own.items():
            if place and hasattr(value, "_constrains"):
                return module, name
    return None


def foreign_compute(registry, known):
    """(module, field) of the first stored field of another model that follows invoices, None without one.

    :param known: modules whose fields say nothing of a fresh invoice
    """
    for name in COMPARED:
        for field in registry[name]._fields.values():
            for dependent in registry.get_dependent_fields(field):
                if dependent.store and dependent.model_name not in COMPARED and dependent._module not in known:
                    return dependent._module, str(dependent)
    return None


def _automation_reason(env, run):
    if "base.automation" not in env.registry:
        return ""
    rule = env["base.automation"].sudo().search([("model_id.model", "in", COMPARED)], limit=1)
    return rule and env._("Automation rule %(name)s watches invoices.", name=rule.name) or ""


def _company_reason(env, run):
    company = run.company_id
    if company.currency_id.decimal_places != 2 or company.currency_id.rounding != 0.01:
        return env._("The currency of the company has no hundredths.")
    return ""


class LineChecks:
    """Products, taxes, terms and currencies of many requests, each looked at once."""

    def __init__(self, env, run):
        self.env, self.run = env, run
        self.company, self.journal = run.company_id, run.cycle_id.journal_id
        self._products, self._taxes, self._terms, self._kinds, self.at_home = {}, {}, {}, {}, {}
        self.models = (
            env["account.analytic.distribution.model"]
            .sudo()
            .search(["|", ("company_id", "=", False), ("company_id", "parent_of", self.company.id)])
        )
        self.analytic_partners = self._analytic_partners()
        self.digits = {
            name: env["decimal.precision"].precision_get(name) for name in ("Product Unit", "Product Price", "Discount")
        }
        self._values = {name: {} for name in self.digits}

    def learn(self, requests):
        """Read in one statement what currencies the accounts have."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id, currency_id = %s FROM bss_account WHERE id = ANY(%s)",
                self.company.currency_id.id,
                list({one.account_id for one in requests}),
            )
        )
        self.at_home = dict(rows)

    def problem(self, request, partner):
        """What nobody can invoice, in words; "" when it can be."""
        env = self.env
        if partner is None or not partner.is_active:
            name = env["res.partner"].browse(request.partner_id).name
            return env._("Customer %(name)s is archived.", name=name)
        if not request.lines:
            return env._("There is nothing to invoice.")
        for line in request.lines:
            if not line.tax_ids:
                return env._(
                    "Charge %(charge)s: no sales tax on product %(product)s.",
                    charge=line.name,
                    product=env["product.product"].browse(line.product_id).display_name,
                )
            if self.product(line.product_id) == "none":
                return env._(
                    "Product %(product)s has no income account.",
                    product=env["product.product"].browse(line.product_id).display_name,
                )
        return ""

    def reason(self, request, partner):
        """Why the invoice cannot be written as rows, "" when it can."""
        env = self.env
        if not self.at_home.get(request.account_id):
            return env._("The invoice is in a foreign currency.")
        if not partner.name:
            return env._("The customer has no name.")
        if request.payment_term_id and not self._is_plain_term(request.payment_term_id):
            return env._("The payment term has several instalments or a discount for early payment.")
        if self.models and (self.analytic_partners is None or request.partner_id in self.analytic_partners):
            return env._("An analytic distribution applies to the customer.")
        for line in request.lines:
            key = (line.product_id, line.tax_ids)
            text = self._kinds.get(key)
            if text is None:
                text = self._kinds[key] = self._kind_reason(*key)
            if text:
                return text
            if not (
                self._fits(line.quantity, "Product Unit")
                and self._fits(line.price_unit, "Product Price")
                and self._fits(line.discount, "Discount")
            ):
                return env._("A quantity, price or discount has more decimals than documents have.")
        return ""

    def _kind_reason(self, product_id, tax_ids):
        env = self.env
        state = self.product(product_id)
        if state == "default":
            return env._("A product has no income account of its own.")
        if state == "tags":
            return env._("A product has tax tags of its own.")
        if state == "analytic":
            return env._("An analytic distribution applies to a product.")
        for tax_id in tax_ids:
            if not self.is_single(tax_id):
                return env._("Tax %(name)s is split between several accounts.", name=self.tax(tax_id).name)
        return ""

    def _fits(self, value, name):
        """Whether Odoo stores the value as it is."""
        known = self._values[name]
        if value not in known:
            known[value] = round(value, self.digits[name]) == value
        return known[value]

    def product(self, product_id):
        """ "" for an ordinary product, else what is special about it."""
        if product_id not in self._products:
            product = self.env["product.product"].browse(product_id)
            income = product.product_tmpl_id.get_product_accounts()["income"]
            if not income:
                state = "default" if self.journal.default_account_id else "none"
            elif product.account_tag_ids:
                state = "tags"
            else:
                state = "analytic" if self._has_analytic(product) else ""
            self._products[product_id] = state
        return self._products[product_id]

    def _has_analytic(self, product):
        plain = self.models.filtered(lambda one: not one.partner_id and not one.partner_category_id)
        return any(
            (not one.product_id or one.product_id == product)
            and (not one.product_categ_id or one.product_categ_id == product.categ_id)
            for one in plain
        )

    def _analytic_partners(self):
        """Customers that a distribution names; None: any may be meant."""
        if not self.models:
            return set()
        if self.models.partner_category_id:
            return None
        return set(self.models.partner_id.ids)

    def tax(self, tax_id):
        """The tax, read once."""
        if tax_id not in self._taxes:
            tax = self.env["account.tax"].browse(tax_id)
            parts = tax.invoice_repartition_line_ids.filtered(lambda one: one.repartition_type == "tax")
            single = (
                tax.amount_type == "percent"
                and tax.tax_exigibility == "on_invoice"
                and not tax.include_base_amount
                and len(parts) == 1
                and parts.factor == 1.0
                and bool(parts.account_id)
            )
            self._taxes[tax_id] = (tax, single or (tax.amount_type == "percent" and not tax.amount and len(parts) == 1))
        return self._taxes[tax_id][0]

    def is_single(self, tax_id):
        """Whether the tax makes one line on one account, or none because it is 0 %."""
        self.tax(tax_id)
        return self._taxes[tax_id][1]

    def _is_plain_term(self, term_id):
        if term_id not in self._terms:
            term = self.env["account.payment.term"].browse(term_id)
            self._terms[term_id] = len(term.line_ids) == 1 and not term.early_discount
        return self._terms[term_id]


def database_reason(env, move_ids, line_ids):
    """Tables in which something refers to these invoices; rows of them would be missing."""
    env.cr.execute(
        """
        SELECT conrelid::regclass::text, attname, confrelid::regclass::text
          FROM pg_constraint
          JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
         WHERE contype = 'f' AND confrelid IN ('account_move'::regclass, 'account_move_line'::regclass)
           AND NOT (conrelid = 'account_move_line'::regclass AND attname = 'move_id')
           AND conrelid::regclass::text NOT IN ('account_move_line_account_tax_rel',
                                                'account_account_tag_account_move_line_rel')
        """
    )
    checks = [
        SQL(
            "SELECT %s FROM %s WHERE %s = ANY(%s)%s",
            table,
            SQL.identifier(table),
            SQL.identifier(column),
            line_ids if target == "account_move_line" else move_ids,
            # older invoices cannot refer to new ones: spares a walk through all of them
            SQL(" AND id >= %s", min(move_ids if table == "account_move" else line_ids))
            if table in ("account_move", "account_move_line")
            else SQL(),
        )
        for table, column, target in env.cr.fetchall()
    ]
    checks += [
        SQL(
            "SELECT %s FROM %s WHERE %s = 'account.move' AND res_id = ANY(%s)",
            table,
            SQL.identifier(table),
            SQL.identifier(column),
            move_ids,
        )
        for table, column in (
            ("mail_message", "model"),
            ("mail_followers", "res_model"),
            ("mail_activity", "res_model"),
            ("ir_attachment", "res_model"),
        )
    ]
    return sorted({row[0] for row in env.execute_query(SQL(" UNION ").join(checks))})
