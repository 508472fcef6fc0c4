from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..adapters.facts import OWN_KEYS
from ..bank_core import matching

#: reasons that speak of a key of the payment's own: nothing is to be learned from its payer
NO_LESSON = frozenset(
    {
        *OWN_KEYS,
        "UNKNOWN_VIRTUAL_ACCOUNT",
        "DAMAGED_ACCOUNT_NUMBER",
        "REVERSAL_OF_CREDIT",
        "REVERSAL_OF_DEBIT",
    }
)


class BssPaymentMatch(models.Model):
    _inherit = "bss.payment.match"

    rule_id = fields.Many2one(
        "bss.payment.rule",
        string="Matching Rule",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    def _bss_make_rule(self, words=False):
        """The decision of each payment as a rule for the next ones.

        :param words: words of the title that must come again, a text; without them the payer's bank
            account alone decides
        :return: the rules, new ones and those that were there; a rule switched off is switched on again
        :raises UserError: nothing was decided yet, or there is nothing to recognise the next payment by
        """
        self._bss_check_may_rule()
        rules = self.env["bss.payment.rule"]
        for match in self:
            if match.state not in ("booked", "rejected") or (match.state == "booked" and not match.account_id):
                raise UserError(self.env._("Decide payment “%(name)s” first.", name=match.display_name))
            if not match.payer_nrb and not words:
                raise UserError(
                    self.env._(
                        "Payment “%(name)s” shows no bank account of its payer: name words of its title.",
                        name=match.display_name,
                    )
                )
            vals = match._bss_rule_vals(words)
            found = match._bss_same_rule(vals)
            if found:
                # asked for: it holds whomever else the payer pays for
                found.write({"active": True, "is_learned": False})
            rules |= found or rules.sudo().create(vals)
        return rules.with_env(self.env)

    def _bss_check_may_rule(self):
        user = self.env.user
        if not self.env.su and not (
            user.has_group("bss_catalog.group_bss_billing_manager") or user.has_group("account.group_account_invoice")
        ):
            raise AccessError(self.env._("Matching rules need the rights of a billing manager or an accountant."))

    def _bss_rule_vals(self, words=False):
        self.ensure_one()
        return {
            "company_id": self.company_id.id,
            "payer_nrb": self.payer_nrb or False,
            "payer_name": (self.payer_name or False) if not self.payer_nrb else False,
            "words": words or False,
            "kind": "assign" if self.state == "booked" else "not_payment",
            "account_id": self.account_id.id if self.state == "booked" else False,
            "match_id": self.id,
        }

    def _bss_same_rule(self, vals):
        rules = self.env["bss.payment.rule"].sudo().with_context(active_test=False)
        vals = rules._bss_clean(dict(vals))
        same = ("company_id", "payer_nrb", "words", "kind", "account_id")
        return rules.search([(name, "=", vals[name]) for name in same] + [("journal_id", "=", False)], limit=1)

    # --- what the system learns by itself

    def _bss_book(self, manual=False):
        learning = self.filtered(lambda match: match._bss_teaches()) if manual else self.browse()
        if manual:
            self.sudo().with_context(bss_booking=True).filtered("rule_id").rule_id = False
        result = super()._bss_book(manual=manual)
        learning.sudo()._bss_learn()
        return result

    def _bss_teaches(self):
        """Nothing but the payer's bank account recognises this payment."""
        return bool(
            self.company_id.sudo().bss_learn_rules
            and self.payer_nrb
            and self.amount > 0
            and self.reason not in NO_LESSON
            and not self.nrb
            and not self.payer_key
            and not self.invoice_ids
            and NO_LESSON.isdisjoint(self.candidate_ids.mapped("reason"))
        )

    def _bss_learn(self):
        """Rules from decisions made by hand.

        A payer that paid for somebody else before teaches nothing, and what was learned of him is
        switched off: an accountant's or a family's bank account pays for several customers.
        """
        rules = self.env["bss.payment.rule"]
        for match in self:
            learned = rules.search(
                [
                    ("payer_nrb", "=", match.payer_nrb),
                    ("company_id", "=", match.company_id.id),
                    ("is_learned", "=", True),
                    ("account_id", "!=", match.account_id.id),
                ]
            )
            learned._bss_switch_off(
                self.env._(
                    "The payer paid for %(account)s as well (payment of %(date)s).",
                    account=match.account_id.name,
                    date=match.date,
                )
            )
            if learned or match._bss_paid_for_others() or match._bss_same_rule(match._bss_rule_vals()):
                continue
            rules.create(match._bss_rule_vals() | {"is_learned": True})

    def _bss_paid_for_others(self):
        self.ensure_one()
        return bool(
            self.search_count(
                [
                    ("payer_nrb", "=", self.payer_nrb),
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "booked"),
                    ("account_id", "!=", self.account_id.id),
                ],
                limit=1,
            )
        )

    def _bss_reopen(self, user_id=False):
        """A decision taken back takes the rule made from it along."""
        self._bss_switch_off_rules(self.env._("The booking it was made from was undone."))
        self.sudo().rule_id = False
        return super()._bss_reopen(user_id)

    def action_reopen(self):
        result = super().action_reopen()
        self._bss_switch_off_rules(self.env._("The decision it was made from was taken back."))
        return result

    def _bss_switch_off_rules(self, reason):
        """A rule that these decisions made would go on deciding."""
        self.env["bss.payment.rule"].sudo().search([("match_id", "in", self.ids)])._bss_switch_off(reason)

    def action_make_rule(self):
        """Button: the decision of this payment as a rule, opened to be completed."""
        self.ensure_one()
        rule = self._bss_make_rule(words=False if self.payer_nrb else self._bss_title_words())
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.payment.rule",
            "res_id": rule.id,
            "view_mode": "form",
        }

    def _bss_title_words(self):
        """Words of the title without numbers: those come again next month."""
        words = matching.name_key(self.title or "").split()
        return " ".join(word for word in words if word.isalpha() and len(word) > 2)
