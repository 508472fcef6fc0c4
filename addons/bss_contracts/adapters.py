"""The one place that turns records into data of the kernels and back.

Everything is read set-based: a fixed number of queries for any number of services. Numbers are read as text, because
the cursor of Odoo gives floats. In the kernel a product stands for
what its amounts are too: ``product_key`` is the id of the product for net prices, its negative for gross ones, so that
net and gross never meet in one line.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date
from decimal import Decimal
from typing import NamedTuple

from odoo.addons.bss_catalog.catalog_core import PromotionRequest
from odoo.addons.bss_catalog.catalog_core.price_models import PriceProblem
from odoo.tools import SQL

from .billing_core import (
    Charged,
    ChargingRule,
    Period,
    PriceStep,
    Promotion,
    Suspension,
    Timeline,
    Version,
)
from .provisioning_core import Equipment, Identifier, OrderFacts, Place

ONE = Decimal(1)


def decimal(value):
    """Exact decimal of a numeric column or of a float as it is written."""
    if value is None or value is False:
        return Decimal(0)
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def product_key(product_id, price_kind):
    return -product_id if price_kind == "gross" else product_id


def of_product_key(key):
    """(product id, price kind)"""
    return (-key, "gross") if key < 0 else (key, "net")


class ServiceRow(NamedTuple):
    """What billing must know of a service beside its timeline."""

    id: int
    account_id: int
    contract_id: int
    company_id: int
    currency_id: int
    partner_id: int
    main_identifier: str | None
    date_start: date | None
    date_end: date | None
    charged_through: date | None
    product_id: int
    price_unit: str | None
    price_kind: str
    quantity: str | None
    predecessor_id: int | None
    has_successor: bool
    cycle_day: int | None
    has_versions: bool
    former_cycle_days: str | None


@dataclass(slots=True)
class Batch:
    """Timelines of many services; ``unpriced`` says in words why a service has none: {service id: text}."""

    rows: dict[int, ServiceRow]
    timelines: list[Timeline]
    unpriced: dict[int, str] = field(default_factory=dict)

    def charged_through(self):
        return {row.id: row.charged_through for row in self.rows.values()}


_SERVICES = """
    SELECT service.id, service.account_id, service.contract_id, service.company_id, account.currency_id,
           account.partner_id, service.main_identifier, service.date_start, service.date_end,
           service.charged_through, service.product_id, service.price_unit::text, service.price_kind,
           service.quantity::text,
           service.predecessor_id,
           EXISTS (SELECT 1 FROM bss_service heir WHERE heir.predecessor_id = service.id),
           cycle.day,
           EXISTS (SELECT 1 FROM bss_service_version version WHERE version.service_id = service.id),
           account.former_cycle_days
      FROM bss_service service
      JOIN bss_account account ON account.id = service.account_id
      JOIN product_product product ON product.id = service.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
 LEFT JOIN bss_bill_cycle cycle ON cycle.id = account.bill_cycle_id
     WHERE service.id = ANY(%s)
       AND template.bss_offering_kind = 'recurring'
       AND template.bss_is_bundle IS NOT TRUE
  ORDER BY service.account_id, service.contract_id, service.sequence, service.id
"""


def fetch_batch(env, service_ids):
    """Timelines of these services; bundles themselves and services without a recurring offering are left out."""
    env.flush_all()
    ids = list(service_ids)
    env.cr.execute(_SERVICES, (ids,))
    rows = {row[0]: ServiceRow._make(row) for row in env.cr.fetchall()}
    versions = _fetch_versions(env, [row.id for row in rows.values() if row.has_versions])
    suspensions = _fetch_suspensions(env, ids)
    promotions = _fetch_promotions(env, ids)
    anchors = _fetch_anchors(env, [row.id for row in rows.values() if row.predecessor_id])
    prices = _Prices(env)
    prices.learn({row.product_id for row in rows.values()} | {one[1] for found in versions.values() for one in found})
    batch = Batch(rows, [])
    for row in rows.values():
        facts = versions.get(row.id)
        if not facts:
            facts = [(row.date_start or date.min, row.product_id, row.price_unit, row.price_kind, row.quantity)]
        try:
            timeline_versions = tuple([prices.version(*fact) for fact in facts])
        except _UnpricedError as error:
            batch.unpriced[row.id] = str(error)
            continue
        batch.timelines.append(
            Timeline(
                row.id,
                row.date_start,
                row.date_end,
                timeline_versions,
                promotions.get(row.id, ()),
                suspensions.get(row.id, ()),
                row.cycle_day or 1,
                anchors.get(row.id),
                row.predecessor_id is not None,
                row.has_successor,
                frozenset(map(int, row.former_cycle_days.split(","))) if row.former_cycle_days else frozenset(),
            )
        )
    return batch


def _fetch_versions(env, service_ids):
    """{service id: [(start, product id, price, kind, quantity)]} in order of time."""
    found = defaultdict(list)
    if service_ids:
        env.cr.execute(
            """
            SELECT service_id, date_start, product_id, price_unit::text, price_kind, quantity::text
              FROM bss_service_version WHERE service_id = ANY(%s) ORDER BY service_id, date_start
            """,
            (service_ids,),
        )
        for service_id, *facts in env.cr.fetchall():
            found[service_id].append(facts)
    return found


def _fetch_suspensions(env, service_ids):
    env.cr.execute(
        """
        SELECT service_id, date_start, date_end, charge_percent::text
          FROM bss_service_suspension
         WHERE service_id = ANY(%s) AND (date_end IS NULL OR date_end >= date_start)
      ORDER BY service_id, date_start
        """,
        (service_ids,),
    )
    found = defaultdict(tuple)
    for service_id, start, end, percent in env.cr.fetchall():
        found[service_id] += (Suspension(start, end, Decimal(percent)),)
    return found


def _fetch_promotions(env, service_ids, target="recurring"):
    """{service id: promotions granted}; the promotions themselves are read once."""
    env.cr.execute(
        """
        SELECT service_granted.service_id, service_granted.promotion_id, service_granted.date_start,
               service_granted.date_end
          FROM bss_service_promotion service_granted
          JOIN bss_promotion promotion ON promotion.id = service_granted.promotion_id
         WHERE service_granted.service_id = ANY(%s) AND promotion.target = %s
           AND (service_granted.date_end IS NULL OR service_granted.date_end >= service_granted.date_start)
      ORDER BY service_granted.service_id, promotion.priority, promotion.id
        """,
        (service_ids, target),
    )
    grants = env.cr.fetchall()
    known = {
        promotion.id: (
            promotion.priority,
            promotion.is_exclusive,
            tuple(
                PriceStep(step.month_from, step.month_to or None, step.kind, decimal(step.value))
                for step in promotion.step_ids
                if step.kind != "units"
            ),
            promotion.stops_while_suspended,
            tuple(key for product_id in promotion._bss_offerings().ids for key in (product_id, -product_id)),
        )
        for promotion in env["bss.promotion"].sudo().browse({grant[1] for grant in grants})
    }
    found = defaultdict(tuple)
    for service_id, promotion_id, start, end in grants:
        found[service_id] += (Promotion(promotion_id, start, end, *known[promotion_id]),)
    return found


def _fetch_anchors(env, service_ids):
    """{service id: start of the first service of its chain of assignments}"""
    if not service_ids:
        return {}
    env.cr.execute(
        """
        WITH RECURSIVE chain AS (
            SELECT id AS service_id, predecessor_id, date_start FROM bss_service WHERE id = ANY(%s)
             UNION ALL
            SELECT chain.service_id, before.predecessor_id, before.date_start
              FROM chain JOIN bss_service before ON before.id = chain.predecessor_id
        )
        SELECT service_id, MIN(date_start) FROM chain GROUP BY service_id
        """,
        (service_ids,),
    )
    return {service_id: start for service_id, start in env.cr.fetchall() if start}


class _UnpricedError(Exception):
    """The price model of the offering has no price for the quantity."""


class _Prices:
    """Charging rules and full-period amounts by offering; each price is asked for once."""

    def __init__(self, env):
        self.env = env
        self.rules = {}
        self.templates = {}
        self.amounts = {}

    def learn(self, product_ids):
        products = self.env["product.product"].sudo().with_context(active_test=False).browse(product_ids)
        by_rule = {}
        for product in products:
            template = product.product_tmpl_id
            rule = ChargingRule(
                timing=template.bss_charge_timing or "advance",
                unit=template.bss_period_unit or "month",
                count=template.bss_period_months or 1,
                proration=template.bss_proration or "calendar",
                first=template.bss_proration_first or None,
                last=template.bss_proration_last or None,
            )
            self.rules[product.id] = by_rule.setdefault(rule, rule)
            self.templates[product.id] = template

    def version(self, start, product_id, price, kind, quantity):
        key = (product_id, price, kind, quantity)
        known = self.amounts.get(key)
        if known is None:
            known = self.amounts[key] = self._amount(product_id, Decimal(price or 0), kind, Decimal(quantity or 1))
        return Version(start, known[1], known[0], self.rules[product_id], known[2])

    def _amount(self, product_id, price, kind, quantity):
        template = self.templates[product_id]
        if (template.bss_price_model or "flat") != "flat":
            kind = "net"  # tiers are net prices
        result = template._bss_price_of(quantity, price, kind)
        if isinstance(result, PriceProblem):
            raise _UnpricedError(template._bss_price_problem_message(result))
        return result.amount, product_key(product_id, kind), quantity


def fetch_ledgers(env, service_ids):
    """{service id: what billing itself charged it, recurring and corrections, oldest first}"""
    env["bss.charge"].flush_model()
    env.cr.execute(
        SQL(
            """
            SELECT charge.service_id, charge.id, charge.product_id, charge.period_start, charge.date_start,
                   charge.date_end,
                   CASE WHEN charge.price_kind = 'gross' THEN charge.amount_gross ELSE charge.amount END::text,
                   charge.price_kind,
                   CASE WHEN charge.identity_key LIKE 'hand:%%' THEN 'by_hand' ELSE charge.kind END,
                   charge.origin_charge_id, charge.state
              FROM bss_charge charge
             WHERE charge.service_id = ANY(%s)
               AND ((charge.kind = 'recurring' AND charge.identity_key LIKE 'rec:%%')
                    OR (charge.kind = 'correction' AND charge.identity_key LIKE 'cor:%%')
                    OR (charge.kind = 'correction' AND charge.identity_key LIKE 'hand:%%' AND charge.state = 'billed'))
          ORDER BY charge.service_id, charge.id
            """,
            list(service_ids),
        )
    )
    rows = defaultdict(list)
    for service_id, *row in env.cr.fetchall():
        rows[service_id].append(row)
    return {service_id: _ledger(found) for service_id, found in rows.items()}


def _ledger(rows):
    """Kernel ledger of one service.

    A charge added later stands by itself, so that taking it back reduces the invoice it is on. A recurring charge
    that somebody cancelled is waived; one that vanished together with its corrections was given back.
    """
    given_back = defaultdict(Decimal)
    for _id, _product, _period, _start, _end, amount, _of, kind, origin_id, state in rows:
        if kind == "correction" and origin_id and state == "cancelled":
            given_back[origin_id] += Decimal(amount)
    ledger = []
    for charge_id, product_id, period, start, end, text, price_kind, kind, origin_id, state in rows:
        amount = Decimal(text)
        ledger.append(
            Charged(
                charge_id,
                product_key(product_id, price_kind),
                period or start,
                Period(start, end),
                amount,
                kind,
                origin_id if kind == "by_hand" or (kind == "correction" and amount < 0) else None,
                state == "cancelled" and not (charge_id in given_back and given_back[charge_id] == -amount),
            )
        )
    return ledger


def fee_timeline(env, service, product, price, day):
    """One day of a one-off fee with the promotions of fees granted to the service; its price is that of the segment."""
    env.flush_all()
    promotions = _fetch_promotions(env, service.ids, "activation").get(service.id, ())
    return Timeline(service.id, day, day, (Version(day, product.id, price, ChargingRule()),), promotions)


def order_facts(order):
    """A service order for the network (provisioning_core)."""
    service = order.service_id
    day = order.date_valid_from
    valid = service.identifier_ids.filtered(
        lambda one: one.date_start <= day and (not one.date_end or one.date_end >= day)
    )
    product = service.product_id
    # one spelling for the machine, whatever the language of the user
    product = product.with_context(lang=service.company_id.partner_id.lang or "en_US")
    return OrderFacts(
        number=order.name,
        key=order.idempotency_key,
        action=order.action,
        cause=order.cause,
        requested_at=order.requested_at.replace(tzinfo=UTC),
        valid_from=day,
        service_id=service.id,
        service_type=service.service_type or "other",
        offering=product.name or "",
        offering_code=product.default_code or "",
        identifiers=tuple(Identifier(one.kind, one.value) for one in valid.sorted(lambda one: (one.kind, one.value))),
        place=_place(service.location_id),
        equipment=tuple(
            Equipment(device.product_id.default_code or "", device.serial, device.mac or "")
            for device in service.device_ids.sorted("serial")
        ),
        text=order.text or "",
    )


def _place(location):
    if not location:
        return None
    return Place(
        address=location.address or location.complete_name or "",
        street=location.street or "",
        house_no=location.house_no or "",
        premises_no=location.premises_no or "",
        zip=location.zip or "",
        city=location.city or "",
        teryt=location.teryt_code or "",
    )


def promotion_request(line):
    """The sale that a line of a contract change is: a present customer, the signature as the day of the sale.

    A bundle is asked for its parts, as when it is sold; a part of one knows the bundle it runs in.
    """
    change, product = line.change_id, line.product_id
    place = line._bss_place_then().sudo()
    products, bundle = product, line.service_id.parent_id.product_id
    if product.bss_is_bundle:
        bundle = product
        parts = line.service_id.child_ids if line.action != "add" else line.service_id.browse()
        products = parts.product_id or product.bss_bundle_line_ids.product_id
    technologies = set(products.mapped("bss_technology"))
    if "any" in technologies or False in technologies:
        technologies |= set(place._bss_technologies(line._bss_day())) if place else set()
    return PromotionRequest(
        on=change.date_signed,
        customer_kind=change.account_id.customer_kind or "",
        customer_status="retained",
        product_ids=frozenset(products.ids),
        term_months=change._bss_new_term_months(),
        bundle_ids=frozenset(bundle.ids),
        place_ids=frozenset(place._bss_path_ids() if place else ()),
        teryt=place.teryt_code or "",
        technologies=frozenset(technologies - {"any", False}),
        competitor_ids=frozenset(place._bss_competitors(change.date_signed).ids if place else ()),
    )
