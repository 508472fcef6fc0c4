from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import cancelled_store, charge_store

GROUP = {"rating_run_id", "usage_kind", "is_recharged"}
FIXED = {"account_id", "service_id", "date_start", "date_end", "kind"}


class BssCharge(models.Model):
    """A charge of usage belongs to a group of events (see ``charge_store``)."""

    _inherit = "bss.charge"

    rating_run_id = fields.Many2one(
        "bss.rating.run",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="It rated the usage that is charged here. Empty: no usage, or charged anew after it was rated again.",
    )
    usage_kind = fields.Selection("_selection_usage_kind", string="Usage", readonly=True, copy=False)
    is_recharged = fields.Boolean(
        string="Charged Anew",
        readonly=True,
        copy=False,
        help="The charge was cancelled, and somebody had its usage charged another time.",
    )

    _rating_group = models.Index("(rating_run_id, service_id) WHERE rating_run_id IS NOT NULL")

    def init(self):
        charge_store.group_old_charges(self.env.cr)

    @api.model
    def _selection_usage_kind(self):
        return self.env["bss.usage.event"]._fields["usage_kind"]._description_selection(self.env)

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get(name) for vals in vals_list for name in GROUP):
            self._bss_refuse_group()
        return super().create(vals_list)

    def write(self, vals):
        if GROUP & vals.keys():
            self._bss_refuse_group()
        if not self.env.su and FIXED & set(vals) and self.rating_run_id:
            raise AccessError(self.env._("Whose usage a charge is for, and of which period, is not changed by hand."))
        return super().write(vals)

    @api.model
    def _bss_refuse_group(self):
        """What is charged of a group decides about what is still to be charged: a charge that leaves it would be made again."""
        if not self.env.su:
            raise AccessError(self.env._("Rating itself says which usage a charge is for."))

    def action_restore(self):
        """What was charged anew in the meantime is not charged a second time."""
        usage = self.filtered(lambda one: one.kind == "usage" and one.state == "cancelled" and one.usage_kind)
        # one after another: two charges may be for the same usage
        for charge in usage:
            if not charge._bss_is_uncharged():
                raise UserError(
                    self.env._("The usage of charge %(name)s was charged anew; it stays cancelled.", name=charge.name)
                )
            super(BssCharge, charge).action_restore()
            charge.sudo().is_recharged = False
        return super(BssCharge, self - usage).action_restore()

    def _bss_is_uncharged(self):
        """Whether at least the sum of this cancelled charge is still to be charged."""
        self.env.flush_all()
        run, cr = self.rating_run_id, self.env.cr
        if not run:
            return False
        charge_store.collect_groups(cr, run, services=self.service_id.ids)
        charge_store.collect_differences(cr, run.id, services=self.service_id.ids)
        left = cancelled_store.difference_of(cr, self.id)
        return left * self.amount_e4 > 0 and abs(left) >= abs(self.amount_e4)

    def action_view_events(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_event")
        action["domain"] = [("charge_id", "=", self.id)]
        action["context"] = {}
        return action
