from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..bank_core import nrb
from ..virtual_account_guard import make_guard

FROZEN = ("nrb", "account_id", "pool_id", "company_id")


class BssVirtualAccount(models.Model):
    _name = "bss.virtual.account"
    _description = "Virtual Account"
    _order = "nrb"
    _rec_name = "nrb"
    _rec_names_search = ["nrb_pretty", "account_id"]
    _check_company_auto = True

    nrb = fields.Char(
        string="Account Number", required=True, copy=False, index="trigram", help="26 digits, check digits included."
    )
    nrb_pretty = fields.Char(string="Printed Number", compute="_compute_nrb_pretty", search="_search_nrb_pretty")
    pool_id = fields.Many2one(
        "bss.virtual.account.pool", required=True, check_company=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="pool_id.company_id", store=True, precompute=True, index=True)
    account_id = fields.Many2one(
        "bss.account",
        string="Billing Account",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    is_main = fields.Boolean(
        string="Printed on Invoices",
        default=True,
        help="The number the customer is asked to pay to. Older numbers go on working for late payments.",
    )
    payment_count = fields.Integer(compute="_compute_payment_count")

    _nrb_unique = models.Constraint("UNIQUE(nrb)", "This virtual account exists already; a number is never reused.")
    _one_main = models.UniqueIndex(
        "(account_id) WHERE is_main", "The billing account has a virtual account for invoices already."
    )

    def init(self):
        make_guard(self.env.cr)

    @api.depends("nrb")
    def _compute_nrb_pretty(self):
        for virtual in self:
            virtual.nrb_pretty = nrb.pretty(virtual.nrb or "")

    def _search_nrb_pretty(self, operator, value):
        """Numbers are looked for as people copy them: with spaces, dashes, PL."""
        if isinstance(value, str):
            value = nrb.normalise(value)
        elif operator in ("in", "not in"):
            value = [nrb.normalise(item) if isinstance(item, str) else item for item in value]
        return [("nrb", operator, value)]

    def _compute_payment_count(self):
        counts = dict(
            self.env["bss.payment.match"]._read_group([("nrb", "in", self.mapped("nrb"))], ["nrb"], ["__count"])
        )
        for virtual in self:
            virtual.payment_count = counts.get(virtual.nrb, 0)

    @api.constrains("nrb", "pool_id")
    def _check_nrb(self):
        for virtual in self:
            if not nrb.is_valid(virtual.nrb):
                raise ValidationError(
                    self.env._("%(nrb)s is no valid account number (26 digits, check digits).", nrb=virtual.nrb)
                )
            if not virtual.nrb[2:].startswith(virtual.pool_id.prefix):
                raise ValidationError(
                    self.env._(
                        "%(nrb)s does not belong to pool %(pool)s (prefix %(prefix)s).",
                        nrb=virtual.nrb,
                        pool=virtual.pool_id.display_name,
                        prefix=virtual.pool_id.prefix,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("nrb"):
                vals["nrb"] = nrb.normalise(vals["nrb"])
        # another number of the account may just have stopped being the printed one
        self.flush_model(["is_main"])
        return super().create(vals_list)

    def write(self, vals):
        if any(name in vals for name in FROZEN):
            raise UserError(self.env._("A virtual account is given once and for ever; it cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Virtual accounts are kept for ever: late payments may still arrive on them."))

    def action_make_main(self):
        """Print this number on invoices from now on."""
        self.ensure_one()
        self.account_id.virtual_account_ids.filtered("is_main").is_main = False
        self.flush_model(["is_main"])
        self.is_main = True
