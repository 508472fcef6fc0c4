import io
from collections import OrderedDict

from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        ids = [res_ids] if isinstance(res_ids, int) else list(res_ids or [])
        own = self._bss_own_invoices(report_ref, ids)
        if ids and len(own) == len(set(ids)):
            # No engine of the system takes part: the same PDF in tests, workers and the web client.
            return self._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=ids), "pdf"
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Invoices of billing accounts print their own document; all others stay with Odoo."""
        own = self._bss_own_invoices(report_ref, res_ids or [])
        if not own:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        others = [res_id for res_id in res_ids if res_id not in own.ids]
        streams = super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=others) if others else {}
        collected = OrderedDict()
        for res_id in res_ids:
            if res_id in own.ids:
                pdf = own.browse(res_id)._bss_invoice_pdf()
                collected[res_id] = {"stream": io.BytesIO(pdf), "attachment": None}
            elif res_id in streams:
                collected[res_id] = streams[res_id]
        return collected

    def _bss_own_invoices(self, report_ref, res_ids):
        if not res_ids or not self._is_invoice_report(report_ref):
            return self.env["account.move"]
        return self.env["account.move"].browse(res_ids).filtered(lambda move: move._bss_prints_itself())
