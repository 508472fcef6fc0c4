"""Bills of one account: at once, and the last one."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

RUNNING = ("pending", "active", "suspended")


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    is_final_bill_due = fields.Boolean(
        string="Final Bill Due",
        compute="_compute_is_final_bill_due",
        help="There were services and all have had their last day, whether or not the network has answered.",
    )

    @api.depends("state", "bill_cycle_id", "service_ids.state", "service_ids.date_end")
    def _compute_is_final_bill_due(self):
        for account in self:
            account.is_final_bill_due = bool(
                account._origin.id
                and account.state != "closed"
                and account.bill_cycle_id
                and account.service_ids
                and not account._bss_running_services()
            )

    def _bss_running_services(self):
        return self.service_ids.filtered(lambda one: one.state in RUNNING and not self._bss_has_ended(one))

    def action_bill_now(self):
        """Collect everything that is due on the account by today in a bill of its own, and show it before issuing."""
        run = self._bss_single_run("immediate")
        if not (run.pending_count or run.error_count):
            reason = "".join(item.error or "" for item in run.item_ids)
            raise UserError(
                self.env._("Nothing is due on account %(name)s. %(reason)s", name=self.display_name, reason=reason)
            )
        return run._bss_open_form()

    def action_final_bill(self):
        """Settle an account whose services have all ended: everything on one bill, then the deposit is set off."""
        running = self._bss_running_services()
        if running:
            raise UserError(
                self.env._(
                    "The final bill of account %(name)s waits for the end of %(services)s.",
                    name=self.display_name,
                    services=", ".join(running.mapped("display_name")),
                )
            )
        return self._bss_single_run("final")._bss_open_form()

    def _bss_has_ended(self, service):
        return bool(service.date_end and service.date_end <= polish_day.today())

    def _bss_single_run(self, kind, day=None):
        """A collected run of this account alone.

        :param kind: immediate or final
        :param day: last day of what is billed, and invoice date (default: today)
        """
        self.ensure_one()
        day = day or polish_day.today()
        cycle = self.bill_cycle_id
        if not cycle:
            raise UserError(self.env._("Account %(name)s has no bill cycle.", name=self.display_name))
        run = self.env["bss.bill.run"].create(
            {
                "cycle_id": cycle.id,
                "kind": kind,
                "date_start": cycle._bss_period(day)[0],
                "date_end": day,
                "date_invoice": day,
                "account_ids": [(6, 0, self.ids)],
            }
        )
        run.with_context(queue_job__no_delay=True)._bss_collect()
        return run


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_open_form(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form"}

    def _bss_finish(self):
        finished = super()._bss_finish()
        if finished and self.kind == "final":
            self._bss_set_off_deposits()
        return finished

    def _bss_set_off_deposits(self):
        """Deposits held for the account pay its open invoices, the new one too; what is left is returned by hand."""
        deposits = self.env["bss.deposit"].sudo()
        for deposit in deposits.search(
            [("account_id", "in", self.account_ids.ids), ("state", "=", "held")], order="id"
        ):
            if deposit._bss_open_items():
                deposit._bss_set_off(self.date_invoice)
