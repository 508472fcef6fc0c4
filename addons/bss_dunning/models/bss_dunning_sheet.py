"""Plain printed sheets of collections: calculations, payment histories."""

import base64

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import format_date

TEMPLATE = "bss_dunning/report/typst/dunning_sheet.typ"


class BssDunningSheet(models.AbstractModel):
    _name = "bss.dunning.sheet"
    _description = "Printed Sheet"

    @api.model
    def _bss_render(self, company, title, blocks, subtitle=""):
        """PDF bytes.

        :param blocks: dicts of a title with ``lines``, or with ``head``, ``rows`` and ``right``: numbers of the columns
            set flush right
        """
        data = {
            "lang": (self.env.lang or "pl_PL")[:2],
            "company": company.name or "",
            "title": title,
            "subtitle": subtitle,
            "printed": format_date(self.env, polish_day.today()),
            "blocks": [{"lines": [], "head": [], "rows": [], "right": [], **block} for block in blocks],
        }
        return self.env["bss.document"]._bss_render_typst(TEMPLATE, data)

    @api.model
    def _bss_download(self, pdf, name):
        """Hand the sheet to the browser; it is no issued document and belongs to who printed it."""
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{name}.pdf",
                "datas": base64.b64encode(pdf),
                "mimetype": "application/pdf",
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }
