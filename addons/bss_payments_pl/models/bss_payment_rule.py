from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..bank_core import matching, nrb


class BssPaymentRule(models.Model):
    """A decision that the matcher repeats: who a payer pays for, or what is no customer's payment."""

    _name = "bss.payment.rule"
    _description = "Payment Matching Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True, readonly=False, required=True, precompute=True)
    active = fields.Boolean(default=True, help="A rule that is switched off decides nothing any more.")
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank Journal",
        check_company=True,
        ondelete="cascade",
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
        help="Empty: payments on every bank account of the company.",
    )
    payer_nrb = fields.Char(string="Payer's Bank Account", index="btree_not_null")
    payer_name = fields.Char(help="In any order of words, with or without Polish letters.")
    words = fields.Char(string="Words of the Title", help="All of them stand in the title, in any order.")
    kind = fields.Selection(
        [("assign", "Payment of an account"), ("not_payment", "Not a payment")],
        string="Decision",
        required=True,
        default="assign",
    )
    account_id = fields.Many2one(
        "bss.account",
        string="Billing Account",
        check_company=True,
        ondelete="cascade",
        index="btree_not_null",
        domain="[('company_id', '=', company_id)]",
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    match_id = fields.Many2one(
        "bss.payment.match", string="Made from", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    is_learned = fields.Boolean(
        string="Learned",
        readonly=True,
        copy=False,
        help="Made by the system from a decision of a clerk. It decides only while nobody else is paid for by this payer.",
    )
    off_reason = fields.Char(string="Switched Off Because", readonly=True, copy=False)
    use_count = fields.Integer(string="Used", readonly=True, copy=False, help="Payments decided by this rule.")
    last_used_at = fields.Datetime(string="Last Used", readonly=True, copy=False)
    conflict_count = fields.Integer(
        compute="_compute_conflict_count",
        help="Other active rules that want the same payments decided another way. Such payments wait for a clerk.",
    )

    _account_needed = models.Constraint(
        "CHECK((kind = 'assign') = (account_id IS NOT NULL))",
        "A rule for payments of an account needs the billing account, the other kind has none.",
    )
    _condition_needed = models.Constraint(
        "CHECK(payer_nrb IS NOT NULL OR words IS NOT NULL)",
        "A rule needs the payer's bank account or words of the title; a name alone is borne by several people.",
    )

    @api.depends("payer_nrb", "payer_name", "words", "kind", "account_id")
    def _compute_name(self):
        for rule in self:
            told = [rule.payer_name, nrb.pretty(rule.payer_nrb or ""), f"„{rule.words}”" if rule.words else ""]
            goal = rule.account_id.name if rule.kind == "assign" else self.env._("not a payment")
            rule.name = f"{', '.join(part for part in told if part)} → {goal or ''}"

    @api.depends("payer_nrb", "words", "payer_name", "account_id", "kind", "journal_id", "active")
    def _compute_conflict_count(self):
        numbers = [rule.payer_nrb for rule in self if rule.payer_nrb]
        others = self.search([("payer_nrb", "in", numbers)]) if numbers else self.browse()
        for rule in self:
            rule.conflict_count = len(others.filtered(rule._origin._bss_contradicts)) if rule.active else 0

    def _bss_contradicts(self, other):
        """Whether both rules fit the same payments of one payer and decide differently."""
        return (
            self != other
            and bool(self.payer_nrb)
            and self.payer_nrb == other.payer_nrb
            and self.company_id == other.company_id
            and (not self.journal_id or not other.journal_id or self.journal_id == other.journal_id)
            and (self.kind, self.account_id) != (other.kind, other.account_id)
            and (self.words or "") == (other.words or "")
        )

    @api.constrains("payer_nrb")
    def _check_payer_nrb(self):
        for rule in self:
            number = rule.payer_nrb or ""
            if number.isdigit() and len(number) == 26 and not nrb.is_valid(number):
                raise ValidationError(
                    self.env._("%(nrb)s is no valid account number (wrong check digits).", nrb=rule.payer_nrb)
                )

    @api.constrains("words")
    def _check_words(self):
        for rule in self:
            if rule.words and not matching.name_key(rule.words):
                raise ValidationError(self.env._("The words of the title need at least one letter or digit."))

    # --- people change the conditions, the system counts

    @api.model
    def _bss_clean(self, vals):
        for name in ("payer_nrb", "payer_name", "words"):
            if name in vals:
                text = " ".join((vals[name] or "").split())
                vals[name] = (nrb.normalise(text) if name == "payer_nrb" else text) or False
        return vals

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._bss_clean(dict(vals)) for vals in vals_list])

    def write(self, vals):
        vals = self._bss_clean(dict(vals))
        if vals.get("active"):
            vals.setdefault("off_reason", False)
        return super().write(vals)

    def _bss_switch_off(self, reason):
        self.filtered("active").write({"active": False, "off_reason": reason})

    # --- for the matcher

    @api.model
    def _bss_kernel_rules(self, company, payer_nrbs, journal=None):
        """Active rules that may fit payments of these payers, as the kernel takes them.

        A learned rule is left out as soon as its payer paid for somebody else within the age limit of
        the company: then the bank account alone says nothing.

        :param payer_nrbs: bank accounts of the payers of one batch
        :param journal: bank journal of the batch; rules of other journals are left out
        :return: tuple of kernel ``Rule``, in the order of the screen
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, CASE WHEN kind = 'assign' THEN account_id END, COALESCE(payer_nrb, ''),
                       COALESCE(payer_name, ''), COALESCE(words, ''), kind, is_learned
                  FROM bss_payment_rule
                 WHERE company_id = %(company)s AND active
                   AND (payer_nrb IS NULL OR payer_nrb = ANY(%(payers)s))
                   AND (journal_id IS NULL OR journal_id = %(journal)s)
              ORDER BY sequence, id
                """,
                company=company.id,
                payers=[number for number in set(payer_nrbs) if number],
                journal=journal.id if journal else 0,
            )
        )
        doubtful = self._bss_doubtful([row[0] for row in rows if row[6]], company)
        return tuple(
            matching.Rule(rule_id, account, payer, matching.name_key(name), tuple(words.split()), kind)
            for rule_id, account, payer, name, words, kind, _learned in rows
            if rule_id not in doubtful
        )

    @api.model
    def _bss_doubtful(self, rule_ids, company):
        """Ids of learned rules whose payers paid for somebody else as well."""
        if not rule_ids:
            return set()
        self.env["bss.payment.match"].flush_model(["payer_nrb", "account_id", "state", "date", "company_id"])
        months = company.bss_payer_history_months
        since = fields.Date.subtract(fields.Date.context_today(self), months=months) if months else None
        rows = self.env.execute_query(
            SQL(
                """
                SELECT rule.id
                  FROM bss_payment_rule rule
                 WHERE rule.id = ANY(%(rules)s)
                   AND EXISTS (
                        SELECT FROM bss_payment_match paid
                         WHERE paid.payer_nrb = rule.payer_nrb
                           AND paid.company_id = rule.company_id
                           AND paid.state = 'booked'
                           AND paid.account_id IS DISTINCT FROM rule.account_id
                           AND (%(since)s::date IS NULL OR paid.date >= %(since)s::date))
                """,
                rules=list(rule_ids),
                since=since,
            )
        )
        return {row[0] for row in rows}

    @api.model
    def _bss_count_uses(self, rule_ids):
        """Count the payments that rules decided; one statement for a whole batch.

        :param rule_ids: one id for each payment, repeated as often as the rule was used
        """
        counts = Counter(rule_id for rule_id in rule_ids if rule_id)
        if not counts:
            return
        # locked in one order: two batches that use the same rules wait for each other
        self.env.execute_query(
            SQL("SELECT id FROM bss_payment_rule WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", sorted(counts))
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_payment_rule rule
                   SET use_count = COALESCE(rule.use_count, 0) + used.number,
                       last_used_at = now() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int[], %s::int[]) AS used (id, number)
                 WHERE rule.id = used.id
                """,
                list(counts),
                list(counts.values()),
            )
        )
        self.browse(counts).invalidate_recordset(["use_count", "last_used_at"])

    def action_view_payments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_payments_pl.bss_payment_match_action")
        action["domain"] = [("rule_id", "=", self.id)]
        return action
