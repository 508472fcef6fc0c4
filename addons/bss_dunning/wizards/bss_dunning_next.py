from markupsafe import Markup
from odoo import api, fields, models

SHOWN = 20


class BssDunningNext(models.TransientModel):
    _name = "bss.dunning.next"
    _description = "Take Next Dunning Step"

    case_ids = fields.Many2many("bss.dunning.case", string="Cases", required=True)
    case_count = fields.Integer(compute="_compute_summary_html")
    summary_html = fields.Html(compute="_compute_summary_html", string="What Goes Out")

    @api.depends("case_ids")
    def _compute_summary_html(self):
        channels = dict(self.env["bss.dunning.step"]._fields["channel"]._description_selection(self.env))
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)
            rows = [case._bss_next_step_words(channels) for case in wizard.case_ids[:SHOWN]]
            if wizard.case_count > SHOWN:
                rows.append(self.env._("and %(count)s more", count=wizard.case_count - SHOWN))
            wizard.summary_html = Markup("<ul>%s</ul>") % Markup("").join(Markup("<li>%s</li>") % row for row in rows)

    def action_take(self):
        self.ensure_one()
        self.case_ids.action_take_next_step()
        return {"type": "ir.actions.act_window_close"}
