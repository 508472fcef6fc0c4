from odoo import api, fields, models


class BssBankImportWizard(models.TransientModel):
    _name = "bss.bank.import.wizard"
    _description = "Import Bank Files"
    _inherit = ["bss.upload.mixin"]
    _bss_upload_model = "bss.bank.import"
    _bss_upload_action = "bss_payments_pl.bss_bank_import_action"

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

    @api.depends("company_id")
    def _compute_journal_id(self):
        for wizard in self:
            pools = self.env["bss.virtual.account.pool"].search([("company_id", "=", wizard.company_id.id)])
            journals = pools.journal_id or self.env["account.journal"].search(
                [("type", "=", "bank"), ("company_id", "=", wizard.company_id.id)], limit=1
            )
            wizard.journal_id = journals[:1]

    def action_import(self):
        """Receive all files in the order of their names and import those that can be used."""
        self.env["bss.bank.import"].check_access("create")
        imports, refused = self._bss_take_files(self.attachment_ids.sorted("name"))
        # statements are booked in the order of their dates, whatever the files are called
        for record in imports.filtered(lambda r: r.state == "received").sorted("date_start"):
            record.action_import()
        self.attachment_ids.unlink()
        return self._bss_show_taken(imports, refused)

    def _bss_take_file(self, attachment):
        return self.env["bss.bank.import"]._bss_receive(self.journal_id, attachment.name, attachment.raw or b"")
