import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import file_path

from ..report import typst_engine

FROZEN_FIELDS = frozenset(
    {
        "name",
        "kind",
        "account_id",
        "partner_id",
        "company_id",
        "res_model",
        "res_id",
        "attachment_id",
        "sha256",
        "size",
        "issued_at",
        "content_key",
    }
)


class BssDocument(models.Model):
    """Archive of issued documents: the bytes as the customer got them, with their way to him."""

    _name = "bss.document"
    _description = "Issued document"
    _order = "issued_at desc, id desc"
    _rec_names_search = ["name", "account_id.name", "partner_id.name"]
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, index="trigram")
    kind = fields.Selection(
        [("invoice", "Invoice"), ("reminder", "Reminder"), ("demand", "Demand for payment"), ("other", "Other")],
        required=True,
        default="other",
        index=True,
    )
    account_id = fields.Many2one(
        "bss.account", string="Billing account", index="btree_not_null", ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one("res.partner", string="Customer", index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    res_model = fields.Char(string="Model of the source")
    res_id = fields.Many2oneReference(string="Source", model_field="res_model")
    attachment_id = fields.Many2one("ir.attachment", string="File", required=True, ondelete="restrict", index=True)
    sha256 = fields.Char(string="SHA-256", required=True)
    size = fields.Integer(string="Size (bytes)")
    content_key = fields.Char(
        default="", help="Tells versions of one document apart, for example the number that KSeF gave afterwards."
    )
    issued_at = fields.Datetime(string="Issued", required=True, default=fields.Datetime.now, index=True)
    channel = fields.Selection(
        [("email", "E-mail"), ("post", "Post"), ("portal", "Customer portal"), ("none", "None")],
        string="Delivery",
        required=True,
        default="none",
    )
    sent_at = fields.Datetime(string="Sent", copy=False)
    delivered_at = fields.Datetime(string="Delivered", copy=False)
    state = fields.Selection(
        [("issued", "Issued"), ("sent", "Sent"), ("delivered", "Delivered"), ("returned", "Returned")],
        required=True,
        default="issued",
        index=True,
        copy=False,
    )
    note = fields.Text(string="Notes")

    _source = models.Index("(res_model, res_id)")
    _invoice_once = models.UniqueIndex(
        "(res_model, res_id, content_key) WHERE kind = 'invoice'", "This version of the invoice is archived already."
    )

    # --- archive

    @api.model
    def _bss_archive(self, kind, name, pdf_bytes, record, account, channel, content_key="", issued_at=None):
        """Freeze ``pdf_bytes``: attachment, hash, number, recipient and delivery way."""
        channel = channel if channel in dict(self._fields["channel"].selection) else "none"
        partner = account.partner_id or (record.partner_id if "partner_id" in record._fields else None)
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{name.replace('/', '-')}.pdf",
                    "raw": pdf_bytes,
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "company_id": (account.company_id or self.env.company).id,
                }
            )
        )
        document = self.sudo().create(
            {
                "name": name,
                "kind": kind,
                "account_id": account.id,
                "partner_id": partner.id if partner else False,
                "company_id": (account.company_id or self.env.company).id,
                "res_model": record._name,
                "res_id": record.id,
                "attachment_id": attachment.id,
                "sha256": hashlib.sha256(pdf_bytes).hexdigest(),
                "size": len(pdf_bytes),
                "channel": channel,
                "content_key": content_key or "",
                **({"issued_at": issued_at} if issued_at else {}),
            }
        )
        attachment.with_context(bss_archiving=True).res_id = document.id
        return document.with_env(self.env)

    @api.model
    def _bss_render_typst(self, template_path, data, assets=None, issued_on=None):
        """PDF bytes of a template ("addon/report/typst/x.typ") and JSON-like ``data``."""
        template = file_path(template_path, filter_ext=(".typ",))
        return typst_engine.render(template, data, assets, issued_on)

    def _bss_content(self):
        """The archived bytes, checked against their hash."""
        self.ensure_one()
        content = self.sudo().attachment_id.raw or b""
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise UserError(
                self.env._("Document %(name)s: the archived file was changed, its hash does not fit.", name=self.name)
            )
        return content

    # --- immutability

    def write(self, vals):
        if FROZEN_FIELDS & vals.keys():
            raise UserError(self.env._("Issued documents are not changed. Issue a new one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Issued documents are not deleted."))

    # --- actions

    def action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}/{self.name.replace('/', '-')}.pdf",
            "target": "new",
        }

    def action_verify(self):
        """Compare the stored bytes with the hash taken at issue."""
        for document in self:
            document._bss_content()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(count)s document(s) unchanged since issue.", count=len(self)),
            },
        }

    def action_open_source(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    def action_mark_sent(self):
        self.filtered(lambda d: d.state == "issued").write({"state": "sent", "sent_at": fields.Datetime.now()})

    def action_mark_delivered(self):
        now = fields.Datetime.now()
        for document in self.filtered(lambda d: d.state in ("issued", "sent")):
            document.write({"state": "delivered", "delivered_at": now, "sent_at": document.sent_at or now})

    def action_mark_returned(self):
        self.filtered(lambda d: d.state in ("sent", "delivered")).state = "returned"


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        self._bss_check_archived(vals.keys())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_archived(self):
        self._bss_check_archived({"raw"})

    def _bss_check_archived(self, names):
        """Files of issued documents keep their bytes and their place."""
        frozen = {"raw", "datas", "db_datas", "store_fname", "checksum", "res_model", "res_id", "mimetype"}
        archiving = self.env.su and self.env.context.get("bss_archiving")  # a caller's context alone proves nothing
        if not frozen & set(names) or archiving:
            return
        if any(attachment.res_model == "bss.document" for attachment in self.sudo()):
            raise UserError(self.env._("Files of issued documents are not changed."))
