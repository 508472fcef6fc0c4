from odoo import http
from odoo.addons.bss_catalog import polish_day
from odoo.http import request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE = 64 * 1024


class DunningWorkbook(http.Controller):
    @http.route("/bss_dunning/workbook", type="http", auth="user", readonly=True)
    def workbook(self, companies=""):
        """All sheets of collections of those companies that the user may work in, sent in pieces."""
        user = request.env.user
        asked = {int(part) for part in companies.split(",") if part.isascii() and part.isdigit()}
        allowed = [company for company in user.company_ids.ids if company in asked] or user.company_id.ids
        book = request.env["bss.dunning.workbook"].with_context(allowed_company_ids=allowed)._bss_write()
        headers = [
            ("Content-Type", XLSX),
            ("Content-Disposition", http.content_disposition(f"windykacja-{polish_day.today()}.xlsx")),
        ]
        return request.make_response(iter(lambda: book.read(PIECE), b""), headers)
