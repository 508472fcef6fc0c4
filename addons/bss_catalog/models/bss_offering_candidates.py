"""Offerings with their prices of a day, as the availability kernel takes them; read for all of them at once."""

from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

from ..adapters import bundle_parts, bundle_terms, candidate, decimal
from ..catalog_core import Ineligibility, PartCandidate, round_half_up
from ..catalog_core.bundles import BundleProblem, price_bundle
from ..catalog_core.price_models import PriceProblem

ZERO, ONE = Decimal(0), Decimal(1)


class OfferingCandidates:
    """Candidates of ``offerings`` (product.product) on ``day``; a plain helper, made for one question."""

    def __init__(self, offerings, day, pricelist=None):
        self.offerings = offerings
        self.day = day
        self.pricelist = pricelist
        parts = offerings.bss_bundle_line_ids.product_id
        fees = (offerings | parts).bss_activation_product_id
        self.products = offerings | parts | fees
        self.listed = self._listed_prices()

    def all(self):
        """One candidate per offering, in their order."""
        return [self._bundle(product) if product.bss_is_bundle else self._plain(product) for product in self.offerings]

    @property
    def price_kind(self):
        return self.pricelist.bss_price_kind if self.pricelist else "net"

    def _listed_prices(self):
        """{product id: (price, kind)} of one unit; None as the price when the tiers give none for it."""
        tiered = self.products.filtered(lambda one: one.bss_price_model and one.bss_price_model != "flat")
        prices = {product.id: (self._tier_price(product), "net") for product in tiered}
        flat = self.products - tiered
        if not self.pricelist:
            return prices | {product.id: (decimal(product.lst_price), "net") for product in flat}
        noon = datetime.combine(self.day, time(12))
        found = self.pricelist._compute_price_rule(flat, 1.0, date=noon) if flat else {}
        return prices | {key: (decimal(price), self.price_kind) for key, (price, _rule) in found.items()}

    def _tier_price(self, product):
        answer = product.product_tmpl_id._bss_price_of(ONE, product.lst_price)
        return None if isinstance(answer, PriceProblem) else answer.amount

    def _plain(self, product, price=None, reasons=()):
        """:param price: its share of a bundle, when it is not sold at its own price"""
        kind = self.price_kind
        if price is None:
            price, kind = self.listed[product.id]
            reasons = () if price is not None else (Ineligibility("NO_PRICE"),)
        fee = product.bss_activation_product_id
        return candidate(product, price or ZERO, kind, self._plain(fee) if fee else None, reasons)

    def _bundle(self, bundle):
        """The bundle through its parts: the usual ones, and each optional one at its price beside them."""
        template = bundle.product_tmpl_id
        prices = {key: price or ZERO for key, (price, _kind) in self.listed.items()}
        parts = bundle_parts(template, self.day, self.pricelist, prices)
        terms = bundle_terms(template, self.day, self.pricelist, prices)
        usual = {part.key: part.usual for part in parts if not part.is_optional}
        rows = []
        for line, part in zip(template.bss_bundle_line_ids, parts, strict=True):
            quantity = part.usual or max(part.minimum, 1)
            shares = price_bundle(terms, parts, {**usual, part.key: quantity})
            if isinstance(shares, BundleProblem):
                return self._plain(bundle, ZERO, (Ineligibility("NO_PRICE"),))
            price = next(share.price_unit for share in shares if share.key == part.key)
            known = () if self.listed[line.product_id.id][0] is not None else (Ineligibility("NO_PRICE"),)
            inner = self._plain(line.product_id, price, known)
            rows.append(PartCandidate(inner, part.is_optional, decimal(quantity), line.id))
        whole = sum((row.candidate.price * row.quantity for row in rows if not row.optional), ZERO)
        return replace(self._plain(bundle, round_half_up(whole, 2)), parts=tuple(rows))
