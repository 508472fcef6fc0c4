"""A service in time: what it is, costs and whether it runs on any day, past or future."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import adapters
from ..private_context import PROJECTION, is_projection
from .bss_service_version import FACTS

ONE_DAY = timedelta(days=1)
LIFE = {"date_start", "date_end", "state"}


class BssService(models.Model):
    """The fields of a service show today; versions, suspensions and promotions hold the truth in time.

    A service without versions has been the same all its life.
    """

    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    price_kind = fields.Selection(
        [("net", "Net"), ("gross", "Gross")],
        string="Price Is",
        compute="_compute_price_kind",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Gross prices are invoiced to the grosz as the customer knows them; VAT is taken out of them.",
    )
    predecessor_id = fields.Many2one(
        "bss.service",
        string="Continues",
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The service of the previous customer that this one continues.",
    )
    successor_ids = fields.One2many("bss.service", "predecessor_id", string="Continued By")
    version_ids = fields.One2many("bss.service.version", "service_id", string="Versions", copy=False)
    suspension_ids = fields.One2many("bss.service.suspension", "service_id", string="Suspensions", copy=False)
    is_recalculation_due = fields.Boolean(
        string="To Settle",
        readonly=True,
        copy=False,
        help="Something changed after it was charged; the next bill settles the difference.",
    )

    _recalculation = models.Index("(account_id) WHERE is_recalculation_due")

    def write(self, vals):
        """A price written directly holds from the first day not charged yet: what was charged keeps its price.

        A place written directly is a correction of the present one.
        """
        facts = [name for name in FACTS if name in vals]
        if "product_id" in facts and "price_unit" not in facts:
            facts += ["price_unit", "price_kind"]  # they follow the offering
        if is_projection(self.env):
            facts = []
        dated = self.filtered(lambda one: one.charged_through or one.version_ids) if facts else self.browse()
        before = {service: service._bss_own_facts() for service in dated}
        result = super().write(vals)
        for service, old in before.items():
            new = service._bss_own_facts()
            changed = {name: new[name] for name in facts if new[name] != old[name]}
            place = {name: changed.pop(name) for name in ("location_id",) if name in changed}
            if changed:
                service._bss_base_version(old)
                service._bss_set_version(service._bss_next_uncharged(), changed)
            if place and service.version_ids:
                service._bss_set_version(service._bss_version_on(polish_day.today()).date_start, place)
        if facts:
            self._bss_facts_written()
        if LIFE & vals.keys():
            self._bss_touch()
        return result

    def _bss_own_facts(self):
        return {name: self[name] for name in FACTS}

    def _bss_next_uncharged(self):
        """First day whose facts are not on a charge yet; without charges the day of the current version."""
        if self.charged_through:
            return self.charged_through + ONE_DAY
        return self._bss_version_on(polish_day.today()).date_start

    def _bss_touch(self):
        """The row itself is updated, so that a bill run that works on it at the same time starts again."""
        if not self.ids:
            return
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE bss_service SET is_recalculation_due = charged_through IS NOT NULL WHERE id IN %s",
                tuple(sorted(self.ids)),
            )
        )
        self.invalidate_recordset(["is_recalculation_due"], flush=False)

    # -- versions -----------------------------------------------------------------------------------

    def _bss_version_on(self, day):
        """The version of ``day``: the last one that began by then; the first one also holds before it began."""
        versions = self.sudo().version_ids.sorted("date_start")
        return versions.filtered(lambda one: one.date_start <= day)[-1:] or versions[:1]

    def _bss_as_of(self, day):
        """Facts of one day: product, price_unit and quantity (Decimal), price_kind, location and state."""
        self.ensure_one()
        version = self._bss_version_on(day)
        facts = (
            version._bss_facts()
            if version
            else {
                "product": self.product_id,
                "price_unit": adapters.decimal(self.price_unit),
                "price_kind": self.price_kind,
                "quantity": adapters.decimal(self.quantity),
                "location": self.location_id,
            }
        )
        return {**facts, "state": self._bss_state_on(day)}

    def _bss_state_on(self, day):
        if self.date_end and day > self.date_end:
            return "terminated"
        if not self.date_start or day < self.date_start:
            return "terminated" if self.state == "terminated" else "pending"
        suspended = self.sudo().suspension_ids.filtered(
            lambda one: one.date_start <= day and (not one.date_end or day <= one.date_end)
        )
        return "suspended" if suspended else "active"

    def _bss_base_version(self, facts=None):
        """The first version, made of the service itself (or of ``facts``) when there is none yet."""
        self.ensure_one()
        versions = self.env["bss.service.version"].sudo()
        base = self.sudo().version_ids.sorted("date_start")[:1]
        if base:
            return base
        facts = facts or self._bss_own_facts()
        patch = versions._bss_patch(facts, base=True)
        first = versions.create(
            {
                **patch["vals"],
                "service_id": self.id,
                "date_start": self._bss_first_day(),
                "patches": [patch],
            }
        )
        self.invalidate_recordset(["version_ids"])
        return first

    def _bss_set_version(self, day, vals, change=None):
        """From ``day`` on the service has ``vals`` (of product_id, price_unit, price_kind, quantity, location_id).

        Versions scheduled for later days keep what they set themselves and take over the rest.

        :param change: the contract change that causes it; it can be taken back by :meth:`_bss_undo_change`.
        """
        unknown = set(vals) - set(FACTS)
        if unknown:
            raise ValueError(f"a version has no {', '.join(sorted(unknown))}")
        self.check_access("write")
        day = fields.Date.to_date(day)
        self._bss_touch()
        for service in self:
            base = service._bss_base_version()
            versions = service.sudo().version_ids
            if day < base.date_start:
                base.date_start = day  # nothing else holds before it
            target = versions.filtered(lambda one: one.date_start == day)
            if not target:
                target = service._bss_version_on(day).copy({"date_start": day, "date_end": False, "patches": []})
                versions |= target
            target.patches = [*(target.patches or ()), target._bss_patch(vals, change)]
            versions._bss_replay()
            service.invalidate_recordset(["version_ids"])
        self._bss_sync_current()

    def _bss_sync_current(self, today=None):
        """Show the version of ``today`` in the fields of the service."""
        today = today or polish_day.today()
        for service in self.sudo():
            version = service._bss_version_on(today)
            if not version:
                continue
            vals = {
                name: version[name]
                for name in FACTS
                if service._fields[name].convert_to_cache(version[name], service)
                != service._fields[name].convert_to_cache(service[name], service)
            }
            if vals:
                # price and kind of price come from the version, not from the new offering and the list of today
                vals.update(price_unit=version.price_unit, price_kind=version.price_kind)
                service.with_context(bss_projection=PROJECTION).write(
                    {name: getattr(value, "id", value) for name, value in vals.items()}
                )

    @api.model
    def _cron_sync_current(self):
        """Versions that begin today or began since the last time."""
        today = polish_day.today()
        self.env["bss.service.version"].flush_model()
        self.flush_model(list(FACTS))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT service.id
                  FROM bss_service_version version
                  JOIN bss_service service ON service.id = version.service_id
                 WHERE version.date_start <= %(today)s
                   AND (version.date_end IS NULL OR version.date_end >= %(today)s)
                   AND (version.product_id, version.price_kind, version.quantity, version.price_unit)
                       IS DISTINCT FROM
                       (service.product_id, service.price_kind, service.quantity, service.price_unit)
                    OR (version.location_id IS DISTINCT FROM service.location_id
                        AND version.date_start <= %(today)s
                        AND (version.date_end IS NULL OR version.date_end >= %(today)s))
                """,
                today=today,
            )
        )
        self.browse([row[0] for row in rows])._bss_sync_current(today)

    # -- suspensions --------------------------------------------------------------------------------

    def _bss_suspend(self, start, end, cause, percent=None, change=None):
        """Suspend from ``start`` to ``end`` (last day, None = until resumed).

        :param percent: part of the price still charged; None = what the company set for the cause.
        :raise UserError: the service is suspended on one of the days already.
        """
        self.check_access("write")
        start, end = fields.Date.to_date(start), fields.Date.to_date(end) or False
        for service in self:
            for other in service.sudo().suspension_ids:
                if other._bss_overlaps(start, end):
                    raise UserError(
                        self.env._(
                            "Service %(service)s is suspended already %(period)s.",
                            service=service.display_name,
                            period=other._bss_period_text(),
                        )
                    )
        self._bss_touch()
        return self._bss_add_suspensions([(service, start, end) for service in self], cause, percent, change)

    def _bss_add_suspensions(self, spans, cause, percent=None, change=None):
        self.env["bss.service.suspension"].flush_model()  # the days given up must be free in the database
        made = (
            self.env["bss.service.suspension"]
            .sudo()
            .create(
                [
                    {
                        "service_id": service.id,
                        "date_start": start,
                        "date_end": end,
                        "cause": cause,
                        "charge_percent": (
                            service.company_id._bss_suspension_percent(cause) if percent is None else float(percent)
                        ),
                        "change_id": change.id if change else False,
                    }
                    for service, start, end in spans
                ]
            )
        )
        self.invalidate_recordset(["suspension_ids"])
        return made

    def _bss_block(self, day, cause):
        """The network suspended the service on ``day``: it is suspended until resumed.

        What was agreed for these days (a planned absence) stays as it is; days between and after are added.
        """
        self.ensure_one()
        own = self.sudo().suspension_ids.sorted("date_start")
        now = own.filtered(lambda one: one._bss_overlaps(day, day))
        if now.cause == cause:
            return
        spans, start = [], day
        for other in own.filtered(lambda one: one._bss_overlaps(day, False)):
            if other.date_start > start:
                spans.append((self, start, other.date_start - ONE_DAY))
            if not other.date_end:
                start = None
                break
            start = other.date_end + ONE_DAY
        if start:
            spans.append((self, start, False))
        self._bss_touch()
        self._bss_add_suspensions(spans, cause)

    def _bss_resume_from(self, day, change=None, cause=None):
        """The suspension of ``day``, with all that follows it without a gap, ends the day before.

        :param cause: only suspensions of this cause end. What a contract change agreed for later days ends by
            a contract change only.
        """
        self.check_access("write")
        day = fields.Date.to_date(day)
        self._bss_touch()
        for service in self:
            reached = day
            for suspension in service.sudo().suspension_ids.sorted("date_start"):
                if not suspension._bss_overlaps(reached, False) or suspension.date_start > reached:
                    continue
                following = suspension.date_end and suspension.date_end + ONE_DAY
                agreed = suspension.change_id and suspension.date_start > day and not change
                if not agreed and cause in (None, False, suspension.cause):
                    suspension._bss_shorten(max(day, suspension.date_start) - ONE_DAY, change)
                if not following:
                    break
                reached = following
            service.invalidate_recordset(["suspension_ids"])

    # -- taking back --------------------------------------------------------------------------------

    @api.model
    def _bss_undo_change(self, change):
        """Remove what contract change ``change`` put on the timelines; return the services concerned."""
        change.ensure_one()
        services = (
            self._bss_undo_versions(change) | self._bss_undo_suspensions(change) | self._bss_undo_grants(change)
        ).with_env(self.env)
        services.check_access("write")
        services._bss_touch()
        services._bss_sync_current()
        return services

    def _bss_marked(self, model, column, change):
        """Rows of ``model`` whose JSON ``column`` names the change."""
        records = self.env[model].sudo()
        records.flush_model([column])
        marker = f'[{{"change": {change.id}}}]'
        query = SQL(
            "SELECT id FROM %s WHERE %s @> %s::jsonb ORDER BY id",
            SQL.identifier(records._table),
            SQL.identifier(column),
            marker,
        )
        return records.browse(row[0] for row in self.env.execute_query(query))

    def _bss_undo_versions(self, change):
        touched = self._bss_marked("bss.service.version", "patches", change)
        services = touched.service_id
        for version in touched:
            version.patches = [patch for patch in version.patches if patch["change"] != change.id]
        touched.filtered(lambda one: not one.patches).unlink()
        services.invalidate_recordset(["version_ids"])
        for service in services:
            service.version_ids._bss_replay()
        return services

    def _bss_undo_suspensions(self, change):
        made = self.env["bss.service.suspension"].sudo().search([("change_id", "=", change.id)])
        shortened = self._bss_marked("bss.service.suspension", "shortened", change)
        services = made.service_id | shortened.service_id
        (shortened - made)._bss_lengthen(change)
        made.unlink()
        services.invalidate_recordset(["suspension_ids"])
        return services
