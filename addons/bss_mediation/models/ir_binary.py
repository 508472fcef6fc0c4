from odoo import models


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _record_to_stream(self, record, field_name):
        """Whoever takes the content of a usage file is written down, whatever address the download has."""
        stream = super()._record_to_stream(record, field_name)
        file = self._bss_usage_file(record)
        if file:
            self.env["bss.usage.export"]._bss_log(file, [file.name], kind="file")
        return stream

    def _bss_usage_file(self, record):
        """The usage file whose content the record is, else nothing."""
        files = self.env["bss.usage.file"].sudo()
        if record._name == "bss.usage.file":
            return record.sudo()
        if record._name == "ir.attachment" and record.sudo().res_model == "bss.usage.file":
            return files.browse(record.sudo().res_id).exists()
        return files
