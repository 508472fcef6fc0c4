from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..bank_core import nrb


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
    next_number = fields.Integer(string="Next Payer Number", default=1, required=True, copy=False)
    is_default = fields.Boolean(
        string="For New Accounts", default=True, help="New billing accounts of the company get a number of this pool."
    )
    virtual_account_ids = fields.One2many("bss.virtual.account", "pool_id", string="Virtual Accounts")
    virtual_account_count = fields.Integer(compute="_compute_counts")
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

    @api.depends("prefix", "next_number")
    def _compute_example(self):
        for pool in self:
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
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for pool in self:
            if pool.virtual_account_ids:
                raise UserError(
                    self.env._("Pool %(name)s has given numbers out; archive it instead.", name=pool.display_name)
                )

    def _bss_take_numbers(self, count):
        """``count`` unused virtual account numbers; the pool's row is locked until the commit."""
        self.ensure_one()
        self.flush_recordset(["next_number"])
        self.env["bss.virtual.account"].flush_model(["nrb"])
        numbers = []
        while len(numbers) < count:
            wanted = count - len(numbers)
            first = (
                self.env.execute_query(
                    SQL(
                        "UPDATE bss_virtual_account_pool SET next_number = next_number + %s WHERE id = %s"
                        " RETURNING next_number",
                        wanted,
                        self.id,
                    )
                )[0][0]
                - wanted
            )
            made = [nrb.virtual_nrb(self.prefix, number) for number in range(first, first + wanted)]
            if any(result.code for result in made):
                raise UserError(
                    self.env._("Pool %(name)s is used up: no payer numbers are left.", name=self.display_name)
                )
            # numbers entered by hand (taken over from an older system) are skipped
            taken = {
                row[0]
                for row in self.env.execute_query(
                    SQL("SELECT nrb FROM bss_virtual_account WHERE nrb IN %s", tuple(result.nrb for result in made))
                )
            }
            numbers += [result.nrb for result in made if result.nrb not in taken]
        self.invalidate_recordset(["next_number"])
        return numbers

    def action_allocate_missing(self):
        """Give every active billing account of the company that has none a virtual account."""
        self.ensure_one()
        accounts = self.env["bss.account"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "active"),
                ("virtual_account_ids", "=", False),
            ]
        )
        made = accounts._bss_make_virtual_accounts(self)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Virtual accounts given: %(count)s", count=len(made)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_view_virtual_accounts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_payments_pl.bss_virtual_account_action")
        action["domain"] = [("pool_id", "=", self.id)]
        action["context"] = {"default_pool_id": self.id}
        return action
