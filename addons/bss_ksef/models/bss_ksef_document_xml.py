"""The frozen XML of a document as screens, downloads and the sending read it."""

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import frozen_store


class BssKsefDocumentXml(models.Model):
    _inherit = "bss.ksef.document"  # pylint: disable=consider-merging-classes-inherited

    xml = fields.Binary(string="XML", compute="_compute_xml", attachment=False)

    def init(self):
        frozen_store.make_table(self.env.cr)

    @api.depends("sha256")
    def _compute_xml(self):
        found = dict(self._bss_contents(self.ids))
        for document in self:
            content = found.get(document._origin.id)
            document.xml = base64.b64encode(content) if content is not None else False

    @api.model
    def _bss_contents(self, ids, chunk=500):
        """Yields (document id, frozen bytes) in the order of `ids`, holding `chunk` documents in memory.

        Knows no access rights: callers read documents that the user may see. Invalid documents have no bytes.
        """
        return frozen_store.contents(self.env.cr, ids, chunk)

    @api.model_create_multi
    def create(self, vals_list):
        if any("xml" in vals for vals in vals_list):
            raise UserError(self.env._("The XML of a KSeF document comes from freezing its invoice."))
        return super().create(vals_list)
