from odoo import api, fields, models
from odoo.exceptions import UserError


class BssBankImportWizard(models.TransientModel):
    _name = "bss.bank.import.wizard"
    _description = "Import Bank Files"

    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, required=True)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank Journal",
        required=True,
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Files", required=True)

    @api.depends("company_id")
    def _compute_journal_id(self):
        for wizard in self:
            pools = self.env["bss.virtual.account.pool"].search([("company_id", "=", wizard.company_id.id)])
            journals = pools.journal_id or self.env["account.journal"].search(
                [("type", "=", "bank"), ("company_id", "=", wizard.company_id.id)], limit=1
            )
            wizard.journal_id = journals[:1]

    def action_import(self):
        """Receive all files in the order of their names and import those that can be used.

        One of several files that is refused (it was received before) does not stop the others.
        """
        self.ensure_one()
        imports = self.env["bss.bank.import"]
        if not self.attachment_ids:
            raise UserError(self.env._("Choose at least one file."))
        imports.check_access("create")
        refused = []
        for attachment in self.attachment_ids.sorted("name"):
            try:
                with self.env.cr.savepoint():
                    imports |= imports._bss_receive(self.journal_id, attachment.name, attachment.raw or b"")
            except UserError as error:
                refused.append(str(error))
        if not imports:
            raise UserError("\n".join(refused))
        # statements are booked in the order of their dates, whatever the files are called
        for record in imports.filtered(lambda r: r.state == "received").sorted("date_start"):
            record.action_import()
        self.attachment_ids.unlink()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_payments_pl.bss_bank_import_action")
        if len(imports) == 1:
            action |= {"res_id": imports.id, "views": [(False, "form")], "view_mode": "form"}
        else:
            action["domain"] = [("id", "in", imports.ids)]
        if not refused:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._(
                    "Files received: %(taken)s, refused: %(refused)s", taken=len(imports), refused=len(refused)
                ),
                "message": "\n".join(refused),
                "sticky": True,
                "next": action,
            },
        }
