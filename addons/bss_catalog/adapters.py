"""Records to kernel data; the only file that knows both sides."""

from decimal import Decimal

from odoo.fields import Command

from .catalog_core import (
    DAY_TYPES,
    Band,
    Candidate,
    LocationFacts,
    OfferingFacts,
    PlanFacts,
    PromotionFacts,
    RateFacts,
    RateTier,
    StepFacts,
    ZoneFacts,
    format_chain,
    parse_chain,
    parse_months,
    round_half_up,
)
from .catalog_core.bundles import BundleTerms, PartFacts
from .catalog_core.characteristics import CharacteristicFacts, parse_number
from .catalog_core.price_models import Tier
from .catalog_core.rate_sheet import BandRow, PlanBook, RateRow, ZoneRow


def decimal(value, places=6):
    """Exact decimal of a number as it is written; digits beyond ``places`` are noise of a float."""
    if isinstance(value, Decimal):
        return value
    return round_half_up(Decimal(repr(value or 0)), places)


def price_tiers(template):
    """Tiers of an offering; an empty end or package size (0 in Odoo) is None in the kernel."""
    return tuple(
        Tier(
            start=decimal(tier.quantity_from),
            price=decimal(tier.price),
            end=decimal(tier.quantity_to) if tier.quantity_to else None,
            package_size=decimal(tier.package_size) if tier.package_size else None,
        )
        for tier in template.bss_price_tier_ids
    )


def bundle_parts(template, day=None, pricelist=None, prices=None):
    """Parts of a bundle, keyed by their position (a line being written has no id yet).

    Without ``day`` and ``pricelist`` the list prices of today.

    :param prices: {product id: price}, of parts whose prices were read for many bundles at once
    """
    return tuple(
        PartFacts(
            key=key,
            name=line.product_id.name or "",
            price=prices[line.product_id.id] if prices else line.product_id._bss_own_price_on(day, pricelist)[0],
            is_optional=line.is_optional,
            minimum=line.quantity_min,
            usual=line.quantity_default,
            maximum=line.quantity_max,
            discount_percent=decimal(line.discount_percent),
        )
        for key, line in enumerate(template.bss_bundle_line_ids)
        if line.product_id
    )


def bundle_terms(template, day=None, pricelist=None, prices=None):
    """How a bundle is priced; its own price and discount are net or gross as the price list is. See bundle_parts."""
    way = template.bss_bundle_pricing or "sum"
    discount = decimal(template.bss_bundle_discount_amount)
    if pricelist and pricelist.bss_price_kind == "gross":
        discount = template._bss_gross_of(discount)
    own = decimal(template.list_price)
    if way == "own" and pricelist:
        product = template.product_variant_id
        own = prices[product.id] if prices else product._bss_own_price_on(day, pricelist)[0]
    return BundleTerms(
        way=way,
        own_price=own,
        discount_percent=decimal(template.bss_bundle_discount_percent),
        discount_amount=discount,
    )


def characteristic_facts(characteristic):
    return CharacteristicFacts(
        value_type=characteristic.value_type,
        minimum=parse_number(characteristic.value_min) if characteristic.value_min else None,
        maximum=parse_number(characteristic.value_max) if characteristic.value_max else None,
        allowed=tuple(characteristic.value_ids.mapped("code")),
    )


def plan_facts(plan):
    others = (
        plan.search(
            [
                ("code", "=", plan.code),
                ("company_id", "=", plan.company_id.id),
                ("state", "=", "active"),
                ("id", "!=", plan._origin.id),
            ]
        )
        if plan.code
        else plan.browse()
    )
    zones = plan._bss_zones()
    own = set(zones.filtered("company_id").prefix_ids.mapped("prefix"))
    return PlanFacts(
        code=plan.code or "",
        rates=tuple(_rate_facts(rate) for rate in plan.rate_ids),
        zones=tuple(_zone_facts(zone, own) for zone in zones),
        date_start=plan.date_start or None,
        date_end=plan.date_end or None,
        other_versions=tuple((other.date_start or None, other.date_end or None) for other in others),
        bands=tuple(band_facts(band) for band in plan.rate_ids.band_id),
    )


def _rate_facts(rate):
    return RateFacts(
        zone=rate.zone_id.code or "",
        usage_kind=rate.usage_kind,
        price_micro=rate.price_micro,
        connect_fee_micro=rate.connect_fee_micro,
        increment_first_s=rate.increment_first_s,
        increment_next_s=rate.increment_next_s,
        min_charge_micro=rate.min_charge_micro,
        max_charge_micro=rate.max_charge_micro,
        band=rate.band_id.code or "",
        chain=_chain(rate),
        tier_model=rate.tier_model or "flat",
        tiers=_tiers(rate),
        basis=rate.charge_basis or "unit",
        multiplier_micro=rate.multiplier_micro,
        rounding=rate.rounding or "event",
        step_bytes=rate.step_bytes,
    )


def _tiers(rate):
    return tuple(
        RateTier(tier.quantity_from, tier.quantity_to, tier.price_micro, tier.package_size) for tier in rate.tier_ids
    )


def _chain(rate):
    """Steps of the chain; none while it is being typed, then the two increments stand."""
    chain = parse_chain(rate.chain or "")
    return chain if isinstance(chain, tuple) else ()


def plan_book(plan):
    """The plan as it is written to a workbook: its rates, their zones with prefixes, their bands."""
    rates = plan.env["bss.rate"].search([("plan_id", "in", plan.ids)])
    return PlanBook(
        rates=tuple(rate_row(rate) for rate in rates),
        zones=tuple(
            ZoneRow(
                zone.code,
                zone.name or "",
                zone.kind,
                tuple(sorted((one.prefix, one.note or "") for one in zone.prefix_ids)),
                tuple(zone.code_ids.sorted("code").mapped("code")),
            )
            for zone in rates.zone_id.sorted(lambda zone: (zone.sequence, zone.code))
        ),
        bands=tuple(BandRow(band.name, band_facts(band)) for band in rates.band_id.sorted("code")),
    )


def rate_row(rate):
    return RateRow(
        zone=rate.zone_id.code,
        usage_kind=rate.usage_kind,
        price_micro=rate.price_micro,
        band=rate.band_id.code or "",
        connect_fee_micro=rate.connect_fee_micro,
        chain=_chain(rate) or (rate.increment_first_s, rate.increment_next_s),
        data_block_bytes=rate.data_block_bytes,
        min_charge_micro=rate.min_charge_micro,
        max_charge_micro=rate.max_charge_micro,
        decimals=rate.decimals,
        basis=rate.charge_basis,
        tier_model=rate.tier_model,
        tiers=_tiers(rate),
        multiplier_micro=rate.multiplier_micro,
        rounding=rate.rounding,
        step_bytes=rate.step_bytes,
        zone_name=rate.zone_id.name or "",
    )


def rate_vals(row):
    """Values of a ``bss.rate`` for a row of a workbook, its zone and band left out."""
    return {
        "usage_kind": row.usage_kind,
        "price_micro": row.price_micro,
        "connect_fee_micro": row.connect_fee_micro,
        "chain": format_chain(row.chain),
        "data_block_bytes": row.data_block_bytes,
        "min_charge_micro": row.min_charge_micro,
        "max_charge_micro": row.max_charge_micro,
        "decimals": row.decimals,
        "charge_basis": row.basis,
        "tier_model": row.tier_model,
        "multiplier_micro": row.multiplier_micro,
        "rounding": row.rounding,
        "step_bytes": row.step_bytes,
        "tier_ids": [
            Command.create(
                {
                    "quantity_from": tier.quantity_from,
                    "quantity_to": tier.quantity_to,
                    "price_micro": tier.price_micro,
                    "package_size": tier.package_size,
                }
            )
            for tier in row.tiers
        ],
    }


def band_facts(band):
    return Band(
        code=band.code or "",
        days=frozenset(day for day in DAY_TYPES if band[f"day_{day}"]),
        start_min=round(band.hour_from * 60),
        end_min=round(band.hour_to * 60),
        months=parse_months(band.months or "") or frozenset(),
        date_start=band.date_start or None,
        date_end=band.date_end or None,
        weight=band.weight,
    )


def _zone_facts(zone, own):
    """:param own: prefixes of the company itself; they go before the same ones of shared zones"""
    prefixes = zone.prefix_ids.mapped("prefix")
    return ZoneFacts(
        code=zone.code or "",
        name=zone.name or "",
        kind=zone.kind,
        prefixes=tuple(prefix for prefix in prefixes if zone.company_id or prefix not in own),
        codes=tuple(code for code in zone.code_ids.mapped("code") if code),
    )


def offering_facts(template):
    return OfferingFacts(
        lifecycle=template.bss_lifecycle or "draft",
        technology=template.bss_technology or "any",
        service_type=template.bss_service_type or "other",
        date_start=template.bss_date_start or None,
        date_end=template.bss_date_end or None,
        down_mbps=template.bss_down_mbps,
        up_mbps=template.bss_up_mbps,
        customer_kinds=customer_kinds(template, "bss_for_"),
    )


def location_facts(location):
    flags = {"fibre": location.has_fibre, "hfc": location.has_hfc, "radio": location.has_radio}
    return LocationFacts(technologies=frozenset(name for name, present in flags.items() if present))


CUSTOMER_KINDS = ("consumer", "sole_trader", "company", "public")
PROMOTION_TECHNOLOGIES = ("fibre", "hfc", "radio", "mobile")


def customer_kinds(record, prefix):
    """Codes of the kinds of customers ticked on ``record``; all of them ticked is the same as none."""
    ticked = frozenset(kind for kind in CUSTOMER_KINDS if record[f"{prefix}{kind}"])
    return ticked if len(ticked) < len(CUSTOMER_KINDS) else frozenset()


def promotion_facts(promotion, granted=0):
    """:param granted: number of services that have the promotion already"""
    ticked = frozenset(name for name in PROMOTION_TECHNOLOGIES if promotion[f"for_{name}"])
    return PromotionFacts(
        promotion_id=promotion._origin.id or 0,
        steps=tuple(_step_facts(step) for step in promotion.step_ids),
        priority=promotion.priority,
        exclusive=promotion.is_exclusive,
        incompatible_ids=frozenset((promotion.incompatible_ids | promotion.incompatible_by_ids)._origin.ids),
        target=promotion.target,
        state=promotion.state,
        date_start=promotion.date_start or None,
        date_end=promotion.date_end or None,
        product_ids=frozenset(promotion._bss_offerings().ids),
        customer_kinds=customer_kinds(promotion, "for_"),
        customer_status=promotion.customer_status,
        min_term=promotion.min_term_months,
        max_term=promotion.max_term_months,
        bundle_ids=frozenset(promotion.bundle_id._origin._bss_with_later_versions().ids),
        location_ids=frozenset(promotion.location_ids._origin.ids),
        teryt_prefixes=tuple(filter(None, (part.strip() for part in (promotion.teryt_prefixes or "").split(",")))),
        technologies=ticked if len(ticked) < len(PROMOTION_TECHNOLOGIES) else frozenset(),
        competitor_ids=frozenset(promotion.competitor_ids._origin.ids),
        any_competitor=promotion.any_competitor,
        grants_left=promotion.max_grants - granted if promotion.max_grants else None,
    )


def _step_facts(step):
    return StepFacts(
        month_from=step.month_from,
        month_to=step.month_to or None,
        kind=step.kind,
        value=decimal(step.value),
        unit=step.unit or "",
        quantity=decimal(step.quantity),
    )


def place_facts(technologies, ports):
    """:param technologies: {technology: (down, up)}; :param ports: {technology: (all, free)}"""
    return LocationFacts(frozenset(technologies), technologies, ports)


def candidate(product, price, price_kind, fee=None, reasons=()):
    """``product`` at ``price`` (Decimal, of one unit and a full period)."""
    return Candidate(
        product_id=product.id,
        facts=offering_facts(product.product_tmpl_id),
        kind=product.bss_offering_kind,
        price=price,
        price_kind=price_kind,
        period_unit=product.bss_period_unit,
        period_count=product.bss_period_months,
        fee=fee,
        reasons=reasons,
    )
