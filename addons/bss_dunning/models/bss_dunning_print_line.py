from odoo import fields, models

from .bss_document_returned import RETURN_REASONS
from .bss_dunning_template import FRANKINGS


class BssDunningPrintLine(models.Model):
    _name = "bss.dunning.print.line"
    _description = "Letter of a Print Batch"
    _order = "batch_id desc, sequence"
    _log_access = False
    _check_company_auto = True

    batch_id = fields.Many2one(
        "bss.dunning.print.batch", required=True, index=True, ondelete="cascade", check_company=True, readonly=True
    )
    part_id = fields.Many2one(
        "bss.dunning.print.part", string="File", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    document_id = fields.Many2one("bss.document", required=True, readonly=True, ondelete="restrict")
    account_id = fields.Many2one(related="document_id.account_id", string="Billing Account")
    partner_id = fields.Many2one(related="document_id.partner_id", string="Customer")
    sequence = fields.Integer(readonly=True)
    state = fields.Selection(
        [
            ("ready", "Ready"),
            ("left_out", "Left out"),
            ("sent", "Posted"),
            ("delivered", "Delivered"),
            ("returned", "Returned"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    franking = fields.Selection(FRANKINGS, readonly=True)
    page_from = fields.Integer(string="First Page", readonly=True)
    pages = fields.Integer(readonly=True)
    sheets = fields.Integer(readonly=True)
    envelope = fields.Char(readonly=True)
    duplex = fields.Boolean(readonly=True)
    inserts = fields.Char(readonly=True)
    postage = fields.Monetary(readonly=True)
    name = fields.Char(readonly=True)
    name2 = fields.Char(string="Name, Second Line", readonly=True)
    street = fields.Char(readonly=True)
    post_code = fields.Char(readonly=True)
    city = fields.Char(readonly=True)
    country = fields.Char(readonly=True)
    barcode = fields.Char(readonly=True, index=True)
    sha256 = fields.Char(string="SHA-256", readonly=True)
    problem = fields.Char(readonly=True)
    sent_on = fields.Date(string="Posted On", readonly=True)
    tracking_no = fields.Char(string="Tracking Number", readonly=True)
    delivered_on = fields.Date(readonly=True)
    returned_on = fields.Date(readonly=True)
    return_reason = fields.Selection(RETURN_REASONS, readonly=True)

    _document_unique = models.Constraint("UNIQUE(document_id)", "This letter is in a print batch already.")
