import uuid
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError, UserError, ValidationError

FROZEN_FIELDS = {
    "account_id",
    "amount",
    "amount_e4",
    "amount_gross",
    "company_id",
    "currency_id",
    "date_end",
    "date_start",
    "identity_key",
    "kind",
    "period_start",
    "price_kind",
    "price_unit",
    "product_id",
    "quantity",
    "service_id",
    "tax_ids",
}
# what billing itself keeps: a person changes it by cancelling, restoring and billing only
SYSTEM_FIELDS = {
    "bill_run_id",
    "bill_run_item_id",
    "change_id",
    "identity_key",
    "move_id",
    "move_line_id",
    "origin_charge_id",
    "state",
}
# what billing and rating found out, shown and not typed
FOUND_FIELDS = {
    "amount_e4",
    "amount_gross",
    "period_start",
    "price_kind",
    "usage_count",
    "usage_seconds",
    "zone_id",
}
PENDING = ("state", "pending")


class BssCharge(models.Model):
    _name = "bss.charge"
    _description = "Charge"
    _order = "date_start desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "account_id.name", "service_id.name"]

    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, check_company=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    contract_id = fields.Many2one("bss.contract", check_company=True, index="btree_not_null", ondelete="restrict")
    service_id = fields.Many2one(
        "bss.service",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('account_id', '=', account_id)]",
    )
    # no index of its own: that of the identity key begins with it
    company_id = fields.Many2one(
        "res.company",
        required=True,
        compute="_compute_from_account",
        store=True,
        readonly=False,
        precompute=True,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_from_account",
        store=True,
        readonly=False,
        precompute=True,
    )
    product_id = fields.Many2one("product.product", required=True, check_company=True, ondelete="restrict")
    kind = fields.Selection(
        [
            ("recurring", "Recurring"),
            ("one_off", "One-off"),
            ("usage", "Usage"),
            ("interest", "Interest"),
            ("correction", "Correction"),
        ],
        required=True,
        default="one_off",
    )
    name = fields.Char(
        string="Description",
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_start = fields.Date(string="From", default=polish_day.today)
    date_end = fields.Date(string="To", default=polish_day.today)
    period_start = fields.Date(
        string="Charging Period From", readonly=True, help="First day of the charging period it belongs to."
    )
    quantity = fields.Float(digits=(16, 6), default=1.0, aggregator=None)
    price_unit = fields.Float(
        string="Net Unit Price",
        digits=(16, 6),
        aggregator=None,
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(
        string="Net Amount",
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        help="Net amount that goes on the invoice, to the grosz.",
    )
    price_kind = fields.Selection(
        [("net", "Net"), ("gross", "Gross")],
        string="Price Is",
        default="net",
        readonly=True,
        help="The invoice line is exactly the amount of this kind; the other one follows from it.",
    )
    amount_gross = fields.Monetary(string="Gross Amount", readonly=True, help="Of gross prices only.")
    amount_e4 = fields.Float(
        string="Rated Sum (0.0001)",
        digits=(20, 0),
        readonly=True,
        default=0,
        aggregator="sum",
        help="Exact sum of the rated events in ten-thousandths; 0 for charges other than usage.",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        "bss_charge_tax_rel",
        "charge_id",
        "tax_id",
        string="Taxes",
        check_company=True,
        domain="[('type_tax_use', '=', 'sale')]",
        help="Empty: the taxes of the product, mapped by the customer's fiscal position.",
    )
    state = fields.Selection(
        [("pending", "To bill"), ("billed", "Billed"), ("cancelled", "Cancelled")],
        required=True,
        default="pending",
        copy=False,
        readonly=True,
    )
    identity_key = fields.Char(
        required=True,
        copy=False,
        readonly=True,
        default=lambda self: self._bss_manual_key(),
        help="The same key is never charged twice.",
    )
    bill_run_id = fields.Many2one(
        "bss.bill.run", readonly=True, copy=False, index="btree_not_null", check_company=True, ondelete="set null"
    )
    bill_run_item_id = fields.Many2one(
        "bss.bill.run.item",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
        help="The invoice to be that has claimed the charge; no other one takes it while that one waits.",
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Invoice Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    origin_charge_id = fields.Many2one(
        "bss.charge", string="Corrects", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    zone_id = fields.Many2one("bss.rate.zone", readonly=True, ondelete="restrict")
    usage_count = fields.Integer(string="Events", readonly=True)
    usage_seconds = fields.Integer(string="Seconds", readonly=True)
    source_ref = fields.Char(string="Source", copy=False)

    _identity_unique = models.Constraint("UNIQUE(company_id, identity_key)", "This charge exists already.")
    _billed_check = models.Constraint(
        "CHECK(state != 'billed' OR bill_run_id IS NOT NULL OR move_id IS NOT NULL)",
        "A billed charge needs its invoice.",
    )
    _pending = models.Index("(account_id, date_start) WHERE state = 'pending'")
    _account = models.Index("(account_id, state)")
    # none on the state or the kind alone: rows written a moment ago have no statistics, and the planner would take one
    # of these for as good as that of the item, walking all pending charges for each item
    _item_pending = models.Index("(bill_run_item_id) WHERE state = 'pending'")

    @api.depends("account_id")
    def _compute_from_account(self):
        for charge in self:
            charge.company_id = charge.account_id.company_id or charge.company_id or self.env.company
            charge.currency_id = charge.account_id.currency_id or charge.currency_id or charge.company_id.currency_id

    @api.depends("product_id")
    def _compute_name(self):
        for charge in self:
            lang = charge.account_id.partner_id.lang or self.env.lang
            charge.name = charge.name or charge.product_id.with_context(lang=lang).name or "/"

    @api.model
    def _bss_kind_badge(self, kind, text):
        """Kind of a charge in words for the list of a bill, empty where its ``text`` begins with it or none is due.

        The text is in the language of the customer, the word in that of the user.
        """
        if kind == "recurring":
            return ""
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        labels = [self.with_context(lang=code)._bss_kind_label(kind) for code in codes]
        return "" if text.startswith(tuple(labels)) else self._bss_kind_label(kind)

    @api.model
    def _bss_kind_label(self, kind):
        return dict(self._fields["kind"]._description_selection(self.env))[kind]

    @api.depends("product_id")
    def _compute_price_unit(self):
        for charge in self:
            charge.price_unit = charge.price_unit or charge.product_id.lst_price

    @api.depends("quantity", "price_unit", "currency_id")
    def _compute_amount(self):
        for charge in self:
            if charge.state == "billed" or charge.kind == "usage":
                charge.amount = charge.amount
                continue
            exact = Decimal(repr(charge.quantity)) * Decimal(repr(charge.price_unit))
            charge.amount = charge.currency_id.round(float(exact)) if charge.currency_id else float(exact)

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for charge in self:
            if charge.date_start and charge.date_end and charge.date_end < charge.date_start:
                raise ValidationError(self.env._("Charge %(name)s ends before it starts.", name=charge.name))

    @api.constrains("account_id", "service_id", "contract_id")
    def _check_account(self):
        for charge in self:
            for related in (charge.service_id, charge.contract_id):
                if related and related.account_id != charge.account_id:
                    raise ValidationError(
                        self.env._(
                            "Charge %(name)s and %(related)s belong to different accounts.",
                            name=charge.name,
                            related=related.display_name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        for vals in vals_list:
            self._bss_refuse_system_fields({name for name in vals if vals[name] and (name, vals[name]) != PENDING})
        # said here, so that defaults of the context say nothing
        own = dict.fromkeys(SYSTEM_FIELDS, False) | dict([PENDING])
        return super().create([{**vals, **own, "identity_key": self._bss_manual_key()} for vals in vals_list])

    @api.model
    def _bss_manual_key(self):
        return f"manual:{uuid.uuid4()}"

    def _bss_refuse_system_fields(self, names):
        if SYSTEM_FIELDS & set(names) and not self.env.su:
            raise AccessError(self.env._("Billing itself keeps the state, the key and the invoice of a charge."))

    def write(self, vals):
        self._bss_refuse_system_fields(vals)
        if not self.env.su and FOUND_FIELDS & set(vals):
            raise AccessError(self.env._("What billing and rating found out about a charge is not written by hand."))
        frozen = FROZEN_FIELDS & set(vals)
        if frozen and any(charge.state == "billed" for charge in self):
            raise UserError(self.env._("A billed charge cannot be changed; make a correction charge."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_pending(self):
        if any(charge.state == "billed" for charge in self):
            raise UserError(self.env._("A billed charge cannot be deleted."))

    @api.model
    def _bss_add(self, vals_list):
        """Create charges whose identity key is new; return the charges of all the keys.

        The way for other parts to hand over a charge: repeating it changes nothing.
        """
        if not vals_list:
            return self.browse()
        account_ids = {vals["account_id"] for vals in vals_list}
        companies = {account.id: account.company_id.id for account in self.env["bss.account"].browse(account_ids)}
        keys = [vals["identity_key"] for vals in vals_list if vals.get("identity_key")]
        self.check_access("create")
        known = self.search([("identity_key", "in", keys), ("company_id", "in", list(companies.values()))])
        seen = {(charge.company_id.id, charge.identity_key) for charge in known}
        new = []
        for vals in vals_list:
            key = (companies[vals["account_id"]], vals.get("identity_key"))
            if key[1] and key in seen:
                continue
            seen.add(key)
            new.append(vals)
        made = self.sudo().create(new).with_env(self.env)
        made.check_access("create")
        return known | made

    def action_cancel(self):
        """Take pending charges out of billing."""
        if any(charge.state == "billed" for charge in self):
            raise UserError(self.env._("A billed charge cannot be cancelled; make a correction charge."))
        self.check_access("write")
        self.sudo().write({"state": "cancelled", "bill_run_id": False, "bill_run_item_id": False})

    def action_restore(self):
        self.check_access("write")
        self.sudo().filtered(lambda charge: charge.state == "cancelled").write({"state": "pending"})

    def action_view_invoice(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }
