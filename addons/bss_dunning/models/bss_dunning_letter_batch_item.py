import logging

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


class BssDunningLetterBatchItem(models.Model):
    """One account of a mass letter. Its state makes a repeated job harmless."""

    _name = "bss.dunning.letter.batch.item"
    _description = "Account of a Mass Letter"
    _order = "batch_id, id"
    _rec_name = "account_id"
    _check_company_auto = True

    batch_id = fields.Many2one(
        "bss.dunning.letter.batch",
        string="Mass Letter",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, check_company=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one("res.company", required=True, index=True)
    state = fields.Selection(
        [("new", "Waiting"), ("sent", "Sent"), ("skipped", "Left out"), ("failed", "Failed")],
        required=True,
        default="new",
    )
    reason = fields.Text()
    document_id = fields.Many2one("bss.document", string="Letter", ondelete="set null", index="btree_not_null")

    _account_once = models.UniqueIndex("(batch_id, account_id)", "This account is in the mass letter already.")

    def _bss_send(self):
        """Write to these accounts, as of what they owe now."""
        if not self:
            return
        sent, refused = self.account_id._bss_send_letters(self.batch_id._bss_order(), polish_day.today())
        reasons = dict(refused)
        for item in self:
            document = sent.get(item.account_id)
            if document is None:
                item.write({"state": "skipped", "reason": reasons[item.account_id]})
            else:
                item.write({"state": "sent", "document_id": document.id})

    def _bss_send_alone(self):
        """Whatever goes wrong is written on this account, and the others go on."""
        try:
            with self.env.cr.savepoint():
                self._bss_send()
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, RetryableJobError):
            raise  # a lost race: the whole job is repeated
        except UserError as error:
            self._bss_fail(str(error))
        except Exception as error:
            _logger.exception("Mass letter %s: account %s failed", self.batch_id.name, self.account_id.name)
            self._bss_fail(f"{type(error).__name__}: {error}")

    def _bss_fail(self, reason):
        self.env.invalidate_all()
        self.write({"state": "failed", "reason": reason})

    def action_retry(self):
        """Once more for the chosen ones that failed or were left out."""
        self.batch_id._bss_retry(self)
