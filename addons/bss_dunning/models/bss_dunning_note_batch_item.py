from odoo import fields, models
from psycopg2 import OperationalError

QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}


class BssDunningNoteBatchItem(models.Model):
    """One account of a note run. Its state makes a repeated run harmless."""

    _name = "bss.dunning.note.batch.item"
    _description = "Account of a Note Run"
    _order = "batch_id, amount desc, id"
    _rec_name = "account_id"
    _check_company_auto = True

    batch_id = fields.Many2one("bss.dunning.note.batch", required=True, index=True, ondelete="cascade")
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, check_company=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    case_id = fields.Many2one("bss.dunning.case", ondelete="set null", check_company=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [
            ("new", "Not looked at"),
            ("ready", "To issue"),
            ("issued", "Issued"),
            ("skipped", "Left out"),
            ("failed", "Failed"),
        ],
        required=True,
        default="new",
    )
    amount = fields.Monetary()
    document_count = fields.Integer(string="Documents", aggregator=None)
    reason = fields.Text()
    note_id = fields.Many2one("bss.dunning.note", ondelete="set null", index="btree_not_null")

    _account_once = models.UniqueIndex("(batch_id, account_id)", "This account is in the run already.")

    def _bss_set(self, amount, documents, refusals):
        """Whether the account is worth a note, and what is left out."""
        least = max(self.batch_id.min_amount, 0.01)
        reasons = list(refusals)
        is_enough = self.currency_id.compare_amounts(amount, least) >= 0
        if amount and not is_enough:
            reasons.append(self.env._("less than %(least)s", least=self.currency_id.format(least)))
        self.write(
            {
                "state": "ready" if is_enough else "skipped",
                "amount": amount,
                "document_count": documents,
                "reason": "\n".join(reasons) or (False if is_enough else self.env._("Nothing to charge.")),
            }
        )

    def _bss_issue(self):
        """Issue the notes of these accounts, as of what is owed now."""
        if not self:
            return
        batch = self.batch_id
        # the run itself tells what happened: thousands of notes need no log entries of their birth and state
        notes = self.env["bss.dunning.note"].sudo().with_company(batch.company_id).with_context(**QUIET)
        notes._bss_lock_accounts(self.account_id)
        # a draft that somebody had prepared gives way: the run charges the same
        notes.search(
            [("account_id", "in", self.account_id.ids), ("kind", "=", batch.kind), ("state", "=", "draft")]
        ).unlink()
        made = notes.create([item._bss_note_vals() for item in self])
        small = made.filtered(
            lambda note: note.currency_id.compare_amounts(note.amount_total, max(batch.min_amount, 0.01)) < 0
        )
        issued = (made - small)._bss_issue(is_fresh=True)
        by_account = {note.account_id: note for note in issued}
        refusals = {note.account_id: (note.amount_total, len(note.line_ids), note.refusal) for note in made}
        (made - issued).unlink()
        for item in self:
            note = by_account.get(item.account_id)
            amount, documents, refusal = refusals[item.account_id]
            if note:
                vals = {"amount": amount, "document_count": documents, "reason": refusal}
                item.write({"state": "issued", "note_id": note.id, **vals})
            else:
                # paid or charged since the run was looked at
                item._bss_set(amount, documents, [refusal] if refusal else [])

    def _bss_note_vals(self):
        batch = self.batch_id
        return {
            "kind": batch.kind,
            "way": batch.way,
            "account_id": self.account_id.id,
            "case_id": self.case_id.id,
            "batch_id": batch.id,
            "date": batch.date,
            "date_to": batch.date_to,
            "date_due": batch.date_due,
            "scope": batch.scope,
        }

    def _bss_issue_alone(self):
        try:
            with self.env.cr.savepoint():
                self._bss_issue()
        except OperationalError:
            raise  # a lost race: the whole job is repeated
        except Exception as error:  # noqa: BLE001 - whatever it is, it is written on this account and the rest goes on
            self.invalidate_recordset()
            self.write({"state": "failed", "reason": str(error)})
