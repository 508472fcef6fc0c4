"""The one place that turns records into data of the kernels and back."""

from collections import defaultdict
from datetime import UTC
from decimal import Decimal

from odoo.tools import SQL

from .billing_core import ChargedPart, Period, ServiceTerms
from .provisioning_core import Equipment, Identifier, OrderFacts, Place

_TERMS = SQL(
    """
    SELECT service.id, service.account_id, service.contract_id, service.company_id, service.product_id,
           account.currency_id, account.partner_id,
           service.price_unit, service.quantity, service.date_start, service.date_end,
           service.charged_through, service.main_identifier, service.state, cycle.day,
           template.bss_charge_timing, template.bss_proration, template.bss_period_months
      FROM bss_service service
      JOIN bss_account account ON account.id = service.account_id
      JOIN product_product product ON product.id = service.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
 LEFT JOIN bss_bill_cycle cycle ON cycle.id = account.bill_cycle_id
     WHERE template.bss_offering_kind = 'recurring'
       AND template.bss_is_bundle IS NOT TRUE
    """
)


def decimal(value):
    """Exact decimal of a numeric column or of a float as it is written."""
    if value is None or value is False:
        return Decimal(0)
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def terms_of_row(row):
    """ServiceTerms of one row (dict) of the bulk query."""
    return ServiceTerms(
        service_id=row["id"],
        price=decimal(row["price_unit"]),
        quantity=decimal(row["quantity"]) if row["quantity"] is not None else Decimal(1),
        date_start=row["date_start"],
        date_end=row["date_end"],
        charged_through=row["charged_through"],
        timing=row["bss_charge_timing"] or "advance",
        proration=row["bss_proration"] or "calendar",
        period_months=row["bss_period_months"] or 1,
        cycle_day=row["day"] or 1,
        given_back=tuple(row.get("given_back", ())),
    )


def fetch_terms(env, account_ids, date_end):
    """Rows of every service of the accounts that may owe a recurring charge up to ``date_end``."""
    env["bss.service"].flush_model()
    env["bss.account"].flush_model()
    env["bss.bill.cycle"].flush_model(["day"])
    env["product.template"].flush_model()
    given_back = _fetch_given_back(env, account_ids)
    env.cr.execute(
        SQL(
            """
            %s
               AND service.account_id IN %s
               AND service.active
               AND (service.state IN ('active', 'suspended')
                    OR (service.state = 'terminated' AND service.date_start IS NOT NULL))
               AND (service.date_start IS NULL OR service.date_start <= %s)
               AND (service.charged_through IS NULL OR service.date_end IS NULL
                    OR service.charged_through < service.date_end)
          ORDER BY service.account_id, service.contract_id, service.sequence, service.id
            """,
            _TERMS,
            tuple(account_ids),
            date_end,
        )
    )
    rows = env.cr.dictfetchall()
    for row in rows:
        row["given_back"] = given_back.get(row["id"], ())
    return rows


def _fetch_given_back(env, account_ids):
    """{service id: [periods given back by corrections]}; one that was cancelled alone gave nothing back."""
    env["bss.charge"].flush_model()
    rows = env.execute_query(
        SQL(
            """
            SELECT correction.service_id, correction.date_start, correction.date_end
              FROM bss_charge correction
              JOIN bss_charge origin ON origin.id = correction.origin_charge_id
             WHERE correction.account_id IN %s
               AND correction.kind = 'correction'
               AND (correction.state != 'cancelled' OR origin.state = 'cancelled')
            """,
            tuple(account_ids),
        )
    )
    found = defaultdict(list)
    for service_id, start, end in rows:
        found[service_id].append(Period(start, end))
    return found


def service_terms(service):
    """ServiceTerms of one record."""
    product = service.product_id
    return ServiceTerms(
        service_id=service.id,
        price=decimal(service.price_unit),
        quantity=decimal(service.quantity),
        date_start=service.date_start or None,
        date_end=service.date_end or None,
        charged_through=service.charged_through or None,
        timing=product.bss_charge_timing or "advance",
        proration=product.bss_proration or "calendar",
        period_months=product.bss_period_months or 1,
        cycle_day=service.account_id.bill_cycle_id.day or 1,
    )


def charged_parts(charges):
    """Recurring charges with the corrections already made against them."""
    corrected = defaultdict(Decimal)
    given_back = defaultdict(list)
    for charge in charges:
        if charge.kind == "correction" and charge.origin_charge_id:
            corrected[charge.origin_charge_id.id] += decimal(charge.amount)
            given_back[charge.origin_charge_id.id].append(Period(charge.date_start, charge.date_end))
    return [
        ChargedPart(
            charge_id=charge.id,
            part=Period(charge.date_start, charge.date_end),
            amount=(decimal(charge.amount) + corrected[charge.id]).quantize(Decimal("0.01")),
            given_back=tuple(given_back[charge.id]),
        )
        for charge in charges
        if charge.kind == "recurring"
    ]


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
