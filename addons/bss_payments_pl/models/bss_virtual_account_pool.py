from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..bank_core import nrb

#: Odoo's integers: no sequence counts further
MAX_NUMBER = 2**31 - 1
#: percent of a pool from which on a new one is to be asked for
NEAR_END = 90


class BssVirtualAccountPool(models.Model):
    _name = "bss.virtual.account.pool"
    _description = "Virtual Account Pool"
    _order = "is_default desc, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank Journal",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
    )
    prefix = fields.Char(
        required=True,
        help="Digits after the two check digits: clearing number of the bank (8) and the client code it gave you.",
    )
    payer_length = fields.Integer(
        string="Digits of the Payer Number", compute="_compute_payer_length", help="24 less the prefix."
    )
    number_source = fields.Selection(
        [("sequence", "Sequence"), ("account", "Billing account number")],
        string="Payer Number",
        required=True,
        default="sequence",
        help="Sequence: the next free number. Billing account number: its digits, so that customers know them.",
    )
    next_number = fields.Integer(string="Next Payer Number", default=1, required=True, copy=False)
    is_default = fields.Boolean(
        string="For New Accounts", default=True, help="New billing accounts of the company get a number of this pool."
    )
    virtual_account_ids = fields.One2many("bss.virtual.account", "pool_id", string="Virtual Accounts")
    virtual_account_count = fields.Integer(compute="_compute_counts")
    capacity = fields.Float(string="Numbers in the Pool", compute="_compute_fill", digits=(16, 0))
    free_count = fields.Float(string="Free", compute="_compute_fill", digits=(16, 0))
    fill_percent = fields.Float(string="Used (%)", compute="_compute_fill", digits=(5, 1))
    is_near_end = fields.Boolean(
        compute="_compute_fill", help="Little is left: ask the bank for another prefix before new accounts get none."
    )
    missing_count = fields.Integer(
        string="Accounts Without a Number",
        compute="_compute_counts",
        help="Active billing accounts of the company that have no virtual account yet.",
    )
    example = fields.Char(compute="_compute_example", string="Next Virtual Account")

    _prefix_unique = models.Constraint("UNIQUE(prefix)", "A pool with this prefix exists already.")
    _one_default = models.UniqueIndex(
        "(company_id) WHERE is_default AND active", "The company has a pool for new accounts already."
    )
    _next_number_positive = models.Constraint("CHECK(next_number >= 0)", "Payer numbers start at zero.")

    @api.depends("prefix")
    def _compute_payer_length(self):
        for pool in self:
            pool.payer_length = 24 - len(pool.prefix or "")

    @api.depends("virtual_account_ids", "company_id")
    def _compute_counts(self):
        counts = dict(
            self.env["bss.virtual.account"]._read_group([("pool_id", "in", self.ids)], ["pool_id"], ["__count"])
        )
        missing = {
            company.id: self.env["bss.account"].search_count(
                [("company_id", "=", company.id), ("state", "=", "active"), ("virtual_account_ids", "=", False)]
            )
            for company in self.company_id
        }
        for pool in self:
            pool.virtual_account_count = counts.get(pool._origin, 0)
            pool.missing_count = missing.get(pool.company_id.id, 0)

    @api.depends("prefix", "next_number", "number_source", "virtual_account_count")
    def _compute_fill(self):
        for pool in self:
            numbers = 10 ** max(pool.payer_length, 0)
            sequence = pool.number_source == "sequence"
            pool.capacity = min(numbers, MAX_NUMBER) if sequence else numbers
            # a sequence never goes back to what it has passed
            used = max(pool.next_number, pool.virtual_account_count) if sequence else pool.virtual_account_count
            pool.free_count = max(pool.capacity - used, 0)
            pool.fill_percent = min(100.0 * used / pool.capacity, 100.0)
            pool.is_near_end = pool.fill_percent >= NEAR_END

    @api.depends("prefix", "next_number", "number_source")
    def _compute_example(self):
        for pool in self:
            if pool.number_source == "account":
                pool.example = False
                continue
            pool.example = nrb.pretty(nrb.virtual_nrb(pool.prefix or "", pool.next_number).nrb)

    @api.constrains("prefix")
    def _check_prefix(self):
        messages = {
            "PREFIX_CHARACTERS": self.env._("the prefix may hold digits only"),
            "PREFIX_LENGTH": self.env._("it needs 8 to 23 digits"),
            "PREFIX_CLEARING": self.env._("its first 8 digits are no clearing number (wrong check digit)"),
        }
        for pool in self:
            problem = nrb.prefix_problem(pool.prefix)
            if problem:
                raise ValidationError(
                    self.env._(
                        "Prefix %(prefix)s cannot be used: %(problem)s.",
                        prefix=pool.prefix,
                        problem=messages[problem],
                    )
                )

    @api.constrains("journal_id", "company_id")
    def _check_journal(self):
        for pool in self:
            if pool.journal_id.type != "bank" or pool.journal_id.company_id != pool.company_id:
                raise ValidationError(
                    self.env._("A pool needs a bank journal of its company: %(journal)s.", journal=pool.journal_id.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        # another pool may just have stopped being the one for new accounts
        self.flush_model(["is_default", "active"])
        return super().create(vals_list)

    def write(self, vals):
        if "prefix" in vals:
            used = self.filtered(lambda pool: pool.prefix != vals["prefix"] and pool.sudo().virtual_account_ids)
            if used:
                raise UserError(
                    self.env._("Pool %(name)s has given numbers out; its prefix stays.", name=used[0].display_name)
                )
        if "company_id" in vals:
            moved = self.filtered(
                lambda pool: pool.company_id.id != vals["company_id"] and pool.sudo().virtual_account_ids
            )
            if moved:
                raise UserError(
                    self.env._(
                        "Pool %(name)s has given numbers out; it stays with its company.", name=moved[0].display_name
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for pool in self:
            if pool.virtual_account_ids:
                raise UserError(
                    self.env._("Pool %(name)s has given numbers out; archive it instead.", name=pool.display_name)
                )

    def action_allocate_missing(self):
        """Give every active billing account of the company that has none a virtual account."""
        self.ensure_one()
        self.check_access("write")
        given = self.sudo()._bss_give()
        message = self.env._("Virtual accounts given: %(count)s", count=len(given.ids))
        if given.misfits:
            shown = ", ".join(name for _account, name in given.misfits[:10])
            message += "\n" + self.env._(
                "%(count)s account numbers do not fit or are taken: %(names)s", count=len(given.misfits), names=shown
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if given.misfits else "success",
                "sticky": bool(given.misfits),
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_view_virtual_accounts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_payments_pl.bss_virtual_account_action")
        action["domain"] = [("pool_id", "=", self.id)]
        action["context"] = {"default_pool_id": self.id}
        return action
