"""Dry run: what a run of a day would do and why everything else waits. Nothing is sent, nothing stays written."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, formatLang

from ..models.bss_dunning_step import CHANNELS

BATCH = 5000
COLUMNS = (
    "preview_id",
    "company_id",
    "account_id",
    "partner_id",
    "case_id",
    "strategy_id",
    "stage_id",
    "step_id",
    "channel",
    "verdict",
    "code",
    "reason",
    "date_next",
    "by_hand",
    "amount",
    "amount_overdue",
    "cost",
    "create_uid",
    "write_uid",
)


class BssDunningPreview(models.TransientModel):
    _name = "bss.dunning.preview"
    _description = "Dry Run of Collections"
    _check_company_auto = True

    as_of = fields.Date(string="Day", required=True, default=lambda self: polish_day.today())
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    strategy_id = fields.Many2one(
        "bss.dunning.strategy",
        check_company=True,
        ondelete="cascade",
        help="Empty: all. A draft is tried as if it were active and its cases had gone over to it.",
    )
    state = fields.Selection([("draft", "Draft"), ("done", "Counted")], default="draft", readonly=True)
    line_ids = fields.One2many("bss.dunning.preview.line", "preview_id", readonly=True)
    act_count = fields.Integer(string="Actions", readonly=True)
    wait_count = fields.Integer(string="Waiting", readonly=True)
    amount = fields.Monetary(string="Demanded", readonly=True)
    cost = fields.Monetary(string="Planned Cost", readonly=True)
    totals_html = fields.Html(compute="_compute_totals_html", string="By Step and Channel")

    @api.depends("as_of")
    def _compute_display_name(self):
        for preview in self:
            preview.display_name = self.env._("Dry run of %(day)s", day=format_date(self.env, preview.as_of))

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_totals_html(self):
        channels = self.env["bss.dunning.step"]._bss_channel_names()
        head = Markup("").join(
            Markup("<th>%s</th>") % word
            for word in (
                self.env._("Step"),
                self.env._("Channel"),
                self.env._("Actions"),
                self.env._("Demanded"),
                self.env._("Planned cost"),
            )
        )
        for preview in self:
            rows = [
                Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>")
                % (
                    step.display_name,
                    channels.get(channel, ""),
                    count,
                    formatLang(self.env, amount, currency_obj=preview.currency_id),
                    formatLang(self.env, cost, currency_obj=preview.currency_id),
                )
                for step, channel, count, amount, cost in preview._bss_totals()
            ]
            table = Markup("<table class='table table-sm'><thead><tr>%s</tr></thead><tbody>%s</tbody></table>")
            preview.totals_html = table % (head, Markup("").join(rows)) if rows else False

    def _bss_totals(self):
        """[(step, channel, actions, demanded, cost)] in the order of the ladders."""
        groups = self.env["bss.dunning.preview.line"]._read_group(
            [("preview_id", "in", self.ids), ("verdict", "=", "act")],
            ["step_id", "channel"],
            ["__count", "amount:sum", "cost:sum"],
        )
        return sorted(
            groups, key=lambda row: (row[0].strategy_id.id, row[0].stage_sequence, row[0].sequence, row[0].id)
        )

    # Counting

    def action_count(self):
        """Plan the day and show what came of it."""
        self.ensure_one()
        self.env["bss.dunning.case"].check_access("read")
        if self.company_id not in self.env.companies:
            raise UserError(self.env._("%(company)s is not among your companies.", company=self.company_id.name))
        self._bss_check_day()
        rows = self._bss_dry_rows()
        self.env["bss.dunning.preview.line"].sudo().search([("preview_id", "=", self.id)]).unlink()
        self._bss_store(rows)
        acting = [row for row in rows if row["verdict"] == "act"]
        self.write(
            {
                "state": "done",
                "act_count": len(acting),
                "wait_count": len(rows) - len(acting),
                "amount": sum(row["amount"] for row in acting),
                "cost": sum(row["cost"] for row in acting),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _bss_check_day(self):
        """Cases know what is owed as of their last run: nothing can be said of a day before it.

        A run that ended with errors, was stopped or still goes on has moved cases as well.
        """
        begun = [("company_id", "=", self.company_id.id), ("state", "!=", "planned")]
        run = self.env["bss.dunning.run"].sudo().search(begun, order="as_of desc", limit=1)
        if run and self.as_of < run.as_of:
            raise UserError(
                self.env._(
                    "%(day)s is over: collections ran for %(last)s already. Try that day or a later one.",
                    day=format_date(self.env, self.as_of),
                    last=format_date(self.env, run.as_of),
                )
            )

    def _bss_dry_rows(self):
        """Values of the lines; a draft takes its place and its cases in a savepoint that is rolled back."""
        self.env.flush_all()
        preview = self.sudo().with_company(self.company_id).with_context(allowed_company_ids=self.company_id.ids)
        if preview.strategy_id.state != "draft":
            return preview._bss_planned_rows()
        with self.env.cr.savepoint() as savepoint:
            preview._bss_try_strategy()
            rows = preview._bss_planned_rows()
            savepoint.rollback()
        return rows

    def _bss_try_strategy(self):
        """Let a draft take new cases and those of the version before."""
        draft = self.strategy_id
        before = draft._bss_current()
        draft.action_activate()
        if before:
            self.env["bss.dunning.strategy.move"].create(
                {"source_id": before.id, "target_id": draft.id, "accept_lost": True}
            ).action_move()

    def _bss_planned_rows(self):
        cases = self.env["bss.dunning.case"]
        planned = cases._bss_dry_run(self.company_id, self.as_of, self.strategy_id or None)
        steps = self.env["bss.dunning.step"].browse({row["step_id"] for row in planned if row["step_id"]})
        steps.fetch(["name", "auto", "cost"])
        known = cases.browse(row["case_id"] for row in planned if row["case_id"])
        holds = {case.id: case.hold_reason or "" for case in known}
        words = {}
        return [
            self._bss_row(row, steps.browse(row["step_id"] or ()), holds.get(row["case_id"], ""), words)
            for row in planned
        ]

    def _bss_row(self, row, step, hold_reason, words):
        """Values of one line; ``words`` keeps sentences that were made already, few differ."""
        key = (row["code"], tuple(row["params"].items()), step.id, row["date_next"], hold_reason)
        if key not in words:
            words[key] = self.env["bss.dunning.case"]._bss_reason_words(
                row["code"],
                row["params"],
                step=step.name,
                day=row["date_next"],
                hold_reason=hold_reason,
                currency=self.currency_id,
            )
        return {
            "preview_id": self.id,
            "company_id": self.company_id.id,
            "account_id": row["account_id"],
            "partner_id": row["partner_id"] or None,
            "case_id": row["case_id"] or None,
            "strategy_id": row["strategy_id"] or None,
            "stage_id": row["stage_id"] or None,
            "step_id": row["step_id"] or None,
            "channel": row["channel"] or None,
            "verdict": "act" if row["acts"] else _verdict(row["code"]),
            "code": row["code"],
            "reason": words[key] or None,
            "date_next": self.as_of if row["acts"] else row["date_next"] or None,
            "by_hand": bool(step) and not step.auto,
            "amount": float(row["amount"]),
            "amount_overdue": float(row["overdue"]),
            "cost": step.cost if row["acts"] else 0.0,
            "create_uid": self.create_uid.id,
            "write_uid": self.create_uid.id,
        }

    def _bss_store(self, rows):
        columns = SQL(", ").join(SQL.identifier(name) for name in COLUMNS)
        for start in range(0, len(rows), BATCH):
            values = SQL(", ").join(_values_sql(row) for row in rows[start : start + BATCH])
            self.env.cr.execute(
                SQL("INSERT INTO bss_dunning_preview_line (%s, create_date, write_date) VALUES %s", columns, values)
            )
        self.env["bss.dunning.preview.line"].invalidate_model()
        self.invalidate_recordset(["line_ids"])

    # Looking

    def action_view_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_preview_line_action")
        action["domain"] = [("preview_id", "=", self.id)]
        return action


def _values_sql(row):
    values = SQL(", ").join(SQL("%s", row[name]) for name in COLUMNS)
    return SQL("(%s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')", values)


def _verdict(code):
    return {"STEP_IN_WORK": "work", "LADDER_ENDED": "end"}.get(code, "wait")


class BssDunningPreviewLine(models.TransientModel):
    _name = "bss.dunning.preview.line"
    _description = "Line of a Dry Run"
    _order = "verdict, strategy_id, step_id, amount desc, id"

    preview_id = fields.Many2one("bss.dunning.preview", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    account_id = fields.Many2one("bss.account", string="Billing Account")
    partner_id = fields.Many2one("res.partner", string="Customer")
    case_id = fields.Many2one("bss.dunning.case", ondelete="set null", help="Empty: the run would open the case.")
    strategy_id = fields.Many2one("bss.dunning.strategy", ondelete="set null")
    stage_id = fields.Many2one("bss.dunning.stage", ondelete="set null")
    step_id = fields.Many2one("bss.dunning.step", ondelete="set null")
    channel = fields.Selection(CHANNELS)
    verdict = fields.Selection(
        [("act", "Would act"), ("work", "Waits to be carried out"), ("wait", "Waits"), ("end", "Ladder ended")]
    )
    code = fields.Char(string="Reason Code")
    reason = fields.Char(string="Why")
    date_next = fields.Date(string="Next Action")
    by_hand = fields.Boolean(string="With Approval")
    amount = fields.Monetary(string="Demanded")
    amount_overdue = fields.Monetary(string="Overdue")
    cost = fields.Monetary(string="Planned Cost")

    def action_view_account(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
        }
