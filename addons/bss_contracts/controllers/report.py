from odoo import http
from odoo.addons.web.controllers.report import ReportController


def _is_readonly(controller, rule, args):
    """The first print of an invoice archives it: that needs a transaction that may write."""
    return "invoice" not in args.get("reportname", "")


class BssReportController(ReportController):
    @http.route(readonly=_is_readonly)
    def report_routes(self, reportname, docids=None, converter=None, **data):
        return super().report_routes(reportname, docids=docids, converter=converter, **data)
