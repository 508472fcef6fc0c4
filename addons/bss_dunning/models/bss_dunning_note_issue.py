"""Issue and cancellation of notes: entries, charges for the next invoice, printed notes."""

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import format_date
from odoo.exceptions import UserError
from odoo.tools import SQL

LEDGER_KINDS = {"interest": "interest_note", "compensation": "debit_note"}


class BssDunningNoteIssue(models.Model):
    _inherit = "bss.dunning.note"  # pylint: disable=consider-merging-classes-inherited

    def _bss_lock_accounts(self, accounts):
        """Two people or workers do not charge the same days; the database would refuse the second one anyway."""
        self.env.cr.execute(
            SQL("SELECT id FROM bss_account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", accounts.ids)
        )

    def _bss_issue(self, is_fresh=False):
        """Issue drafts as of what is owed now; return those that were. The rest has nothing to charge.

        :param is_fresh: the accounts are locked and the lines made since
        """
        notes = self.sudo().filtered(lambda note: note.state == "draft")
        if not is_fresh:
            self._bss_lock_accounts(notes.account_id)
            notes._bss_recompute()
        notes = notes.filtered("line_ids")
        for company, own in notes.grouped("company_id").items():
            own.with_company(company)._bss_number()
            printed = own.filtered(lambda note: note.way == "note")
            printed._bss_post_entries(company)
            own.filtered(lambda note: note.way == "charge")._bss_add_charges(company)
            own.write({"state": "issued"})
            own.flush_recordset()
            own.line_ids.flush_recordset()
            printed._bss_print()
        return notes

    def _bss_number(self):
        """Numbers by blocks: the notes of one kind and day take theirs in one go, in their order."""
        unnumbered = self.filtered(lambda note: note.name == "/")
        numbers = self.env["bss.dunning.action"]
        for (company, kind, day), notes in unnumbered.grouped(
            lambda note: (note.company_id, note.kind, note.date)
        ).items():
            taken = numbers._bss_sequence_numbers(f"bss.dunning.note.{kind}", company, day, len(notes))
            for note, name in zip(notes, taken, strict=True):
                note.name = name

    # Entries

    def _bss_post_entries(self, company):
        """Plain entries outside VAT; their receivables are collected like any other."""
        if not self:
            return
        journal = company._bss_note_journal()
        incomes = {kind: company._bss_note_income_account(kind) for kind in set(self.mapped("kind"))}
        moves = self.env["account.move"].with_company(company)
        moves = moves.create([note._bss_entry_vals(journal, incomes[note.kind]) for note in self])
        moves._post(soft=False)
        for note, move in zip(self, moves, strict=True):
            note.move_id = move

    def _bss_documents_text(self):
        """Numbers of the documents; of one document alone it is what tells payments whose interest this is."""
        return ", ".join(self.line_ids.mapped("document"))

    def _bss_entry_vals(self, journal, income):
        partner = self.partner_id.commercial_partner_id
        ledger = self.partner_id.with_company(self.company_id).property_account_receivable_id
        common = {
            "partner_id": partner.id,
            "bss_account_id": self.account_id.id,
            "name": self.name,
            "tax_ids": False,
        }
        receivable = {
            **common,
            "account_id": ledger.id,
            "balance": self.amount_total,
            "date_maturity": self.date_due,
            # Odoo leaves items of general journals out of collection, which is not meant for this one
            "no_followup": False,
        }
        return {
            "move_type": "entry",
            "journal_id": journal.id,
            "date": self.date,
            "ref": self._bss_documents_text(),
            "company_id": self.company_id.id,
            "partner_id": partner.id,
            "bss_account_id": self.account_id.id,
            "bss_settlement_kind": LEDGER_KINDS[self.kind],
            "line_ids": [
                fields.Command.create(receivable),
                fields.Command.create({**common, "account_id": income.id, "balance": -self.amount_total}),
            ],
        }

    # On the next invoice

    def _bss_add_charges(self, company):
        """Charges outside VAT that the next bill of the account takes; repeating it changes nothing."""
        if not self:
            return
        product, tax = company._bss_interest_product(), company._bss_interest_tax()
        charges = self.env["bss.charge"]._bss_add([note._bss_charge_vals(product, tax) for note in self])
        by_key = {charge.identity_key: charge for charge in charges}
        for note in self:
            note.charge_id = by_key[f"interest:{note.id}"]

    def _bss_charge_vals(self, product, tax):
        return {
            "account_id": self.account_id.id,
            "product_id": product.id,
            "kind": "interest",
            "name": self._bss_charge_text(),
            "date_start": min(self.line_ids.mapped("date_from")),
            "date_end": max(self.line_ids.mapped("date_to")),
            "quantity": 1.0,
            "price_unit": self.amount_total,
            "amount": self.amount_total,
            "tax_ids": [fields.Command.set(tax.ids)],
            "identity_key": f"interest:{self.id}",
            "source_ref": self.name,
        }

    def _bss_charge_text(self):
        """Polish or English words of the invoice line, by the language of the customer."""
        lang = self.partner_id.lang or "pl_PL"
        return self.with_context(lang=lang).env._(
            "Interest for delay up to %(day)s: %(documents)s",
            day=format_date(self.date_to),
            documents=self._bss_documents_text(),
        )

    # Cancellation

    def _bss_cancel(self, reason, day=None):
        """Take issued notes back: their days may be charged again. Drafts are just thrown away."""
        self.check_access("write")
        day = day or polish_day.today()
        notes = self.sudo()
        notes.filtered(lambda note: note.state == "draft").write({"state": "cancelled", "cancel_reason": reason})
        issued = notes.filtered(lambda note: note.state == "issued")
        issued._bss_check_latest()
        issued._bss_take_charges_back()
        for note in issued.filtered("move_id"):
            text = note.env._("%(name)s cancelled: %(reason)s", name=note.name, reason=reason)
            note.reversal_id = note.move_id._reverse_moves(
                [{"date": max(day, note.date), "ref": text, "journal_id": note.move_id.journal_id.id}], cancel=True
            )
        issued.write({"state": "cancelled", "cancel_reason": reason})
        for note in issued:
            note._message_log(body=note.env._("Cancelled: %(reason)s", reason=reason))

    def _bss_check_latest(self):
        """Days are charged without gaps: the newest note of a document is taken back first."""
        for line in self.line_ids.filtered(lambda line: line.kind == "interest"):
            later = self.env["bss.dunning.note.line"].search(
                [
                    ("move_line_id", "=", line.move_line_id.id),
                    ("kind", "=", "interest"),
                    ("state", "=", "issued"),
                    ("date_from", ">", line.date_to),
                    ("note_id", "not in", self.ids),
                ],
                limit=1,
            )
            if later:
                raise UserError(
                    self.env._(
                        "%(document)s is charged for later days by %(note)s: cancel that first.",
                        document=line.document,
                        note=later.note_id.name,
                    )
                )

    def _bss_take_charges_back(self):
        for note in self.filtered("charge_id"):
            if note.charge_id.state == "billed":
                raise UserError(
                    self.env._(
                        "The interest of %(name)s is on invoice %(invoice)s: correct that invoice.",
                        name=note.name,
                        invoice=note.charge_id.move_id.name,
                    )
                )
            if note.charge_id.state == "pending":
                note.charge_id.with_context(bss_note_cancelled=True).action_cancel()


class BssCharge(models.Model):
    _inherit = "bss.charge"

    def action_cancel(self):
        """A person who cancels a charge of interest gives its days back: they may be charged again."""
        result = super().action_cancel()
        if not self.env.context.get("bss_note_cancelled"):
            notes = (
                self.env["bss.dunning.note"].sudo().search([("charge_id", "in", self.ids), ("state", "=", "issued")])
            )
            notes._bss_cancel(self.env._("The charge was cancelled."))
        return result

    def action_restore(self):
        notes = self.env["bss.dunning.note"].sudo().search([("charge_id", "in", self.ids), ("state", "=", "cancelled")])
        if notes:
            raise UserError(self.env._("The interest of %(name)s was taken back: charge it anew.", name=notes[0].name))
        return super().action_restore()
