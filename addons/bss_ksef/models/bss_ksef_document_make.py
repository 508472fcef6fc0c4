"""Making documents: posted invoices → checked, frozen XML, thousands at a time and by rows."""

from odoo import api, models

from ..freezing import Freezing

CHUNK = 2500  # invoices in memory at a time


class BssKsefDocumentMake(models.Model):
    _inherit = "bss.ksef.document"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_freeze(self, moves, as_of, created_at, progress=None):
        """Freezes posted `moves` into documents: queued ones, and invalid ones with their reasons.

        Commits nothing. Earlier attempts must have ended: an index allows one live document per invoice.
        """
        freezing = self._bss_freezing(as_of, created_at)
        found = []
        for start in range(0, len(moves), CHUNK):
            found += freezing.store(freezing.freeze(moves.browse(moves.ids[start : start + CHUNK])))
            if progress:
                progress(len(found), len(moves))
        return self.browse(found)

    @api.model
    def _bss_freezing(self, as_of, created_at):
        return Freezing(self._bss_in_polish().sudo().env, as_of, created_at)
