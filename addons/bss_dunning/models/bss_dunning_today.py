"""Figures of the dashboard "Collections today": few grouped questions, each tile opens its list."""

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.fields import Domain
from odoo.tools import date_utils, format_amount, format_date, formatLang

from ..dunning_core.measures.buckets import BUCKETS

CURE_DAYS = 90  # steps of so many last days stand in the cure rates
CONTACTS = ("email", "letter", "sms", "call")


class BssDunningToday(models.AbstractModel):
    _name = "bss.dunning.today"
    _description = "Collections Today"

    @api.model
    def get_figures(self):
        """Everything that the dashboard shows of the companies that the user works in."""
        self.env["bss.dunning.case"].check_access("read")
        today = polish_day.today()
        return {
            "day": format_date(self.env, today),
            "company": ", ".join(self.env.companies.mapped("name")),
            "head": self._bss_head(today),
            "tiles": [self._bss_tile(key) for key in self._bss_tiles(today)],
            "buckets": self._bss_buckets(),
            "stages": self._bss_stages(),
            "cure": self._bss_cure(today),
            "cure_day": self._bss_cure_day(),
            "may_export": self.env.user.has_group("bss_catalog.group_bss_collector"),
        }

    @api.model
    def _bss_money(self, amount):
        return format_amount(self.env, amount or 0.0, self.env.company.currency_id)

    def _bss_percent(self, rate):
        return f"{formatLang(self.env, rate or 0.0, digits=1)}%"

    @api.model
    def _bss_collected(self, *more):
        """Domain of the cases in collection; those that are only watched stand in a tile of their own."""
        return list(self.env["bss.dunning.case"]._bss_collected_domain() & Domain(list(more)))

    # Head: how much, how many, how fast

    @api.model
    def _bss_head(self, today):
        domain = self._bss_collected()
        [(count, overdue)] = self.env["bss.dunning.case"]._read_group(domain, [], ["__count", "amount_overdue:sum"])
        head = {"cases": count, "overdue": self._bss_money(overdue), "dso": "", "cei": "", "figures_day": ""}
        kpi = self.env["bss.dunning.kpi"]
        if kpi.has_access("read"):
            last = kpi.search([("company_id", "=", self.env.company.id)], order="date desc", limit=1)
            if last:
                head.update(
                    dso=formatLang(self.env, last.dso, digits=1),
                    cei=self._bss_percent(last.cei),
                    figures_day=format_date(self.env, last.date),
                )
        return head

    # Tiles: what waits for people today

    @api.model
    def _bss_tiles(self, today):
        """{key: (label, icon, colour, model, domain)}, in the order in which they stand; extended by super()."""
        action, case = "bss.dunning.action", "bss.dunning.case"
        alarm = self.env.ref("mail.mail_activity_data_warning")
        waiting = [("state", "=", "planned"), ("by_hand", "=", True), ("activity_id", "=", False)]
        calls = [("state", "=", "planned"), ("activity_id", "!=", False)]
        blocked = [("activity_ids.activity_type_id", "=", alarm.id)]
        unproven = [("state", "=", "done"), ("step_id.legal_notice", "!=", False), ("document_id", "!=", False)]
        unproven += [("document_id.delivered_at", "=", False), ("case_id.state", "!=", "closed")]
        return {
            "resume": (self.env._("Services to bring back"), "fa-plug", "danger", case, blocked),
            "approval": (self.env._("Wait for approval"), "fa-check-square-o", "warning", action, waiting),
            "failed": (self.env._("Failed"), "fa-exclamation-triangle", "danger", action, [("state", "=", "failed")]),
            "calls": (self.env._("Calls to make"), "fa-phone", "info", action, calls),
            "promises": (
                self.env._("Promises due today"),
                "fa-handshake-o",
                "info",
                "bss.dunning.promise",
                [("state", "=", "open"), ("date", "<=", today)],
            ),
            "unproven": (self.env._("Delivery not proven"), "fa-envelope-o", "warning", action, unproven),
            "due": (
                self.env._("Next step due"),
                "fa-calendar-check-o",
                "info",
                case,
                self._bss_collected(("state", "=", "open"), ("date_next", "<=", today)),
            ),
            "done": (
                self.env._("Done today"),
                "fa-check",
                "success",
                action,
                [("state", "=", "done"), ("date_done", "=", today)],
            ),
            "unassigned": (
                self.env._("Cases of nobody"),
                "fa-user-o",
                "primary",
                case,
                self._bss_collected(("user_id", "=", False)),
            ),
            "watched": (
                self.env._("Only watched"),
                "fa-eye",
                "muted",
                case,
                [("state", "!=", "closed"), ("watched", "=", True)],
            ),
        }

    @api.model
    def _bss_tile(self, key):
        label, icon, colour, model, domain = self._bss_tiles(polish_day.today())[key]
        amount = "amount" if "amount" in self.env[model]._fields else "amount_overdue"
        [(count, money)] = self.env[model]._read_group(domain, [], ["__count", f"{amount}:sum"])
        return {
            "key": key,
            "label": label,
            "icon": icon,
            "colour": colour if count else "muted",
            "count": count,
            "amount": self._bss_money(money) if money else "",
        }

    @api.model
    def open_tile(self, key):
        """List behind a tile."""
        label, _icon, _colour, model, domain = self._bss_tiles(polish_day.today())[key]
        return self._bss_list(label, model, domain)

    @api.model
    def _bss_list(self, label, model, domain):
        return {
            "type": "ir.actions.act_window",
            "name": label,
            "res_model": model,
            "domain": domain,
            "views": [(False, "list"), (False, "form")],
        }

    # Buckets and stages

    @api.model
    def _bss_buckets(self):
        rows = self.env["bss.dunning.case"]._read_group(
            self._bss_collected(), ["age_bucket"], ["__count", "amount_overdue:sum"]
        )
        found = {bucket: (count, amount) for bucket, count, amount in rows if bucket}
        labels = dict(self.env["bss.dunning.case"]._fields["age_bucket"]._description_selection(self.env))
        most = max((amount for _count, amount in found.values()), default=0) or 1
        return [
            {
                "key": code,
                "label": labels[code],
                "count": found.get(code, (0, 0))[0],
                "amount": self._bss_money(found.get(code, (0, 0))[1]),
                "width": round(100 * found.get(code, (0, 0))[1] / most),
            }
            for code in BUCKETS[1:]
        ]

    @api.model
    def open_bucket(self, code):
        labels = dict(self.env["bss.dunning.case"]._fields["age_bucket"]._description_selection(self.env))
        return self._bss_list(labels[code], "bss.dunning.case", self._bss_collected(("age_bucket", "=", code)))

    @api.model
    def _bss_stages(self):
        rows = self.env["bss.dunning.case"]._read_group(
            self._bss_collected(),
            ["strategy_id", "stage_id"],
            ["__count", "amount_overdue:sum"],
        )
        rows = sorted(rows, key=lambda row: (row[0].sequence, row[0].id, row[1].sequence, row[1].id))
        return [
            {
                "id": f"{strategy.id or 0}/{stage.id or 0}",
                "strategy": strategy.name or self.env._("No strategy"),
                "label": stage.name or self.env._("No stage"),
                "count": count,
                "amount": self._bss_money(amount),
            }
            for strategy, stage, count, amount in rows
        ]

    @api.model
    def open_stage(self, key):
        """List behind a stage; cases without one are those of their strategy.

        :param key: ``id`` of the row as ``get_figures`` tells it
        """
        strategy_id, stage_id = (int(part) for part in str(key).split("/"))
        stage = self.env["bss.dunning.stage"].browse(stage_id or None)
        domain = self._bss_collected(("strategy_id", "=", strategy_id or False), ("stage_id", "=", stage.id))
        return self._bss_list(stage.display_name or self.env._("No stage"), "bss.dunning.case", domain)

    @api.model
    def open_head(self, _key=None):
        """List behind the sum at the top."""
        return self._bss_list(self.env._("Cases"), "bss.dunning.case", self._bss_collected())

    # What steps bring

    @api.model
    def _bss_cure_day(self):
        """Until when payments after steps are counted."""
        return self.env.company.sudo()._bss_measured_words()

    @api.model
    def _bss_cure(self, today):
        """Cure rate by channel of the steps whose window is over, none for those who may not read the report."""
        report = self.env["bss.dunning.effect.report"]
        if not report.has_access("read"):
            return []
        labels = dict(report._fields["channel"]._description_selection(self.env))
        since = date_utils.subtract(today, days=CURE_DAYS)
        rows = report._read_group(
            [("date", ">=", since), ("window_over", "=", True), ("channel", "in", CONTACTS)],
            ["channel"],
            ["__count", "cure_rate:avg", "recovered:sum", "cost_per_zloty:avg"],
        )
        return [
            {
                "key": channel,
                "label": labels.get(channel, channel),
                "count": count,
                "rate": self._bss_percent(rate),
                "width": round(rate or 0),
                "recovered": self._bss_money(recovered),
                "cost": formatLang(self.env, float(cost), digits=4) if cost else "",
            }
            for channel, count, rate, recovered, cost in rows
        ]
