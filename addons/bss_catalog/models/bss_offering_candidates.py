"""Offerings with their prices of a day, as the availability kernel takes them; read for all of them at once."""

from datetime import datetime, time

from ..adapters import candidate, decimal
from ..catalog_core import Ineligibility, PartCandidate
from ..catalog_core.price_models import PriceProblem

ONE = decimal(1)


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

    def _plain(self, product, price=None):
        """:param price: its share of a bundle, when it is not sold at its own price"""
        listed, kind = self.listed[product.id]
        reasons = () if price is not None or listed is not None else (Ineligibility("NO_PRICE"),)
        fee = product.bss_activation_product_id
        return candidate(
            product,
            price if price is not None else (listed or decimal(0)),
            self.price_kind if price is not None else kind,
            fee=self._plain(fee) if fee else None,
            reasons=reasons,
        )

    def _bundle(self, bundle):
        """The bundle through its parts: the usual ones, and each optional one at its price beside them."""
        parts = []
        for line in bundle.bss_bundle_line_ids:
            quantity = line.quantity_default or max(line.quantity_min, 1)
            price = decimal(line.price_in_bundle) / quantity
            parts.append(PartCandidate(self._plain(line.product_id, price), line.is_optional, decimal(quantity)))
        whole = sum((part.candidate.price * part.quantity for part in parts if not part.optional), decimal(0))
        fee = bundle.bss_activation_product_id
        return candidate(bundle, whole, self.price_kind, fee=self._plain(fee) if fee else None, parts=tuple(parts))
