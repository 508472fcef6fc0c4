"""Usage is rated on its way into the event table where its price cannot depend on other usage.

What allowances may serve and what plans with tiers or rounding over sessions and periods price is left to the rating run, which goes in
the order of time. Both use the same plans and the same engine, so that an event costs the same either way.
"""

from dataclasses import replace

import polars as pl
from odoo.addons.bss_mediation.event_rows import RATING_SCHEMA, Unrated

from . import adapters, event_store
from .cover_book import CoverBook
from .open_run import open_run_shared
from .plan_book import PlanBook
from .tariff_cache import compiled


class OnLoad(Unrated):
    """Rates events of one company into its open run, during one transaction."""

    def __init__(self, company, tariff, whole):
        """:param whole: read all plans of services at once"""
        self.is_whole = whole
        self._env = company.env
        self._tariff = tariff
        self._book = PlanBook(company.env.cr, company.id, whole)
        self._covers = CoverBook(company, whole)
        self._run_id = open_run_shared(company.env.cr, company)
        self._plans = set()
        self._company = company
        self._watched = company.env["bss.spending.limit"]._bss_watched_zones(company)
        self._touched = set()

    def rate(self, events):
        usage = self._book.attach(events.with_columns(id=pl.int_range(pl.len(), dtype=pl.Int64)))
        offers = self._covers.offers(usage)
        unlimited = offers.filter(pl.col("offered_id").is_null())
        ready = usage.filter(~self._counts()).join(unlimited, on="id", how="anti", maintain_order="left")
        if ready.is_empty():
            return super().rate(events)
        priced = self._at_once(ready, offers)
        self._watch(priced.events)
        results = adapters.result_frame(priced)
        self._plans.update(results["plan_id"].drop_nulls().unique())
        results = results.drop("started_at").rename({"reason": "rating_reason"})
        rated = usage.select("id").join(results, on="id", how="left", maintain_order="left")
        rated = rated.with_columns(
            rating_run_id=pl.when(pl.col("state").is_not_null()).then(pl.lit(self._run_id, pl.Int64)),
            state=pl.col("state").fill_null("guided"),
        )
        return events.hstack(rated.select(pl.col(name).cast(kind) for name, kind in RATING_SCHEMA.items()))

    def _at_once(self, usage, offers):
        """``usage`` priced, without those that an allowance may serve: the zone decides; what has no price uses none."""
        priced = self._tariff.engine.rate(adapters.engine_frame(usage, self._tariff.reading))
        paid = priced.events.filter(pl.col("state") != "suspended")
        waiting = self._covers.serves(offers, paid.select("id", "zone_id"))
        return replace(priced, events=priced.events.filter(~pl.col("id").is_in(waiting.implode())))

    def _counts(self):
        """Whether the price of an event depends on others of its kind before it."""
        kinds = [
            (pl.col("usage_kind") == kind) & pl.col("plan_id").is_in(sorted(plans))
            for kind, plans in self._tariff.counting.items()
        ]
        # no constant: as a filter it has one row for each thread that shares a large frame
        return pl.any_horizontal(pl.col("id").is_null(), *kinds).fill_null(value=False)

    def _watch(self, events):
        """Remember whose spending is to be compared with limits when all is stored."""
        if not self._watched:
            return
        spent = events.filter(pl.col("zone_id").is_in(self._watched) & (pl.col("amount_e4") != 0))
        self._touched.update(spent.select("service_id", adapters.local_date().dt.truncate("1mo")).unique().rows())

    def finish(self):
        event_store.note_priced(self._env.cr, sorted(self._plans))
        self._env["bss.rate.plan"].invalidate_model(["has_rated"])
        if self._touched:
            self._env["bss.usage.notice"]._bss_note_spending(self._company, sorted(self._touched))


def rater(company, whole):
    """Who rates what is loaded for ``company``; None when the rating run is to do it, or there is nothing to rate by."""
    company = company.sudo()
    if not company.bss_rate_on_load:
        return None
    tariff = compiled(company)
    return None if tariff.is_empty else OnLoad(company, tariff, whole)
