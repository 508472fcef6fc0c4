from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import content_disposition, request
from werkzeug.exceptions import NotFound

CLERK = "bss_catalog.group_bss_clerk"


class UsageDownload(http.Controller):
    """What is in usage files, for those who may see whom somebody called; every download is written down."""

    @http.route("/bss/usage/file/<int:file_id>", type="http", auth="user", methods=["GET"], readonly=False)
    def download(self, file_id):
        """The content of a usage file as it came; ``ir.binary`` writes it down."""
        file = self._file(file_id)
        attachment = file.sudo().attachment_id
        if not attachment:
            raise NotFound
        stream = request.env["ir.binary"]._get_stream_from(attachment, "raw", filename=file.name)
        return stream.get_response(as_attachment=True)

    @http.route("/bss/usage/file/<int:file_id>/errors", type="http", auth="user", methods=["GET"], readonly=False)
    def errors(self, file_id):
        """The refused rows of a file as CSV, to be sent back to whoever made it."""
        file = self._file(file_id)
        content = file._bss_error_list()
        headers = [
            ("Content-Type", "text/csv; charset=utf-8"),
            ("Content-Disposition", content_disposition(f"{file.name}.errors.csv")),
        ]
        return request.make_response(content, headers)

    @staticmethod
    def _file(file_id):
        file = request.env["bss.usage.file"].browse(file_id)
        try:
            file.check_access("read")
        except (AccessError, MissingError) as error:
            raise NotFound from error
        if not request.env.user.has_group(CLERK):
            raise NotFound
        return file
