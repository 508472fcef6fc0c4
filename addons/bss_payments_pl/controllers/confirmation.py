from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request
from werkzeug.exceptions import NotFound


def pdf_response(name, content, inline=True):
    disposition = content_disposition(name, disposition_type="inline" if inline else "attachment")
    headers = [("Content-Type", "application/pdf"), ("Content-Length", len(content))]
    return request.make_response(content, [*headers, ("Content-Disposition", disposition)])


class PaymentConfirmation(http.Controller):
    @http.route("/bss/payment/<int:match_id>/confirmation.pdf", type="http", auth="user", methods=["GET"])
    def staff(self, match_id):
        """The confirmation of a payment for those who may read the payment."""
        match = request.env["bss.payment.match"].browse(match_id)
        try:
            match.check_access("read")
            if not match.exists():
                raise NotFound
        except (AccessError, MissingError) as error:
            raise NotFound from error
        try:
            name, content = match._bss_confirmation()
        except UserError as error:
            return request.render("http_routing.http_error", {"status_code": 400, "status_message": str(error)})
        return pdf_response(name, content)
