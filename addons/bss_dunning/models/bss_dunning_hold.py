from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import format_date

KINDS = [
    ("manual", "By a person"),
    ("promise", "Promise to pay"),
    ("instalment", "Instalment plan"),
    ("dispute", "Dispute"),
    ("bankruptcy", "Bankruptcy or restructuring"),
    ("deceased", "Customer deceased"),
    ("address", "Address unknown"),
    ("vip", "Key customer"),
]
# Kinds that take (parts of) documents out of the demand; all others stop the whole case
DOCUMENT_KINDS = frozenset({"instalment", "dispute"})
# Facts about the customer: they outlive the debt that they were recorded with
STANDING_KINDS = frozenset({"bankruptcy", "deceased", "address", "vip"})
# Facts about a person: recorded with one account, they stop the cases of all accounts of this customer
PERSONAL_KINDS = frozenset({"bankruptcy", "deceased"})
# Ended by their own rules, never by the calendar alone
RULED_KINDS = frozenset({"promise", "instalment"})


class BssDunningHold(models.Model):
    """Why a case, or part of its documents, is left alone: from when, until when, and how it ended."""

    _name = "bss.dunning.hold"
    _inherit = ["bss.dunning.guard.mixin"]
    _description = "Dunning Hold"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    case_id = fields.Many2one(
        "bss.dunning.case", required=True, index=True, ondelete="cascade", check_company=True, readonly=True
    )
    account_id = fields.Many2one(
        related="case_id.account_id", store=True, index=True, string="Billing Account", precompute=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, required=True, default="manual", readonly=True, index=True)
    scope = fields.Selection(
        [("case", "Whole case"), ("documents", "Documents")],
        compute="_compute_scope",
        store=True,
        precompute=True,
        help="A hold of the whole case stops every step; one of documents takes only their amounts out of the demand.",
    )
    date_from = fields.Date(required=True, default=polish_day.today, readonly=True)
    date_until = fields.Date(readonly=True, index="btree_not_null", help="Last day; empty: until it is released.")
    date_ended = fields.Date(readonly=True)
    state = fields.Selection(
        [
            ("active", "Active"),
            ("released", "Released"),
            ("expired", "Expired"),
            ("kept", "Kept"),
            ("broken", "Broken"),
        ],
        required=True,
        default="active",
        readonly=True,
        index=True,
    )
    reason = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Recorded By", default=lambda self: self.env.user, readonly=True, ondelete="restrict"
    )
    line_ids = fields.One2many("bss.dunning.hold.line", "hold_id", string="Documents", readonly=True)
    amount = fields.Monetary(
        compute="_compute_amount", store=True, string="Withheld", help="What is taken out of the demand."
    )

    _case_active = models.Index("(case_id) WHERE state = 'active'")

    @api.depends("kind")
    def _compute_scope(self):
        for hold in self:
            hold.scope = "documents" if hold.kind in DOCUMENT_KINDS else "case"

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for hold in self:
            hold.amount = sum(hold.line_ids.mapped("amount"))

    @api.depends("kind", "case_id", "date_until")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for hold in self:
            label = f"{hold.case_id.name}: {kinds.get(hold.kind, '')}"
            until = format_date(self.env, hold.date_until) if hold.date_until else ""
            hold.display_name = f"{label} – {until}" if until else label

    def _bss_guard_words(self):
        return self.env._("Holds are made and ended by their buttons: hold, release.")

    # Ending

    def action_release(self):
        """End by hand what no rule of its own ends."""
        self.check_access("write")
        ruled = self.filtered(lambda hold: hold.state == "active" and hold.kind in RULED_KINDS)
        if ruled:
            raise UserError(
                self.env._(
                    "%(hold)s ends by its own rule: cancel the promise or the plan instead.", hold=ruled[0].display_name
                )
            )
        self._bss_end("released")

    def _bss_end(self, state, as_of=None):
        """The one way in which holds end before their day; their cases go on where they were left.

        :param state: released, expired, kept or broken
        :return: the holds that were still active
        """
        active = self.sudo().filtered(lambda hold: hold.state == "active")
        active |= active._bss_same_facts()
        active.write({"state": state, "date_ended": as_of or polish_day.today()})
        cases = active.case_id
        words = dict(self._fields["state"]._description_selection(self.env))
        cases._message_log_batch(
            bodies={
                case.id: ", ".join(f"{hold.display_name}: {words[state]}" for hold in holds)
                for case, holds in active.grouped("case_id").items()
            }
        )
        cases._bss_apply_holds()
        cases._bss_replan()
        return active

    def _bss_same_facts(self):
        """Active holds that say of the same customers, with their other accounts, what these holds say."""
        found = self.browse()
        personal = self.filtered(lambda hold: hold.kind in PERSONAL_KINDS)
        for (company, kind), holds in personal.grouped(lambda hold: (hold.company_id, hold.kind)).items():
            found |= self.search(
                [
                    ("state", "=", "active"),
                    ("kind", "=", kind),
                    ("company_id", "=", company.id),
                    ("account_id.partner_id.commercial_partner_id", "in", holds.partner_id.commercial_partner_id.ids),
                ]
            )
        return found
