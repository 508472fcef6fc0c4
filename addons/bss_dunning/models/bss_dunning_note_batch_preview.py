"""Looking at a note run: a few accounts at once, hundreds of thousands by jobs that may be interrupted."""

from odoo import api, fields, models
from odoo.addons.queue_job.delay import chain, group
from odoo.exceptions import UserError
from odoo.tools import SQL

from .bss_dunning_note_batch import CHANNEL

LOOK = 1000  # accounts that one job looks at; runs of no more are looked at while their user waits
SHOWN = 100


class BssDunningNoteBatchPreview(models.Model):
    _inherit = "bss.dunning.note.batch"  # pylint: disable=consider-merging-classes-inherited

    shown_item_ids = fields.Many2many(
        "bss.dunning.note.batch.item", compute="_compute_shown_item_ids", string="Largest and Failed Accounts"
    )

    @api.depends("item_ids.state", "item_ids.amount")
    def _compute_shown_item_ids(self):
        """A form that listed all would send hundreds of thousands of ids; the others stand behind its button."""
        items = self.env["bss.dunning.note.batch.item"]
        for batch in self:
            own = [("batch_id", "=", batch.id)]
            failed = items.search([*own, ("state", "=", "failed")], order="id", limit=SHOWN)
            largest = items.search(own, order="amount desc, id", limit=SHOWN)
            batch.shown_item_ids = failed | largest

    def action_preview(self):
        """What would be issued, account by account, and what would not and why.

        A look that was interrupted goes on with the accounts that nobody has looked at.
        """
        self.check_access("write")
        for batch in self.sudo():
            if batch.state not in ("draft", "previewing", "previewed"):
                raise UserError(self.env._("Run %(name)s has begun.", name=batch.name))
            if batch.state != "previewing":
                batch._bss_forget()
                if batch.choice == "all":
                    batch._bss_add_all()
            batch._bss_look()

    def _bss_look(self):
        """Look at the accounts that are left: at once when they are few, otherwise by jobs."""
        parts = self._bss_item_parts("new", LOOK)
        if len(parts) <= 1:
            for part in parts:
                self._job_look(part)
            self._bss_looked()
            return
        self.state = "previewing"
        jobs = [
            self.delayable(channel=CHANNEL, identity_key=f"bss_note_look:{self.id}:{part[0]}")._job_look(part)
            for part in parts
        ]
        chain(group(*jobs), self.delayable(channel=CHANNEL)._bss_looked()).delay()

    def _job_look(self, item_ids):
        """One transaction; accounts that an earlier attempt has looked at are passed over."""
        if not self.exists():
            return  # discarded meanwhile
        items = self.env["bss.dunning.note.batch.item"].browse(item_ids).exists()
        items = items.try_lock_for_update().filtered(lambda item: item.state == "new")
        found = self.env["bss.dunning.note"]._bss_calculate(
            self.company_id, items.account_id, self.kind, self.date_to, self.scope, is_brief=True
        )
        for item in items:
            lines, refusals = found[item.account_id.id]
            item._bss_set(sum(line["amount"] for line in lines), len(lines), refusals)

    def _bss_looked(self):
        if not self.exists() or self.state not in ("draft", "previewing"):
            return
        if not self._bss_item_parts("new", LOOK):  # otherwise a job was lost: the look is begun again
            self.state = "previewed"

    def _bss_item_parts(self, state, size):
        """Ids of the accounts in a state, cut into lists; accounts themselves are read by the jobs."""
        self.ensure_one()
        items = self.env["bss.dunning.note.batch.item"]
        ids = items._search([("batch_id", "=", self.id), ("state", "=", state)], order="id").get_result_ids()
        return [list(ids[start : start + size]) for start in range(0, len(ids), size)]

    def _bss_forget(self):
        """Nothing was issued yet: what was found is thrown away, and accounts that were not chosen by people."""
        items = self.env["bss.dunning.note.batch.item"]
        items.flush_model()
        self.env.cr.execute(
            SQL(
                "DELETE FROM bss_dunning_note_batch_item WHERE batch_id = ANY(%s)",
                self.filtered(lambda batch: batch.choice == "all").ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_dunning_note_batch_item
                   SET state = 'new', amount = 0, document_count = 0, reason = NULL WHERE batch_id = ANY(%s)
                """,
                self.ids,
            )
        )
        items.invalidate_model()
        self.invalidate_recordset()
        self.state = "draft"
