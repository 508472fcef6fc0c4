from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError, UserError

from .. import adapters
from ..correction_core import effect_rule

# what a person says is wrong with one invoice
WAYS = [
    ("zero", "To zero"),
    ("quantity", "Quantity"),
    ("price", "Price"),
    ("value", "Value"),
    ("tax", "VAT rate"),
    ("buyer", "Data of the buyer"),
]
KINDS = [
    *WAYS,
    ("collective", "Collective"),
    ("automatic", "Automatic"),
]
REASONS = [
    ("complaint", "Complaint accepted"),
    ("outage", "Interruption of the service"),
    ("discount", "Discount granted after the sale"),
    ("price_error", "Wrong price"),
    ("quantity_error", "Wrong quantity"),
    ("tax_error", "Wrong VAT rate"),
    ("not_due", "Service not provided"),
    ("wrong_buyer", "Wrong data of the buyer"),
    ("change", "Settlement of a change of the service"),
    ("other", "Other"),
]
# the original was wrong from the start
ERRORS = ("price_error", "quantity_error", "tax_error", "not_due", "wrong_buyer")
MANAGER = "bss_catalog.group_bss_billing_manager"
# what issuing itself finds out
SYSTEM_FIELDS = {"state", "move_id", "position", "issued_at", "issued_by_id"}
# what the lines of a collective correction are calculated from
PERIOD_FIELDS = ("account_id", "date_from", "date_to")
DISCOUNT_FIELDS = ("original_ids", "discount_kind", "discount_percent", "discount_amount")


class BssInvoiceCorrection(models.Model):
    """A corrective invoice (art. 106j of the VAT act): what it changes, why, and its place in the chain.

    A clerk may prepare one as a draft; only a billing manager issues it, because the corrective invoice is posted at
    once. Everybody who sees billing sees the corrections. The automatic ones, of bill runs, are issued from the start.
    """

    _name = "bss.invoice.correction"
    _description = "Invoice Correction"
    _order = "id desc"
    _check_company_auto = True
    _rec_name = "display_name"

    kind = fields.Selection(KINDS, required=True, default="value", index=True)
    way = fields.Selection(WAYS, string="What Is Wrong", compute="_compute_way", inverse="_inverse_way", readonly=False)
    state = fields.Selection(
        [("draft", "Draft"), ("issued", "Issued"), ("cancelled", "Cancelled")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, index=True, check_company=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    original_ids = fields.Many2many(
        "account.move",
        "bss_invoice_correction_original_rel",
        "correction_id",
        "move_id",
        string="Corrected Invoices",
        check_company=True,
        domain="[('bss_account_id', '=', account_id), ('move_type', '=', 'out_invoice'), ('state', '=', 'posted'),"
        " ('bss_correction_id', '=', False)]",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Corrective Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
    )
    position = fields.Integer(
        string="Place in the Chain",
        readonly=True,
        copy=False,
        aggregator=None,
        help="1 for the first correction of the invoice; each one starts from the state that the one before left.",
    )
    date = fields.Date(string="Date of Issue", required=True, default=polish_day.today)
    reason_code = fields.Selection(REASONS, string="Usual Reason")
    reason = fields.Char(
        string="Reason of the Correction",
        size=256,
        compute="_compute_reason",
        store=True,
        readonly=False,
        help="Printed on the corrective invoice, in the language of the customer, and told to KSeF.",
    )
    effect_rule = fields.Selection(
        [
            ("1", "In the period of the original invoice"),
            ("2", "In the period of the corrective invoice"),
            ("3", "In another period, or differing by line"),
        ],
        string="Counts for VAT",
        compute="_compute_effect_rule",
        store=True,
        readonly=False,
        help="A decrease counts when it is invoiced (art. 29a sec. 13 of the VAT act); an increase in the period of the "
        "original invoice where it was wrong from the start, else when its cause came (sec. 17).",
    )
    line_ids = fields.One2many("bss.invoice.correction.line", "correction_id", string="Lines")
    # collective
    date_from = fields.Date(string="Invoices From")
    date_to = fields.Date(string="Invoices To")
    discount_kind = fields.Selection([("percent", "Percentage"), ("amount", "Amount")], default="percent")
    discount_percent = fields.Float(string="Discount (%)", digits=(5, 2), aggregator=None)
    discount_amount = fields.Monetary(
        help="Of all invoices together, in the kind of their prices: net, or gross where prices are gross."
    )
    # buyer
    buyer_before = fields.Json(readonly=True, copy=False)
    buyer_name = fields.Char(string="Name")
    buyer_vat = fields.Char(string="Tax ID")
    buyer_street = fields.Char(string="Street")
    buyer_zip = fields.Char(string="ZIP")
    buyer_city = fields.Char(string="City")
    issued_at = fields.Datetime(readonly=True, copy=False)
    issued_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    amount_untaxed = fields.Monetary(string="Net Difference", readonly=True, copy=False)
    amount_tax = fields.Monetary(string="VAT Difference", readonly=True, copy=False)
    amount_total = fields.Monetary(string="Gross Difference", readonly=True, copy=False)
    buyer_before_text = fields.Text(compute="_compute_buyer_before_text", string="Before")
    effect_html = fields.Html(
        string="Effect", compute="_compute_effect_html", sanitize=False, help="What is on the books once it is issued."
    )

    _issued_check = models.Constraint(
        "CHECK(state != 'issued' OR (position > 0 AND reason IS NOT NULL))",
        "An issued correction has a reason and a place in the chain.",
    )

    @api.depends("move_id.name", "original_ids", "state")
    def _compute_display_name(self):
        for correction in self:
            originals = ", ".join(correction.original_ids.sudo().mapped("name")[:3])
            if correction.state == "issued":
                correction.display_name = correction.move_id.sudo().name or originals
            else:
                correction.display_name = self.env._("Correction of %(invoices)s", invoices=originals or "…")

    @api.depends("buyer_before")
    def _compute_buyer_before_text(self):
        for correction in self:
            before = correction.buyer_before or {}
            place = " ".join(part for part in (before.get("zip"), before.get("city")) if part)
            parts = (before.get("name"), before.get("vat"), before.get("street"), place)
            correction.buyer_before_text = ", ".join(part for part in parts if part)

    @api.depends("kind")
    def _compute_way(self):
        for correction in self:
            correction.way = correction.kind if correction.kind in dict(WAYS) else False

    def _inverse_way(self):
        for correction in self.filtered("way"):
            correction.kind = correction.way

    @api.depends("reason_code", "account_id")
    def _compute_reason(self):
        for correction in self:
            code = correction.reason_code
            if code == "other":
                correction.reason = False
            elif code:
                lang = correction.account_id.partner_id.lang or self.env.lang
                labels = self._fields["reason_code"]._description_selection(self.with_context(lang=lang).env)
                correction.reason = dict(labels)[code]

    @api.depends("kind", "reason_code", "line_ids.amount_after", "line_ids.amount_before", "line_ids.tax_after_id")
    def _compute_effect_rule(self):
        for correction in self:
            if correction.state != "draft" or correction.kind == "automatic":
                continue
            change = correction._bss_change()
            wrong = correction.reason_code in ERRORS
            correction.effect_rule = effect_rule(correction.kind, change, is_error=wrong) or False

    def _bss_change(self):
        """Difference of the amounts; of VAT where its rate is corrected, as the amounts may stay."""
        self.ensure_one()
        if self.kind == "tax":
            return sum((vat for pieces in self._bss_pieces().values() for _tax, _net, vat in pieces), Decimal(0))
        return sum((adapters.decimal(line.amount_after - line.amount_before) for line in self.line_ids), Decimal(0))

    # --- who may do what

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._bss_refuse_system_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._bss_refuse_system_fields(vals)
            self._bss_refuse_issued()
        result = super().write(vals)
        if not vals.keys().isdisjoint(DISCOUNT_FIELDS + PERIOD_FIELDS):
            # lines of another discount than the one on the screen must not be issued
            self.filtered(lambda one: one.kind == "collective" and one.state == "draft").line_ids.unlink()
        return result

    def _bss_refuse_system_fields(self, vals):
        names = {name for name in SYSTEM_FIELDS & set(vals) if vals[name] and (name, vals[name]) != ("state", "draft")}
        if names or vals.get("kind") == "automatic":
            raise AccessError(self.env._("Issuing itself keeps the state and the document of a correction."))

    def _bss_refuse_issued(self):
        if any(correction.state == "issued" for correction in self):
            raise UserError(
                self.env._("An issued correction does not change. Correct the same invoice again: it starts from here.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        self._bss_refuse_issued()

    def action_cancel(self):
        """Give a prepared correction up."""
        self.check_access("write")
        self._bss_refuse_issued()
        self.sudo().write({"state": "cancelled"})

    # --- preparing

    @api.onchange("way")
    def _onchange_way(self):
        if not self.way or self.way == self.kind:
            return
        self.kind = self.way
        for line in self.line_ids:
            line._bss_start_over()
        usual = {"buyer": "wrong_buyer", "tax": "tax_error"}
        self.reason_code = usual.get(self.kind) or (self.reason_code not in usual.values() and self.reason_code)

    @api.onchange(*PERIOD_FIELDS)
    def _onchange_period(self):
        if self.kind == "collective":
            self.original_ids = False
            self.line_ids = False

    @api.onchange(*DISCOUNT_FIELDS)
    def _onchange_discount(self):
        if self.kind == "collective":
            self.line_ids = False

    def action_refresh(self):
        """Begin again from what the invoices say today."""
        self.check_access("write")
        for correction in self:
            correction._bss_refuse_issued()
            correction.line_ids.unlink()
            correction._bss_fill()

    def _bss_fill(self):
        """Lines of the originals as they stand; of a collective correction with its discount."""
        self.ensure_one()
        if self.kind == "collective":
            self._bss_choose_originals()
        self.original_ids._bss_check_correctable()
        lines = self.original_ids.sudo().line_ids.filtered(lambda line: line.display_type == "product")
        lines = lines.sorted(lambda line: (line.move_id.invoice_date, line.move_id.id, line.sequence, line.id))
        vals = lines._bss_correction_line_vals()
        if self.kind == "collective":
            vals = [one for one in vals if one["amount_before"] > 0]
        self.line_ids = [(0, 0, {**one, "correction_id": self.id}) for one in vals]
        if self.kind == "collective":
            self._bss_spread_discount()
        else:
            self.line_ids._bss_start_over()
        if self.kind != "collective":
            self._bss_fill_buyer()

    def _bss_fill_buyer(self):
        original = self.original_ids[:1].sudo()
        before = original._bss_buyer_of_chain()
        now = original.commercial_partner_id
        self.sudo().write(
            {
                "buyer_before": before,
                "buyer_name": now.name,
                "buyer_vat": now.vat,
                "buyer_street": ", ".join(part for part in (now.street, now.street2) if part),
                "buyer_zip": now.zip,
                "buyer_city": now.city,
            }
        )

    def action_view_move(self):
        self.ensure_one()
        return self.move_id._bss_form_action()

    def action_view_originals(self):
        self.ensure_one()
        if len(self.original_ids) == 1:
            return self.original_ids._bss_form_action()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.account_move_bss_action")
        return {**action, "domain": [("id", "in", self.original_ids.ids)], "context": {}}
