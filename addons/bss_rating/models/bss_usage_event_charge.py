"""Which charges an event is in: those of its group; nothing is written into the event."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import event_charge_store


class BssUsageEvent(models.Model):
    _inherit = "bss.usage.event"  # pylint: disable=consider-merging-classes-inherited

    charge_ids = fields.Many2many(
        "bss.charge",
        string="Charges",
        compute="_compute_charge_ids",
        search="_search_charge_id",
        help="What was charged of the usage of the same service, zone, kind and period that was rated together.",
    )
    charge_id = fields.Many2one(
        "bss.charge", compute="_compute_charge_ids", search="_search_charge_id", help="The first charge of the usage."
    )
    charge_state = fields.Selection(related="charge_id.state", string="Charge State")

    @api.depends("rating_run_id", "zone_id")
    def _compute_charge_ids(self):
        charges = self.env["bss.charge"]
        charges.flush_model()
        found = {}
        if self._origin.ids:
            for event_id, charge_id in event_charge_store.charges_of(self.env.cr, self._origin.ids):
                found.setdefault(event_id, []).append(charge_id)
        for event in self:
            own = charges.browse(found.get(event._origin.id, []))
            event.charge_ids = own
            event.charge_id = own.filtered(lambda one: one.kind == "usage" and one.state != "cancelled")[:1]

    @api.model
    def _search_charge_id(self, operator, value):
        charges = self.env["bss.charge"]
        charges.flush_model()
        if operator in ("any", "any!"):
            found = charges._search(value, bypass_access=operator == "any!") if isinstance(value, Domain) else value
            return self._bss_charged_by(SQL("charge.id IN %s", found.subselect()))
        if operator != "in":
            return NotImplemented
        ids = [one for one in value if one]
        domain = Domain.OR(self._bss_group_domain(group) for group in event_charge_store.groups(self.env.cr, ids))
        if len(ids) < len(value):
            domain |= ~self._bss_charged_by(SQL("charge.state <> 'cancelled'"))
        return domain

    @api.model
    def _bss_charged_by(self, condition):
        return Domain.custom(to_sql=lambda _model, alias, _query: event_charge_store.is_charged(alias, condition))

    @api.model
    def _bss_group_domain(self, group):
        """Events of one charge, by plain columns: months that it is not about are not touched."""
        since, until, columns = group
        return Domain.AND(
            [
                [("started_at", ">=", since), ("started_at", "<", until)],
                *([(name, "=", value)] for name, value in columns.items()),
            ]
        )
