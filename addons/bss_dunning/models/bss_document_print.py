"""What the print house needs to know of an archived letter."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..dunning_core.printing.code128 import code128_svg
from ..dunning_core.printing.manifest import barcode
from .bss_account import COLLECTOR
from .bss_dunning_template import FRANKINGS


class BssDocumentPrint(models.Model):
    _inherit = "bss.document"  # pylint: disable=consider-merging-classes-inherited

    print_franking = fields.Selection(FRANKINGS, string="Franking", readonly=True, copy=False)
    print_pages = fields.Integer(string="Pages", readonly=True, copy=False)
    print_cost = fields.Float(digits=(16, 2), string="Postage", readonly=True, copy=False)
    print_barcode = fields.Char(
        string="Barcode", readonly=True, copy=False, index="btree_not_null", help="As it stands on the letter."
    )
    print_address = fields.Json(readonly=True, copy=False, help="The address block as it was printed.")
    print_line_ids = fields.One2many(
        "bss.dunning.print.line", "document_id", string="Print Batches", readonly=True, groups=COLLECTOR
    )
    print_batch_id = fields.Many2one(
        "bss.dunning.print.batch", compute="_compute_print_batch_id", compute_sudo=True, groups=COLLECTOR
    )
    tracking_no = fields.Char(string="Tracking Number", readonly=True, copy=False, index="btree_not_null")

    @api.depends("print_line_ids.batch_id")
    def _compute_print_batch_id(self):
        for document in self:
            document.print_batch_id = document.print_line_ids[-1:].batch_id

    @api.model
    def _bss_archive_vals(self, kind, entry, attachment):
        return {**super()._bss_archive_vals(kind, entry, attachment), **entry.get("print", {})}

    @api.model
    def _bss_new_barcode(self):
        """What a letter about to be printed shows to the machines of the print house: ``{text, svg}``."""
        return self._bss_new_barcodes(1)[0]

    @api.model
    def _bss_new_barcodes(self, count):
        """``count`` new barcodes by one query.

        Their numbers come from those that documents get, so no letter printed without a code of its own is called the
        same by its number in a manifest.
        """
        query = SQL("SELECT nextval(pg_get_serial_sequence('bss_document', 'id')) FROM generate_series(1, %s)", count)
        texts = [barcode(number) for (number,) in self.env.execute_query(query)]
        return [{"text": text, "svg": code128_svg(text)} for text in texts]

    def _bss_sent_on(self, moment):
        """The print house posted these documents."""
        waiting = self.sudo().filtered(lambda document: document.state == "issued")
        waiting.write({"state": "sent", "sent_at": moment, "delivery_error": False})

    def action_return_to_print(self):
        """Its address was corrected, or it may be posted as it is: the letter is taken into the next batch."""
        self.check_access("write")
        letters = self.sudo().filtered(lambda one: one.state == "issued" and one.channel == "post")
        fresh = letters._bss_print_again()
        (letters - fresh).write({"delivery_error": False})
        return fresh

    def _bss_print_again(self):
        """Dunning letters carry their address: those that were never posted are issued anew under a new number."""
        done = self.browse()
        for document in self:
            action = document.dunning_action_ids[:1]
            if not action or action.document_id != document or document.print_line_ids:
                continue
            document.write({"channel": "none", "delivery_error": False})
            action._bss_archive_letters(action.date_done or action.date, "post")
            done |= document
        return done
