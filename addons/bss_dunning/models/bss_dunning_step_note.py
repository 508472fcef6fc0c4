"""Steps that charge: interest and compensation notes as channels of a ladder."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

CHANNELS = [("interest_note", "Interest note"), ("compensation_note", "Compensation note")]
KIND_OF = {"interest_note": "interest", "compensation_note": "compensation"}


class BssDunningStep(models.Model):
    _inherit = "bss.dunning.step"  # pylint: disable=consider-merging-classes-inherited

    channel = fields.Selection(selection_add=CHANNELS, ondelete={code: "cascade" for code, _label in CHANNELS})

    @api.constrains("channel", "fallback_channel", "legal_notice")
    def _check_note(self):
        for step in self:
            if step.channel in KIND_OF and (step.fallback_channel or step.legal_notice):
                raise ValidationError(
                    self.env._("Step %(name)s charges: it has no second channel and is no notice.", name=step.name)
                )


class BssDunningAction(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    channel = fields.Selection(selection_add=CHANNELS, ondelete={code: "set null" for code, _label in CHANNELS})
    note_ids = fields.One2many("bss.dunning.note", "action_id", string="Notes", readonly=True)

    def _bss_refusal(self, channel, as_of):
        """A step without anything to charge is passed over with its reason, it does not stop the ladder."""
        return False if channel in KIND_OF else super()._bss_refusal(channel, as_of)

    def _bss_do_interest_note(self, as_of):
        company = self.company_id
        way = self.step_id.strategy_id.interest_way or company.bss_interest_way
        return self._bss_do_note("interest", way, as_of)

    def _bss_do_compensation_note(self, as_of):
        return self._bss_do_note("compensation", "note", as_of)

    def _bss_do_note(self, kind, way, as_of):
        """Issue what is not charged yet; return one line of history."""
        notes = self.env["bss.dunning.note"].sudo()
        draft = notes.search([("account_id", "=", self.account_id.id), ("kind", "=", kind), ("state", "=", "draft")])
        draft.unlink()
        note = notes.create(
            {
                "kind": kind,
                "way": way,
                "account_id": self.account_id.id,
                "case_id": self.case_id.id,
                "action_id": self.id,
                "date": as_of,
                "date_to": as_of,
            }
        )
        least = self.company_id.bss_note_min_amount
        if note.currency_id.compare_amounts(note.amount_total, max(least, 0.01)) < 0:
            why = note.refusal or self.env._("less than %(least)s", least=note.currency_id.format(least))
            note.unlink()
            return self.env._("Nothing to charge: %(why)s", why=why)
        note._bss_issue()
        if note.document_id:
            self.document_id = note.document_id
        amount = note.currency_id.format(note.amount_total)
        return self.env._("%(name)s for %(amount)s.", name=note.name, amount=amount)
