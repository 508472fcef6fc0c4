import hashlib
from datetime import UTC, datetime, time

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import SQL
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
        "version",
    }
)
# The way to the customer is evidence: written by actions that say who, when and how.
EVIDENCE_FIELDS = frozenset(
    {
        "state",
        "sent_at",
        "delivered_at",
        "delivery_proof",
        "delivery_note",
        "delivery_user_id",
        "delivery_recorded_at",
        "delivery_error",
    }
)
PROOFS = [
    ("receipt", "Return receipt"),
    ("courier", "Courier's confirmation"),
    ("electronic", "Registered electronic delivery"),
    ("hand", "Handed over against signature"),
    ("refused", "Receipt refused"),
    ("other", "Other proof"),
]


class BssDocument(models.Model):
    """Archive of issued documents: the bytes as the customer got them, with their way to him."""

    _name = "bss.document"
    _inherit = ["mail.thread"]
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
    version = fields.Integer(
        default=1, readonly=True, help="Grows when the invoice was changed and posted again after its first issue."
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
    delivery_proof = fields.Selection(PROOFS, string="Proof of Delivery", copy=False)
    delivery_note = fields.Text(string="Particulars of the Proof", copy=False)
    delivery_user_id = fields.Many2one("res.users", string="Delivery Recorded By", copy=False)
    delivery_recorded_at = fields.Datetime(string="Delivery Recorded On", copy=False)
    delivery_error = fields.Char(string="Delivery Problem", copy=False)
    note = fields.Text(string="Notes")

    _source = models.Index("(res_model, res_id)")
    _invoice_once = models.UniqueIndex(
        "(res_model, res_id, version, content_key) WHERE kind = 'invoice'",
        "This version of the invoice is archived already.",
    )

    # --- archive

    @api.model
    def _bss_archive(self, kind, name, pdf_bytes, record, account, channel, content_key="", issued_at=None, version=1):
        """Freeze ``pdf_bytes``: attachment, hash, number, recipient and delivery way."""
        entry = {
            "name": name,
            "pdf": pdf_bytes,
            "record": record,
            "account": account,
            "channel": channel,
            "content_key": content_key,
            "issued_at": issued_at,
            "version": version,
        }
        return self._bss_archive_many(kind, [entry])

    @api.model
    def _bss_archive_many(self, kind, entries):
        """``_bss_archive`` of many documents of one kind.

        :param entries: dictionaries of ``name``, ``pdf``, ``record``, ``account``, ``channel`` and, when they differ
            from the usual, ``content_key``, ``issued_at``, ``version``
        """
        if not entries:
            return self.browse()
        attachments = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                [
                    {
                        "name": f"{entry['name'].replace('/', '-')}.pdf",
                        "raw": entry["pdf"],
                        "mimetype": "application/pdf",
                        "res_model": self._name,
                        "company_id": (entry["account"].company_id or self.env.company).id,
                    }
                    for entry in entries
                ]
            )
        )
        quiet = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
        documents = (
            self.sudo()
            .with_context(**quiet)
            .create(
                [
                    self._bss_archive_vals(kind, entry, attachment)
                    for entry, attachment in zip(entries, attachments, strict=True)
                ]
            )
        )
        documents.flush_recordset()
        attachments.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE ir_attachment file SET res_id = document.id FROM bss_document document"
                " WHERE document.attachment_id = file.id AND document.id = ANY(%s)",
                documents.ids,
            )
        )
        attachments.invalidate_recordset(["res_id"], flush=False)
        return documents.with_env(self.env)

    @api.model
    def _bss_archive_vals(self, kind, entry, attachment):
        account, record, channel = entry["account"], entry["record"], entry["channel"]
        partner = account.partner_id or (record.partner_id if "partner_id" in record._fields else None)
        issued_at = entry.get("issued_at")
        return {
            "name": entry["name"],
            "kind": kind,
            "account_id": account.id,
            "partner_id": partner.id if partner else False,
            "company_id": (account.company_id or self.env.company).id,
            "res_model": record._name,
            "res_id": record.id,
            "attachment_id": attachment.id,
            "sha256": hashlib.sha256(entry["pdf"]).hexdigest(),
            "size": len(entry["pdf"]),
            "channel": channel if channel in dict(self._fields["channel"].selection) else "none",
            "content_key": entry.get("content_key") or "",
            "version": entry.get("version", 1),
            **({"issued_at": issued_at} if issued_at else {}),
        }

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
        if not self.env.su:
            under_way = any(document.state != "issued" for document in self)
            if EVIDENCE_FIELDS & vals.keys() or ("channel" in vals and under_way):
                raise UserError(self.env._("Sending and delivery of a document are recorded by its buttons only."))
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
        self.check_access("write")
        for document in self.sudo().filtered(lambda one: one.state == "issued"):
            document.write({"state": "sent", "sent_at": fields.Datetime.now(), "delivery_error": False})
            channel = dict(document._fields["channel"]._description_selection(document.env))[document.channel]
            document._message_log(body=self.env._("Sent: %(channel)s", channel=channel))

    def action_mark_delivered(self):
        """Ask for the day and the proof."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record delivery"),
            "res_model": "bss.document.delivery.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_document_ids": self.ids},
        }

    def action_mark_returned(self):
        self.check_access("write")
        for document in self.sudo().filtered(lambda one: one.state in ("sent", "delivered")):
            document.state = "returned"
            document._message_log(body=self.env._("Came back undelivered"))

    # --- proof of delivery

    def _bss_register_delivery(self, delivered_at, proof, note):
        """Record that the customer got these documents: when (a day, or a time in UTC), by which proof."""
        self.check_access("write")
        if proof not in dict(PROOFS) or not (note or "").strip():
            raise UserError(self.env._("Say by what the delivery is proven, with its number or particulars."))
        now = fields.Datetime.now()
        for document in self.sudo():
            moment = document._bss_moment(delivered_at, now)
            if moment > now:
                raise UserError(self.env._("A delivery cannot be dated in the future."))
            if polish_day.day_of(moment) < polish_day.day_of(document.issued_at):
                raise UserError(
                    self.env._(
                        "Document %(name)s was issued on %(day)s and cannot have been delivered before.",
                        name=document.name,
                        day=fields.Date.to_string(polish_day.day_of(document.issued_at)),
                    )
                )
            document.write(
                {
                    "state": "delivered",
                    "delivered_at": moment,
                    "sent_at": document.sent_at or min(moment, now),
                    "delivery_proof": proof,
                    "delivery_note": note.strip(),
                    "delivery_user_id": self.env.uid,
                    "delivery_recorded_at": now,
                    "delivery_error": False,
                }
            )
            proofs = dict(document._fields["delivery_proof"]._description_selection(document.env))
            document._message_log(
                body=self.env._(
                    "Delivered on %(day)s; %(proof)s: %(note)s",
                    day=fields.Date.to_string(polish_day.day_of(moment)),
                    proof=proofs[proof],
                    note=note.strip(),
                )
            )

    def _bss_moment(self, delivered, now):
        """A day alone stands for its noon in Poland, kept between the issue and now."""
        if isinstance(delivered, datetime) or (isinstance(delivered, str) and len(delivered) > 10):
            return fields.Datetime.to_datetime(delivered)
        day = fields.Date.to_date(delivered)
        noon = datetime.combine(day, time(12), polish_day.POLAND).astimezone(UTC).replace(tzinfo=None)
        if day == polish_day.day_of(now):
            return now
        return max(noon, self.issued_at) if day == polish_day.day_of(self.issued_at) else noon


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
