from odoo import models


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _record_to_stream(self, record, field_name):
        """Whoever opens an archived itemised bill is written down, as whoever makes one."""
        stream = super()._record_to_stream(record, field_name)
        if record._name == "ir.attachment" and record.sudo().res_model == "bss.document":
            document = self.env["bss.document"].sudo().browse(record.sudo().res_id).exists()
            if document.kind == "itemised":
                self.env["bss.usage.export"]._bss_log_rows("bss.document", "itemised", 1, [f"pdf: {document.name}"])
        return stream
