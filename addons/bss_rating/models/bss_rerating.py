import logging

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .. import adapters, rerating_store, store

_logger = logging.getLogger(__name__)

ACCOUNTS_AT_ONCE = 1_000
CHANNEL = "root.bss.rating"
MANAGER = "bss_catalog.group_bss_billing_manager"
FIGURES = ("count_events", "count_changed", "before_e4", "after_e4")


class _TriedOut(Exception):
    """Undoes a preview."""


class BssRerating(models.Model):
    """Rates usage once more after an error in prices; the old ratings are kept and only differences are charged."""

    _name = "bss.rerating"
    _inherit = ["bss.numbered.mixin", "mail.thread"]
    _description = "Re-Rating"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(string="Usage From", required=True)
    date_end = fields.Date(string="Usage To", required=True)
    plan_ids = fields.Many2many("bss.rate.plan", string="Rate Plans", check_company=True, help="Empty: all.")
    zone_ids = fields.Many2many("bss.rate.zone", string="Zones", help="Empty: all.")
    account_ids = fields.Many2many("bss.account", string="Billing Accounts", check_company=True, help="Empty: all.")
    reason = fields.Text(required=True, tracking=True, help="What was wrong; kept with the old ratings.")
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("done", "Done")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    run_id = fields.Many2one("bss.rating.run", string="Rating Run", readonly=True, copy=False)
    previewed_at = fields.Datetime(string="Tried Out", readonly=True, copy=False)
    count_accounts = fields.Integer(string="Accounts", readonly=True, copy=False)
    count_done = fields.Integer(string="Accounts Done", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    count_events = fields.Integer(
        string="Events Rated Again", readonly=True, copy=False, help="Also later ones, whose allowances depend on them."
    )
    count_changed = fields.Integer(string="Events Changed", readonly=True, copy=False)
    before_e4 = fields.Float(digits=(20, 0), readonly=True, copy=False)
    after_e4 = fields.Float(digits=(20, 0), readonly=True, copy=False)
    amount_before = fields.Float(string="Before", digits=(16, 4), compute="_compute_amounts")
    amount_after = fields.Float(string="After", digits=(16, 4), compute="_compute_amounts")
    amount_difference = fields.Float(string="Difference", digits=(16, 4), compute="_compute_amounts")
    charge_count = fields.Integer(string="Correction Charges", compute="_compute_charge_count")

    _period_check = models.Constraint("CHECK(date_end >= date_start)", "The period ends before it starts.")

    def init(self):
        rerating_store.create_history_table(self.env.cr)

    @api.depends("before_e4", "after_e4")
    def _compute_amounts(self):
        for rerating in self:
            rerating.amount_before = rerating.before_e4 / 10_000
            rerating.amount_after = rerating.after_e4 / 10_000
            rerating.amount_difference = (rerating.after_e4 - rerating.before_e4) / 10_000

    @api.depends("count_accounts", "count_done")
    def _compute_progress(self):
        for rerating in self:
            rerating.progress = (
                100.0 * rerating.count_done / rerating.count_accounts if rerating.count_accounts else 0.0
            )

    def _compute_charge_count(self):
        rows = self.env["bss.charge"]._read_group(
            [("kind", "=", "correction"), ("source_ref", "in", self.mapped("name")), ("state", "!=", "cancelled")],
            ["company_id", "source_ref"],
            ["__count"],
        )
        found = {(company.id, reference): count for company, reference, count in rows}
        for rerating in self:
            rerating.charge_count = found.get((rerating.company_id.id, rerating.name), 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_draft(self):
        if any(rerating.state != "draft" for rerating in self):
            raise UserError(self.env._("A re-rating that began is kept."))

    # --- try out and do

    def action_preview(self):
        """What it would change; nothing of it stays but the figures."""
        self._bss_check_draft()
        for rerating in self:
            if len(rerating._bss_accounts()) <= ACCOUNTS_AT_ONCE:
                rerating._bss_try_out()
            else:
                rerating.with_delay(
                    channel=CHANNEL,
                    identity_key=f"bss.rerating:{rerating.id}:preview",
                    description=self.env._("Try re-rating out: %(name)s", name=rerating.name),
                )._bss_try_out()
        return True

    def _bss_try_out(self):
        """Do each batch and undo it."""
        self.ensure_one()
        accounts = self._bss_accounts()
        totals = dict.fromkeys(FIGURES, 0)
        for start in range(0, len(accounts), ACCOUNTS_AT_ONCE):
            for name, value in self._bss_undone(accounts[start : start + ACCOUNTS_AT_ONCE]).items():
                totals[name] += value
        self.write({**totals, "count_accounts": len(accounts), "previewed_at": fields.Datetime.now()})
        return True

    def _bss_undone(self, accounts):
        figures = {}
        try:
            with self.env.cr.savepoint():
                figures = self._bss_rerate(accounts, charge=False)
                raise _TriedOut
        except _TriedOut:
            self.env.invalidate_all(flush=False)
        return figures

    def action_rerate(self):
        """Rate again, in the background when there are many accounts."""
        self._bss_check_draft(("draft", "running"))
        for rerating in self:
            accounts = rerating._bss_accounts()
            if not accounts:
                raise UserError(self.env._("No rated usage is selected."))
            rerating.write({"state": "running", "count_accounts": len(accounts), "count_done": 0})
            if len(accounts) <= ACCOUNTS_AT_ONCE:
                rerating._bss_run()
            else:
                rerating.with_delay(
                    channel=CHANNEL,
                    identity_key=f"bss.rerating:{rerating.id}",
                    description=self.env._("Rate usage again: %(name)s", name=rerating.name),
                )._bss_run()
        return True

    def _bss_run(self):
        """All selected accounts in batches; a second run after a kill finds nothing to change in those that are done."""
        self.ensure_one()
        accounts = self._bss_accounts()
        self.write({"count_accounts": len(accounts), "count_events": 0})
        for start in range(0, len(accounts), ACCOUNTS_AT_ONCE):
            batch = accounts[start : start + ACCOUNTS_AT_ONCE]
            events = self._bss_rerate(batch)["count_events"]
            changed, before, after = rerating_store.history_totals(self.env.cr, self.id)
            self.write(
                {
                    "count_events": self.count_events + events,
                    "count_changed": changed,
                    "before_e4": before,
                    "after_e4": after,
                    "count_done": start + len(batch),
                }
            )
            _logger.info("Re-rating %s: %s of %s accounts", self.name, self.count_done, len(accounts))
            self.run_id._bss_keep()
        self._bss_touched_runs()._bss_count()
        self.state = "done"
        return True

    def _bss_accounts(self):
        """(account, start of its first affected month as UTC instant)."""
        self.ensure_one()
        cr = self.env.cr
        self.env.flush_all()
        conditions = [
            SQL(
                "event.started_at >= (%s::timestamp AT TIME ZONE %s) AT TIME ZONE 'UTC'",
                self.date_start,
                adapters.BILLING_TZ,
            ),
            SQL("event.started_at < %s", store.utc_end(cr, self.date_end)),
        ]
        for column, records in (
            ("plan_id", self.plan_ids),
            ("zone_id", self.zone_ids),
            ("account_id", self.account_ids),
        ):
            if records:
                conditions.append(SQL("%s = ANY(%s)", SQL.identifier("event", column), records.ids))
        found = rerating_store.selected_accounts(cr, self.company_id.id, SQL(" AND ").join(conditions))
        return [row[:2] for row in found]

    def _bss_rerate(self, accounts, charge=True):
        """Take back, rate, compare, charge the differences: one batch in one transaction.

        :return: figures of the batch, amounts of the events that changed
        """
        cr = self.env.cr
        run = self._bss_rating_run().with_context(bss_one_transaction=True)
        run._bss_lock()
        event_ids, charged_runs = rerating_store.take_back(cr, accounts)
        self.env.invalidate_all()
        run._bss_rate(event_ids=event_ids)
        figures = dict(zip(FIGURES, rerating_store.keep_history(cr, self.id), strict=True))
        if charge:
            rerating_store.keep_runs(cr)
            services = rerating_store.services_taken_back(cr)
            for other in run.browse(charged_runs):
                other._bss_charge_again(self, services)
            run._bss_make_charges(services=services)
        self.env.invalidate_all()
        return figures

    def _bss_touched_runs(self):
        """Runs whose events were rated again, and the own one: it counted events that went back to their runs."""
        self.env.cr.execute(
            """SELECT DISTINCT rating_run_id FROM bss_usage_rerated
                WHERE rerating_id = %s AND rating_run_id IS NOT NULL""",
            (self.id,),
        )
        # fetched before anything else is read: a field that is not in the cache is a query of the same cursor
        touched = [run_id for (run_id,) in self.env.cr.fetchall()]
        return self.run_id | self.run_id.browse(touched).exists()

    def _bss_rating_run(self):
        """The run that holds the new ratings; it goes to today, because later events are rated again, too."""
        self.ensure_one()
        if not self.run_id:
            self.run_id = self.env["bss.rating.run"].create(
                {
                    "company_id": self.company_id.id,
                    "date_start": self.date_start.replace(day=1),
                    "date_end": max(self.date_end, polish_day.today()),
                    "by_month": True,
                    "note": self.env._("Re-rating %(name)s: %(reason)s", name=self.name, reason=self.reason),
                }
            )
        return self.run_id

    def _bss_correction_labels(self):
        own = self.company_id.partner_id.lang or "en_US"
        languages = {code: code for code, _name in self.env["res.lang"].get_installed()} | {"": own}
        return {key: self.with_context(lang=lang).env._("Correction of: %(name)s") for key, lang in languages.items()}

    def _bss_check_draft(self, states=("draft",)):
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Rating is up to the billing manager."))
        if any(rerating.state not in states for rerating in self):
            raise UserError(self.env._("This re-rating is done; make another one."))

    # --- open related records

    def action_open_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_charge_action")
        action["domain"] = [("source_ref", "in", [self.name, self.run_id.name or ""])]
        action["context"] = {}
        return action

    def action_open_events(self):
        self.ensure_one()
        self.env.cr.execute("SELECT event_id FROM bss_usage_rerated WHERE rerating_id = %s LIMIT 50000", (self.id,))
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_event")
        action["domain"] = [("id", "in", [event_id for (event_id,) in self.env.cr.fetchall()])]
        action["context"] = {}
        return action
