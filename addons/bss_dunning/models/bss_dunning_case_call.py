"""What calls do to a case."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class BssDunningCaseCall(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    call_ids = fields.One2many("bss.dunning.call", "case_id", string="Calls", readonly=True)

    def action_plan_call(self):
        """A call that no step asked for, in the list of whoever plans it; one that waits already is shown instead."""
        self.check_access("write")
        now = fields.Datetime.now()
        calls = self.env["bss.dunning.call"]
        for case in self.filtered(lambda case: case.state != "closed"):
            waiting = case.call_ids.filtered(lambda call: call.state == "open")
            if waiting:
                calls |= waiting[:1]
                continue
            partner = case.partner_id.with_company(case.company_id)
            phones = partner._bss_call_phones(case.company_id)
            if not phones:
                raise UserError(self.env._("%(name)s: there is no number to call.", name=partner.display_name))
            calls |= calls.sudo().create(
                {
                    "case_id": case.id,
                    "user_id": self.env.uid,
                    "phone": phones[0],
                    "other_phones": ", ".join(phones[1:]) or False,
                    "next_at": case.company_id._bss_contact_moment(now, "call"),
                }
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_call_action")
        if len(calls) == 1:
            action.update(views=[(False, "form")], res_id=calls.id)
        return action

    def _bss_dispute_by_call(self, note, day):
        """A dispute told on the telephone is a complaint about all open documents; its clocks run from that day."""
        self.ensure_one()
        case = self.sudo()
        return case.env["bss.complaint"].create(
            {
                "account_id": case.account_id.id,
                "kind": "billing",
                "subject": case.env._("Disputed on the telephone"),
                "description": note or False,
                "channel": "phone",
                "received_on": day,
                "line_ids": [Command.create({"move_line_id": line.id}) for line in case.line_ids],
            }
        )
