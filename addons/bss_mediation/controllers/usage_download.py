from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request
from werkzeug.exceptions import NotFound


class UsageDownload(http.Controller):
    @http.route("/bss/usage/file/<int:file_id>", type="http", auth="user", methods=["GET"], readonly=False)
    def download(self, file_id):
        """The content of a usage file, for those who may see whom somebody called; ``ir.binary`` writes it down."""
        try:
            file = request.env["bss.usage.file"].browse(file_id)
            file.check_access("read")
            attachment = file.attachment_id
        except (AccessError, MissingError) as error:
            raise NotFound from error
        if not attachment:
            raise NotFound
        stream = request.env["ir.binary"]._get_stream_from(attachment, "raw", filename=file.name)
        return stream.get_response(as_attachment=True)
