"""Order of the collector's worklist: value by urgency, in lists of any length."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from .. import adapters
from ..dunning_core.measures import worklist


class BssDunningCaseWorklist(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    worklist_score = fields.Float(
        string="Weight",
        compute="_compute_worklist_score",
        digits=(16, 2),
        help="Amount to demand, up to twice for its age, twice when a step is due; less on hold and when only watched.",
    )

    @api.depends("amount_demanded", "days_overdue", "date_next", "state", "watched")
    def _compute_worklist_score(self):
        today = polish_day.today()
        for case in self:
            standing = worklist.Standing(
                adapters.to_money(case.amount_demanded),
                case.days_overdue,
                due=bool(case.date_next and case.date_next <= today),
                held=case.state == "hold",
                watched=case.watched,
            )
            case.worklist_score = float(worklist.score(standing))

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name != "worklist_score":
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        return SQL("%s %s %s", self._bss_score_sql(alias), direction, nulls)

    @api.model
    def _bss_score_sql(self, alias):
        """``worklist.score`` in SQL, so that the database sorts two hundred thousand cases."""

        def column(name):
            return SQL.identifier(alias, name, to_flush=self._fields[name])

        return SQL(
            """(COALESCE(%(amount)s, 0) * (1 + LEAST(GREATEST(COALESCE(%(days)s, 0), 0), %(full)s)::numeric / %(full)s)
              * CASE WHEN %(next)s <= %(today)s THEN %(due)s ELSE 1 END
              * CASE WHEN %(state)s = 'hold' THEN %(held)s ELSE 1 END
              * CASE WHEN %(watched)s THEN %(little)s ELSE 1 END)""",
            amount=column("amount_demanded"),
            days=column("days_overdue"),
            next=column("date_next"),
            state=column("state"),
            watched=column("watched"),
            today=polish_day.today(),
            full=worklist.AGE_DAYS,
            due=worklist.DUE_FACTOR,
            held=worklist.HOLD_FACTOR,
            little=worklist.WATCHED_FACTOR,
        )
