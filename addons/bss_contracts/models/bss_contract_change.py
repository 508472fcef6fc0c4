from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [
    ("annex", "Annex"),
    ("price", "Price change"),
    ("address", "Address and delivery"),
    ("number", "Number change"),
    ("relocation", "Relocation"),
    ("suspension", "Suspension"),
    ("resumption", "Resumption"),
    ("assignment", "Assignment"),
    ("termination", "Termination"),
    ("renewal", "Renewal"),
]


class BssContractChange(models.Model):
    _name = "bss.contract.change"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Contract Change"
    _order = "date_effective desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "contract_id"]

    name = fields.Char(
        string="Number",
        required=True,
        readonly=True,
        copy=False,
        default="/",
        index="trigram",
        help="Given when the change is confirmed.",
    )
    contract_id = fields.Many2one(
        "bss.contract", required=True, index=True, check_company=True, ondelete="restrict", tracking=True
    )
    account_id = fields.Many2one(related="contract_id.account_id", string="Billing Account", store=True, index=True)
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    kind = fields.Selection(KINDS, required=True, default="annex", index=True, tracking=True)
    date_signed = fields.Date(
        string="Signed On",
        default=fields.Date.context_today,
        help="Day on which the customer agreed or the declaration arrived.",
    )
    date_effective = fields.Date(
        string="Holds From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="First day of the new state, included.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("confirmed", "Confirmed"),
            ("done", "Done"),
            ("undone", "Undone"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    line_ids = fields.One2many("bss.contract.change.line", "change_id", string="What changes", copy=True)
    reason = fields.Char(help="Why, in words that may stand on the document.")
    note = fields.Text(string="Internal Note")
    preview_html = fields.Html(
        string="Effect on the Next Bill",
        readonly=True,
        copy=False,
        sanitize=False,
        help="The next bill before and after the change.",
    )
    document_id = fields.Many2one(
        "bss.document", readonly=True, copy=False, index="btree_not_null", check_company=True, ondelete="restrict"
    )

    _name_unique = models.UniqueIndex(
        "(company_id, name) WHERE name != '/'", "A contract change with this number exists already."
    )

    @api.depends("name", "kind", "contract_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for change in self:
            label = kinds.get(change.kind, "")
            change.display_name = label if change.name == "/" else f"{change.name} {label}"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(change.state != "draft" for change in self):
            raise UserError(self.env._("Only a draft change can be deleted; undo a confirmed one before its date."))
