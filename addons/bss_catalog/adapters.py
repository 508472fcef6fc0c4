"""Records to kernel data; the only file that knows both sides."""

from decimal import Decimal

from .catalog_core import LocationFacts, OfferingFacts, PlanFacts, RateFacts, ZoneFacts, round_half_up
from .catalog_core.price_models import Tier


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
    )


def _zone_facts(zone, own):
    """:param own: prefixes of the company itself; they go before the same ones of shared zones"""
    prefixes = zone.prefix_ids.mapped("prefix")
    return ZoneFacts(
        code=zone.code or "",
        name=zone.name or "",
        kind=zone.kind,
        prefixes=tuple(prefix for prefix in prefixes if zone.company_id or prefix not in own),
    )


def offering_facts(template):
    return OfferingFacts(
        lifecycle=template.bss_lifecycle or "draft",
        technology=template.bss_technology or "any",
        service_type=template.bss_service_type or "other",
        date_start=template.bss_date_start or None,
        date_end=template.bss_date_end or None,
    )


def location_facts(location):
    flags = {"fibre": location.has_fibre, "hfc": location.has_hfc, "radio": location.has_radio}
    return LocationFacts(technologies=frozenset(name for name, present in flags.items() if present))
