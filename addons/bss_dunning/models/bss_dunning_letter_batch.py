"""Letters by hand to many accounts: what is written to whom, and how far it is."""

from odoo import api, fields, models

from .bss_account_letter_send import LetterOrder
from .bss_dunning_guard_mixin import SOCIAL
from .bss_dunning_template import FRANKINGS, LETTER_KINDS, WITH_INTEREST, LetterText

#: accounts on the form that a person has to look at; all of them stand behind the buttons
SHOWN = 100
QUIET = {"mail_create_nolog": True, "mail_create_nosubscribe": True}


class BssDunningLetterBatch(models.Model):
    """One text to many accounts. Each of them has its row, whose state makes a repeated job harmless."""

    _name = "bss.dunning.letter.batch"
    _inherit = ["bss.dunning.guard.mixin", "bss.numbered.mixin", "mail.thread"]
    _description = "Mass Letter"
    _order = "id desc"
    _check_company_auto = True
    _bss_editable = SOCIAL

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Started By", readonly=True, index=True, default=lambda self: self.env.uid
    )
    kind = fields.Selection(LETTER_KINDS, required=True, readonly=True)
    channel = fields.Selection(
        [("email", "E-mail"), ("letter", "Letter"), ("sms", "SMS")], required=True, readonly=True
    )
    title = fields.Char(readonly=True)
    salutation = fields.Char(readonly=True)
    body = fields.Text(readonly=True, string="Text")
    legal_text = fields.Text(readonly=True)
    sms_text = fields.Text(readonly=True, string="SMS Text")
    franking = fields.Selection(FRANKINGS, readonly=True)
    deadline_days = fields.Integer(string="Days to Pay", readonly=True, aggregator=None)
    state = fields.Selection(
        [("running", "Running"), ("stopped", "Stopped"), ("done", "Done"), ("done_errors", "Done with errors")],
        required=True,
        readonly=True,
        default="running",
        copy=False,
        index=True,
    )
    item_ids = fields.One2many("bss.dunning.letter.batch.item", "batch_id", string="Accounts", readonly=True)
    shown_item_ids = fields.Many2many(
        "bss.dunning.letter.batch.item", compute="_compute_shown_item_ids", string="Failed and Left Out"
    )
    item_count = fields.Integer(compute="_compute_counts", string="Number of Accounts")
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting")
    sent_count = fields.Integer(compute="_compute_counts", string="Written")
    skipped_count = fields.Integer(compute="_compute_counts", string="Left Out")
    failed_count = fields.Integer(compute="_compute_counts", string="Failed")
    progress = fields.Float(compute="_compute_counts")

    @api.depends("item_ids.state")
    def _compute_counts(self):
        rows = self.env["bss.dunning.letter.batch.item"]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count"]
        )
        found = {(batch, state): count for batch, state, count in rows}
        for batch in self:
            waiting, sent, skipped, failed = (
                found.get((batch, state), 0) for state in ("new", "sent", "skipped", "failed")
            )
            batch.waiting_count, batch.sent_count = waiting, sent
            batch.skipped_count, batch.failed_count = skipped, failed
            batch.item_count = waiting + sent + skipped + failed
            batch.progress = 100.0 * (batch.item_count - waiting) / batch.item_count if batch.item_count else 0.0

    @api.depends("item_ids.state")
    def _compute_shown_item_ids(self):
        items = self.env["bss.dunning.letter.batch.item"]
        for batch in self:
            shown = items.browse()
            for state in ("failed", "skipped"):
                own = [("batch_id", "=", batch.id), ("state", "=", state)]
                shown |= items.search(own, order="id", limit=SHOWN - len(shown)) if len(shown) < SHOWN else items
            batch.shown_item_ids = shown

    def _bss_guard_words(self):
        return self.env._("Mass letters begin with “Write a Letter” and are changed by their buttons only.")

    # Ordering

    @api.model
    def _bss_order_letters(self, accounts, order: LetterOrder):
        """Mass letters to these accounts, one for each company, on their way."""
        text = order.text
        words = {
            "kind": text.kind,
            "channel": order.channel,
            "title": text.title,
            "salutation": text.salutation,
            "body": text.body,
            "legal_text": text.legal,
            "sms_text": text.sms,
            "franking": text.franking,
            "deadline_days": order.deadline_days,
        }
        companies = accounts.company_id
        made = self.sudo().with_context(**QUIET).create([{**words, "company_id": company.id} for company in companies])
        batches = made.with_env(self.sudo().env)
        by_company = accounts.grouped("company_id")
        self.env["bss.dunning.letter.batch.item"].sudo().create(
            [
                {"batch_id": batch.id, "account_id": account.id, "company_id": batch.company_id.id}
                for batch in batches
                for account in by_company[batch.company_id]
            ]
        )
        for batch in batches:
            who = batch._bss_who(batch.waiting_count)
            batch._message_log(body=self.env._("Started by %(user)s: %(count)s account(s).", **who))
        batches._bss_queue()
        return batches.with_env(self.env)

    def _bss_order(self):
        """The order as it was given."""
        text = LetterText(
            kind=self.kind,
            title=self.title or "",
            salutation=self.salutation or "",
            body=self.body or "",
            legal=self.legal_text or "",
            sms=self.sms_text or "",
            with_interest=self.kind in WITH_INTEREST,
            franking=self.franking or "plain",
        )
        return LetterOrder(text, self.channel, self.deadline_days)
