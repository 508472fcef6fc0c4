"""Charges of rating runs: what is charged, what is not yet, and making them."""

import json

from odoo import api, fields, models

from .. import cancelled_store, charge_insert, charge_store, correction_store, store
from ..open_run import close_open_run

# A scan of so many events is nothing to wait for in the browser.
CHARGE_AT_ONCE_EVENTS = 3_000_000
CHANNEL = "root.bss.rating"


class BssRatingRun(models.Model):
    _inherit = "bss.rating.run"  # pylint: disable=consider-merging-classes-inherited

    count_uncharged = fields.Integer(
        string="Without a Charge",
        readonly=True,
        copy=False,
        help="Events for which no charge was made yet, or whose charges come to another sum than they.",
    )
    uncharged_e4 = fields.Float(
        string="Still to Charge (0.0001)",
        digits=(20, 0),
        readonly=True,
        copy=False,
        help="Exact sum of the rated events less that of their charges.",
    )
    amount_uncharged = fields.Float(
        string="Still to Charge", digits=(16, 4), compute="_compute_amount_uncharged", store=True
    )
    charge_batch = fields.Integer(readonly=True, copy=False, help="How often charges were made from this run.")
    charge_count = fields.Integer(string="Charges", compute="_compute_charges")
    amount_charges = fields.Monetary(string="Charged", compute="_compute_charges")
    count_charges_to_bill = fields.Integer(string="Charges to Bill", compute="_compute_charges")

    @api.depends("uncharged_e4")
    def _compute_amount_uncharged(self):
        for run in self:
            run.amount_uncharged = run.uncharged_e4 / 10_000

    @api.depends("charge_batch")
    def _compute_charges(self):
        rows = self.env["bss.charge"]._read_group(
            [("rating_run_id", "in", self.ids), ("state", "!=", "cancelled")],
            ["rating_run_id", "state"],
            ["__count", "amount:sum"],
        )
        found = {}
        for run, state, count, amount in rows:
            found.setdefault(run.id, {})[state] = (count, amount)
        for run in self:
            states = found.get(run.id, {})
            run.charge_count = sum(count for count, _amount in states.values())
            run.amount_charges = sum(amount for _count, amount in states.values())
            run.count_charges_to_bill = states.get("pending", (0, 0))[0]

    def _bss_count(self):
        """Counts and totals from the stored events and charges."""
        self.env.flush_all()
        for run in self:
            charge_store.collect_groups(self.env.cr, run)
            run._bss_write_figures()

    def _bss_write_figures(self):
        """Of the groups that were collected last: all of this run."""
        cr = self.env.cr
        rated, free, amount, waiting, uncharged = charge_store.run_figures(cr, self.id)
        suspended = store.count_suspended(cr, self.ids).get(self.id, 0)
        self.write(
            {
                "count_events": rated + free + suspended,
                "count_rated": rated,
                "count_free": free,
                "count_suspended": suspended,
                "amount_e4": amount,
                "count_uncharged": waiting,
                "uncharged_e4": uncharged,
            }
        )

    # --- charge

    def action_make_charges(self):
        """Make charges now, or in the background when there is very much usage."""
        for run in self:
            if run.count_events <= CHARGE_AT_ONCE_EVENTS:
                run._bss_make_charges()
            else:
                run.with_delay(
                    channel=CHANNEL,
                    identity_key=f"bss.rating.run:{run.id}:charges",
                    description=self.env._("Make usage charges: %(run)s", run=run.name),
                )._bss_make_charges()
        return self.action_open_charges() if len(self) == 1 else True

    def _bss_make_charges(self, until_day=None, accounts=None, services=None, with_cancelled=False):
        """Usage charges per account, service, zone, kind and period: of what is rated less what is charged already.

        Done twice it charges nothing twice; of late events and charges cancelled or deleted it charges the difference.

        :param until_day: first day that is not charged (default: all)
        :param accounts: SELECT of account ids, only of these
        :param services: ids, only of these; the figures of the run stay as they were
        :param with_cancelled: charges that a person cancelled are not made anew
        :return: how many charges were made
        """
        self.ensure_one()
        cr = self.env.cr
        if until_day is None and services is None:
            self._bss_lock()  # nothing is closed in vain
            close_open_run(cr, self)
        self.env.flush_all()
        self._bss_lock()
        product = self.company_id._bss_get_usage_product()
        until = charge_store.utc_start(until_day) if until_day else None
        charge_store.collect_groups(cr, self, until, services)
        charge_store.collect_differences(cr, self.id, until_day, services, accounts, with_cancelled)
        made = self._bss_insert_charges(product)
        if made and not with_cancelled:
            cancelled_store.note_recharged(cr, self.id)
        if services is None:
            self._bss_write_figures()
        return made

    def _bss_charge_again(self, rerating, services):
        """Charge the differences of what was charged before usage of these services was rated again.

        What a bill has claimed is corrected, the rest was given up and is charged anew. What a person cancelled stays out.
        """
        self.ensure_one()
        cr = self.env.cr
        charge_store.collect_groups(cr, self, None, services)
        charge_store.collect_differences(
            cr, self.id, services=services, with_cancelled=True, only="bss_rerating_charged"
        )
        labels = json.dumps(rerating._bss_correction_labels())
        made = correction_store.insert_corrections(cr, self, rerating, labels)
        return made + self._bss_insert_charges(self.company_id._bss_get_usage_product(), new_only=True)

    def _bss_insert_charges(self, product, new_only=False):
        batch = self.charge_batch + 1
        labels = self._bss_charge_labels()
        made = charge_insert.insert_charges(self.env.cr, self, batch, product.id, labels, new_only)
        self.env["bss.usage.event"].invalidate_model()
        self.env["bss.charge"].invalidate_model()
        if made:
            self.charge_batch = batch
        return made

    def _bss_charge_labels(self):
        """Texts of charges in the languages of the customers; "" is the company's own."""
        own = self.company_id.partner_id.lang or "en_US"
        languages = {code: code for code, _name in self.env["res.lang"].get_installed()} | {"": own}
        labels = {}
        for key, lang in languages.items():
            _ = self.with_context(lang=lang).env._
            labels[key, "voice"] = _("Calls: %(zone)s (%(count)s, %(duration)s)")
            labels[key, "sms"] = _("Messages: %(zone)s (%(count)s)")
            labels[key, "mms"] = _("MMS: %(zone)s (%(count)s)")
            labels[key, "data"] = _("Data: %(zone)s (%(count)s)")
            labels[key, "premium"] = _("Premium services: %(zone)s (%(count)s, %(duration)s)")
            labels[key, "content"] = _("Content: %(zone)s (%(count)s)")
        return labels

    # --- open related records

    def action_open_uncharged(self):
        """Rated events of groups whose charges do not come to their sum."""
        self.ensure_one()
        return self._bss_open_events(
            [("rating_run_id", "=", self.id), ("charge_ids", "=", False), ("amount_e4", "!=", 0)]
        )

    def action_open_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_charge_action")
        action["domain"] = [("rating_run_id", "=", self.id)]
        action["context"] = {}
        return action
