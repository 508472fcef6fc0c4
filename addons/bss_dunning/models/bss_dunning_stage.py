from markupsafe import Markup
from odoo import api, fields, models


class BssDunningStage(models.Model):
    _name = "bss.dunning.stage"
    _description = "Dunning Stage"
    _order = "strategy_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    strategy_id = fields.Many2one(
        "bss.dunning.strategy", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="strategy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="strategy_id.currency_id")
    step_ids = fields.One2many("bss.dunning.step", "stage_id", string="Steps", copy=True)
    fold = fields.Boolean(string="Folded in Kanban")
    ladder_html = fields.Html(compute="_compute_ladder_html", string="Steps of the Stage")

    @api.depends("name", "strategy_id.name")
    @api.depends_context("stage_name_only")
    def _compute_display_name(self):
        for stage in self:
            if self.env.context.get("stage_name_only") or not stage.strategy_id:
                stage.display_name = stage.name
            else:
                # the stage first: columns of the kanban cut the end off
                stage.display_name = f"{stage.name} ({stage.strategy_id.name})"

    @api.depends(
        "step_ids.name",
        "step_ids.sequence",
        "step_ids.days_after_due",
        "step_ids.channel",
        "step_ids.fallback_channel",
        "step_ids.auto",
    )
    @api.depends_context("lang")
    def _compute_ladder_html(self):
        """One line per step: day, name, channel, second channel, who starts it."""
        channels = dict(self.env["bss.dunning.step"]._fields["channel"]._description_selection(self.env))
        line = Markup("<div><b>%(day)s</b> %(name)s <span class='text-muted'>%(how)s</span></div>")
        for stage in self:
            stage.ladder_html = Markup("").join(
                line
                % {
                    "day": self.env._("day %(number)s", number=step.days_after_due),
                    "name": step.name,
                    "how": step._bss_how(channels),
                }
                for step in stage.step_ids.sorted("sequence")
            )
