from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from .bss_dunning_hold import RULED_KINDS

BATCH = 50
CHANNEL = "root.bss.dunning"


class BssDunningRun(models.Model):
    _name = "bss.dunning.run"
    _inherit = ["bss.dunning.guard.mixin", "bss.numbered.mixin"]
    _description = "Dunning Run"
    _order = "as_of desc, id desc"
    _check_company_auto = True
    _bss_creatable = frozenset({"as_of", "company_id"})
    _bss_editable = frozenset({"as_of"})

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    as_of = fields.Date(required=True, default=polish_day.today, help="Amounts and steps as of this day.")
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("running", "Running"),
            ("done", "Done"),
            ("done_errors", "Done with errors"),
            ("stopped", "Stopped by an error"),
        ],
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        index=True,
    )
    started_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    opened_count = fields.Integer(string="Cases Opened", readonly=True, copy=False)
    updated_count = fields.Integer(string="Cases Looked At", readonly=True, copy=False)
    closed_count = fields.Integer(string="Cases Closed", readonly=True, copy=False)
    case_count = fields.Integer(string="Open Cases", readonly=True, copy=False)
    amount_overdue = fields.Monetary(string="Overdue", readonly=True, copy=False)
    action_ids = fields.One2many("bss.dunning.action", "run_id", string="Actions", readonly=True)
    action_count = fields.Integer(compute="_compute_action_counts")
    done_count = fields.Integer(string="Done", compute="_compute_action_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_action_counts")
    waiting_count = fields.Integer(string="For People", compute="_compute_action_counts")
    progress = fields.Float(compute="_compute_action_counts")
    error = fields.Text(readonly=True, copy=False)
    part_ids = fields.One2many("bss.dunning.run.part", "run_id", string="Parts", readonly=True)
    part_count = fields.Integer(compute="_compute_action_counts", string="Parts to Plan")
    part_done_count = fields.Integer(compute="_compute_action_counts", string="Parts Planned")

    @api.depends("action_ids.state", "state", "part_ids.state")
    def _compute_action_counts(self):
        rows = self.env["bss.dunning.action"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state", "by_hand", "channel"], ["__count"]
        )
        counts = {run: dict.fromkeys(("all", "done", "failed", "people", "open"), 0) for run in self}
        for run, state, by_hand, channel, number in rows:
            count = counts[run]
            count["all"] += number
            if state == "planned":
                count["people" if by_hand or channel == "call" else "open"] += number
            elif state == "failed":
                count["failed"] += number
            else:
                count["done"] += number
        for run in self:
            count = counts[run]
            run.action_count = count["all"]
            run.done_count = count["done"]
            run.failed_count = count["failed"]
            run.waiting_count = count["people"]
            run.part_count = len(run.part_ids)
            run.part_done_count = len(run.part_ids.filtered(lambda part: part.state != "planned"))
            run.progress = run._bss_progress(count["all"], count["open"])

    def _bss_progress(self, planned, left):
        """Planning is the first half, carrying out the second."""
        if self.state in ("done", "done_errors"):
            return 100.0
        if not self.part_count or self.part_done_count < self.part_count:
            return 50.0 * self.part_done_count / (self.part_count or 1)
        return 50.0 + 50.0 * (planned - left) / planned if planned else 50.0

    def _bss_is_settled(self):
        return any(run.state != "planned" for run in self)

    def _bss_guard_words(self):
        return self.env._("Runs are changed by their buttons only.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(run.state != "planned" for run in self):
            raise UserError(self.env._("A run that has begun is kept as evidence."))

    # Running

    def _bss_run(self, as_of=None, progress=None):
        """Run in place, for scripts and tests; called on the model it makes its own record.

        :param as_of: day of the amounts and steps
        :param progress: callable (done, total)
        :return: the run
        """
        run = self or self.create({"as_of": as_of or polish_day.today()})
        run.ensure_one()
        run.check_access("write")
        run = run._bss_in_company_language().sudo()
        if as_of and run.as_of != as_of:
            run.as_of = as_of
        run._bss_prepare()
        ready = run._bss_ready()
        for start in range(0, len(ready), BATCH):
            ready[start : start + BATCH]._bss_execute(run.as_of)
            if progress:
                progress(min(start + BATCH, len(ready)), len(ready))
        run._bss_finish()
        return run.with_env(self.env)

    def _bss_in_company_language(self):
        """History is written in the language of the caller; without one, of the operator's country."""
        if self.env.context.get("lang"):
            return self
        company = self.company_id
        polish = company.country_id.code == "PL" and self.env["res.lang"]._get_data(code="pl_PL")
        lang = "pl_PL" if polish else company.partner_id.lang
        return self.with_context(lang=lang).with_company(company)

    def _bss_prepare(self):
        """Cases and planned actions of the day, part by part; harmless when repeated.

        :return: actions of this run that are planned
        """
        self.ensure_one()
        self = self.sudo()
        self._bss_begin()
        self.part_ids._bss_start_anew()
        parts = self.part_ids
        while parts:
            for part in parts:
                part._bss_work()
            parts = parts._bss_to_try_again()
        self._bss_gather()
        return self.env["bss.dunning.action"].search([("run_id", "=", self.id), ("state", "=", "planned")])

    def _bss_begin(self):
        """What comes before planning, and the parts of the company's accounts that are planned one by one."""
        self.write({"state": "running", "started_at": self.started_at or fields.Datetime.now()})
        self._bss_before_planning()
        self.part_ids._bss_make(self)

    def _bss_before_planning(self):
        """What has to be known before the cases are looked at: ended holds, messages that never arrived."""
        over = Domain("date_until", "<", self.as_of) | Domain("kind", "in", list(RULED_KINDS))
        holds = self.env["bss.dunning.hold"].search(
            Domain([("company_id", "=", self.company_id.id), ("state", "=", "active")]) & over
        )
        holds.case_id._bss_release_expired(self.as_of)
        self.env["bss.dunning.action"]._bss_repair_blocks(self.company_id, self.as_of)
        self.env["bss.dunning.action"]._bss_fail_unsent(self.company_id)

    def _bss_gather(self):
        """After all parts: what an interrupted run had left, and the counts."""
        self._bss_adopt()
        parts = self.part_ids
        self.write(
            {
                "opened_count": sum(parts.mapped("opened_count")),
                "closed_count": sum(parts.mapped("closed_count")),
                "updated_count": sum(parts.mapped("updated_count")),
                "case_count": sum(parts.mapped("case_count")),
                "amount_overdue": sum(parts.mapped("amount_overdue")),
                "error": "\n".join(filter(None, parts.mapped("error"))) or False,
            }
        )

    def _bss_adopt(self):
        """Take over what an interrupted run had planned and never carried out."""
        left = self.env["bss.dunning.action"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "planned"),
                ("by_hand", "=", False),
                ("activity_id", "=", False),
                ("run_id", "!=", self.id),
            ]
        )
        left.write({"run_id": self.id})
        return left

    def _bss_ready(self):
        """Planned actions of this run that need nobody."""
        return self.env["bss.dunning.action"].search(
            [
                ("run_id", "=", self.id),
                ("state", "=", "planned"),
                ("by_hand", "=", False),
                ("activity_id", "=", False),
            ],
            order="id",
        )

    def _bss_finish(self):
        """Plans after the steps of the day, counts, state; stopped while accounts of a part are not planned."""
        self.ensure_one()
        self = self.sudo()
        touched = self.env["bss.dunning.case"].search(
            [("action_ids", "any", [("run_id", "=", self.id)]), ("state", "!=", "closed")], order="id"
        )
        touched._bss_plan(self.as_of)
        self.invalidate_recordset()
        if any(part.state == "failed" for part in self.part_ids):
            self.write({"state": "stopped"})
            return
        self.write({"state": "done_errors" if self.failed_count else "done", "finished_at": fields.Datetime.now()})

    # Jobs

    def action_start(self):
        """Run by jobs: one prepares, batches carry out, the last one counts."""
        self.check_access("write")
        today = polish_day.today()
        for run in self:
            if run.as_of > today:
                day = format_date(self.env, run.as_of)
                raise UserError(
                    self.env._("Run %(name)s is for %(day)s: start it on that day, not before.", name=run.name, day=day)
                )
            if run.state in ("done", "done_errors"):
                raise UserError(self.env._("Run %(name)s is done.", name=run.name))
            run.sudo().write({"state": "running", "error": False})
            run.with_delay(
                channel=CHANNEL,
                identity_key=f"bss_dunning_run:{run.id}",
                description=self.env._("Dunning run %(name)s", name=run.name),
            )._job_prepare()

    @api.model
    def _cron_run(self):
        """Every night, every company that has billing accounts."""
        companies = self.env["bss.account"].sudo()._read_group([], ["company_id"])
        today = polish_day.today()
        for (company,) in companies:
            run = self.with_company(company).create({"company_id": company.id, "as_of": today})
            run.action_start()

    # Buttons

    def action_view_actions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_action_action")
        action["domain"] = [("run_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_view_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_case_action")
        action["domain"] = [("action_ids.run_id", "=", self.id)]
        action["context"] = {}
        return action
