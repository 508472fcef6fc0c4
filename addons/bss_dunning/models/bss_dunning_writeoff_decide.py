"""Asking for, approving and posting write-offs, and taking them back."""

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError, UserError


class BssDunningWriteoffDecide(models.Model):
    _inherit = "bss.dunning.writeoff"  # pylint: disable=consider-merging-classes-inherited

    # Buttons

    def action_confirm(self):
        """Write off within one's own limit, else ask somebody who may."""
        self.check_access("write")
        self._bss_one_at_a_time()
        for writeoff in self:
            writeoff._bss_check_draft()
            writeoff.sudo().write({"requester_id": self.env.uid, "approver_id": False, "approved_at": False})
            if writeoff._bss_within_limit(self.env.user, alone=True):
                writeoff._bss_decide()
            else:
                writeoff.sudo().state = "to_approve"

    def action_approve(self):
        self.check_access("write")
        self._bss_one_at_a_time()
        for writeoff in self:
            writeoff._bss_check_approval()
            writeoff._bss_decide()

    def action_refuse(self):
        self.check_access("write")
        for writeoff in self:
            writeoff._bss_check_approval()
            writeoff.sudo().write(
                {"state": "refused", "approver_id": self.env.uid, "approved_at": fields.Datetime.now()}
            )

    def action_draft(self):
        """Take back what was asked for or refused, to change it."""
        self.check_access("write")
        if any(writeoff.state not in ("to_approve", "refused") for writeoff in self):
            raise UserError(self.env._("What is written off is cancelled, not changed."))
        self.sudo().write({"state": "draft", "approver_id": False, "approved_at": False})

    def action_cancel(self):
        """Undo a write-off: the documents are open again and their case goes on."""
        self.check_access("write")
        for writeoff in self:
            if writeoff.state != "done":
                raise UserError(self.env._("%(name)s is not written off.", name=writeoff.name))
            if not writeoff._bss_may_undo(self.env.user):
                raise AccessError(self.env._("%(name)s is above your limit.", name=writeoff.name))
            writeoff.sudo()._bss_undo(polish_day.today())

    def action_view_entry(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    def action_view_case(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.dunning.case",
            "res_id": self.case_id.id,
            "view_mode": "form",
        }

    # Checks

    def _bss_check_draft(self):
        if self.state != "draft":
            raise UserError(self.env._("%(name)s is no draft any more.", name=self.name))
        if not self.line_ids:
            raise UserError(self.env._("%(name)s names no document.", name=self.name))
        if self.date > polish_day.today():
            raise UserError(self.env._("%(name)s cannot be dated in the future.", name=self.name))
        self.sudo()._bss_check_amounts()

    def _bss_check_amounts(self):
        """What is written off is of the account and still open."""
        self.line_ids._check_document()
        self.line_ids._bss_check_open()

    def _bss_check_approval(self):
        if self.state != "to_approve":
            raise UserError(self.env._("%(name)s does not wait for approval.", name=self.name))
        if self.env.user == self.requester_id:
            raise AccessError(self.env._("%(name)s: who asked for it does not approve it.", name=self.name))
        if not self._bss_may_approve(self.env.user):
            raise AccessError(self.env._("%(name)s is above your limit.", name=self.name))

    # Posting

    def _bss_decide(self):
        """Entry, reconciliation and the case at once, in the name of who decides."""
        own = self.sudo()
        own.line_ids.move_line_id.lock_for_update()
        own._bss_check_amounts()
        own.waiver_id = own._bss_waive_interest()
        move = own._bss_post_entry()
        own.write({"move_id": move.id, "approver_id": self.env.uid, "approved_at": fields.Datetime.now()})
        own._bss_settle(move)
        own.state = "done"
        own._bss_refresh_case("written_off")

    def _bss_post_entry(self):
        """One receivable line for each document, costs by what they are."""
        company = self.company_id
        moves = self.env["account.move"].with_company(company)
        move = moves.create(
            {
                "move_type": "entry",
                "journal_id": company._bss_general_journal(company.bss_writeoff_journal_id).id,
                "date": self.date,
                "ref": self.env._("%(name)s: %(reason)s", name=self.name, reason=self.reason_id.name),
                "company_id": company.id,
                "partner_id": self.partner_id.commercial_partner_id.id,
                "bss_account_id": self.account_id.id,
                "bss_settlement_kind": "write_off",
                "line_ids": [
                    fields.Command.create(vals) for line in self.line_ids for vals in self._bss_entry_lines(line)
                ],
            }
        )
        move._post(soft=False)
        return move

    def _bss_entry_lines(self, line):
        company = self.company_id
        common = {
            "partner_id": self.partner_id.commercial_partner_id.id,
            "bss_account_id": self.account_id.id,
            "name": self.env._("Write-off of %(document)s", document=line.document),
            "tax_ids": False,
        }
        yield {**common, "account_id": line.move_line_id.account_id.id, "balance": -line.amount}
        yield {**common, "account_id": company._bss_writeoff_account(line.part).id, "balance": line.amount}

    def _bss_settle(self, move):
        """Each document with its own line of the entry, in the order in which they were written."""
        credits = move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        credits = credits.sorted("id")
        for line, credit in zip(self.line_ids, credits, strict=True):
            (line.move_line_id | credit).reconcile()

    def _bss_waive_interest(self):
        """Days of the written-off documents that no note has charged are covered by a waiver."""
        if not self.waive_interest:
            return False
        notes = self.env["bss.dunning.note"]
        found = notes._bss_calculate(self.company_id, self.account_id, "interest", self.date, "open", is_waiver=True)
        mine = self.line_ids.move_line_id.ids
        lines = [vals for vals in found[self.account_id.id][0] if vals["move_line_id"] in mine]
        if not lines:
            return False
        return notes.with_context(bss_note_lines_given=True).create(
            {
                "kind": "interest",
                "way": "waived",
                "account_id": self.account_id.id,
                "case_id": self.case_id.id,
                "date": self.date,
                "date_to": self.date,
                "name": self.name,
                "state": "issued",
                "line_ids": [fields.Command.create(vals) for vals in lines],
            }
        )

    def _bss_undo(self, day):
        text = self.env._("%(name)s cancelled", name=self.name)
        reversal = self.move_id._reverse_moves(
            [{"date": max(day, self.date), "ref": text, "journal_id": self.move_id.journal_id.id}], cancel=True
        )
        if self.waiver_id.state == "issued":
            self.waiver_id._bss_cancel(text)
        self.write({"state": "cancelled", "reversal_id": reversal.id})
        self._bss_refresh_case(False)

    def _bss_refresh_case(self, reason):
        """The case closes, changes or opens again at once, not with the next run."""
        cases = self.env["bss.dunning.case"].with_context(bss_close_reason=reason)
        day = self.case_id.as_of or self.date
        cases._bss_refresh(self.company_id, day, self.account_id.ids)
        cases.search([("account_id", "=", self.account_id.id), ("state", "!=", "closed")])._bss_plan(day)


class BssDunningCase(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    close_reason = fields.Selection(
        selection_add=[("written_off", "Written off")], ondelete={"written_off": "set null"}
    )
    writeoff_ids = fields.One2many("bss.dunning.writeoff", "case_id", string="Write-Offs")
    writeoff_count = fields.Integer(compute="_compute_writeoff_count", string="Number of Write-Offs")

    def _compute_writeoff_count(self):
        counts = dict(
            self.env["bss.dunning.writeoff"]._read_group(
                [("account_id", "in", self.account_id.ids)], ["account_id"], ["__count"]
            )
        )
        for case in self:
            case.writeoff_count = counts.get(case.account_id, 0)

    def _bss_after_close(self, as_of):
        reason = self.env.context.get("bss_close_reason")
        if reason:
            self.sudo().write({"close_reason": reason})
        return super()._bss_after_close(as_of)

    def action_write_off(self):
        """A draft with all overdue documents of the case."""
        self.ensure_one()
        if self.state == "closed":
            raise UserError(self.env._("The case is closed."))
        lines = self.env["bss.dunning.writeoff"]._bss_default_lines(self.account_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.dunning.writeoff",
            "view_mode": "form",
            "context": {
                "default_account_id": self.account_id.id,
                "default_line_ids": [fields.Command.create(vals) for vals in lines],
            },
        }

    def action_view_writeoffs(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_writeoff_action")
        return {**action, "domain": [("account_id", "=", self.account_id.id)], "context": {}}
