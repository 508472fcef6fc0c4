"""The life of a service as spans of equal days, in words for screens."""

from datetime import timedelta

from odoo import models
from odoo.tools.misc import formatLang

from .. import adapters
from ..billing_core import check, round_half_up, segments

ONE_DAY = timedelta(days=1)


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    def _bss_timeline_rows(self, window, today):
        """Plain data of the services for the timeline: spans of equal days with what holds in them."""
        batch = adapters.fetch_batch(self.env, self.ids)
        timelines = {one.service_id: one for one in batch.timelines}
        rows = []
        for service in self:
            timeline = timelines.get(service.id)
            spans, problem = [], batch.unpriced.get(service.id)
            if timeline and not check(timeline):
                spans = service._bss_spans(timeline, window, today)
            rows.append(
                {
                    "service": service,
                    "state": dict(self._fields["state"]._description_selection(self.env))[service.state],
                    "spans": spans,
                    "waits": not service.date_start and service.state == "pending",
                    "problem": problem,
                    "before": spans and self.env["bss.contract"]._bss_place(window, spans[0]["start"]) or 0,
                }
            )
        return rows

    def _bss_spans(self, timeline, window, today):
        """Segments of the kernel, neighbours of the same price and reasons joined."""
        spans = []
        for one in segments(timeline, window):
            same = (
                spans
                and spans[-1]["version"] is one.version
                and spans[-1]["suspension"] is one.suspension
                and spans[-1]["fraction"] == one.price
                and [item.step for item in spans[-1]["applied"]] == [item.step for item in one.applied]
                and spans[-1]["end"] + ONE_DAY == one.start
            )
            if same:
                spans[-1].update(end=one.end, until=one.applied)
            else:
                spans.append(
                    {
                        "start": one.start,
                        "end": one.end,
                        "version": one.version,
                        "suspension": one.suspension,
                        "fraction": one.price,
                        "applied": one.applied,
                        "until": one.applied,
                    }
                )
        return [self._bss_span_words(span, timeline, window, today) for span in spans]

    def _bss_span_words(self, span, timeline, window, today):
        product_id, kind = adapters.of_product_key(span["version"].product_id)
        suspension = span["suspension"]
        changes = self.version_ids.filtered(lambda one: one.date_start == span["start"])
        promotions = [
            {
                "name": self.env["bss.promotion"].sudo().browse(first.promotion_id).name,
                "from": first.month_from,
                "to": last.month_to,
            }
            for first, last in zip(span["applied"], span["until"], strict=True)
        ]
        cause = False
        if suspension:
            row = self.suspension_ids.filtered(lambda one: one.date_start == suspension.start)[:1]
            cause = dict(row._fields["cause"]._description_selection(self.env)).get(row.cause)
        now = span["start"] <= today <= span["end"]
        return {
            "start": span["start"],
            "end": False if span["end"] == window.end and not timeline.end else span["end"],
            "width": round(100.0 * ((span["end"] - span["start"]).days + 1) / window.days, 2),
            "offering": self.env["product.product"].browse(product_id).name,
            "quantity": span["version"].quantity.normalize(),
            "list_price": formatLang(self.env, float(span["version"].amount), currency_obj=self.currency_id),
            "price": formatLang(self.env, float(round_half_up(span["fraction"])), currency_obj=self.currency_id),
            "is_list_price": span["fraction"] == span["version"].amount,
            "is_gross": kind == "gross",
            "promotions": promotions,
            "cause": cause,
            "percent": suspension and f"{suspension.percent.normalize():f}",
            "changed": changes.changed,
            "change": changes.change_id.display_name,
            "moment": "now" if now else ("past" if span["end"] < today else "scheduled"),
        }
