"""Stages of the demo cycle from call records to charges: files of usage, rating."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from .demo_stage import SEED, Stage, Stages
from .paths import ROOT

MOBILE_HEAD = "48730900"  # numbers of the demo operator's mobile services
TRAVELLERS = 6
SAMPLE_CDR = ROOT / "tests/data/cdr/asterisk/smallcdr.csv"


class UsageStages(Stages):
    def _subscriber_numbers(self) -> list[str]:
        identifiers = self.env["bss.service.identifier"].search(
            [
                ("kind", "=", "msisdn"),
                ("service_id.state", "=", "active"),
                ("date_start", "<=", self.calendar.usage_start),
            ],
            order="value",
        )
        return identifiers.mapped("value")

    def usage(self) -> Iterator[Stage]:
        from odoo.addons.bss_mediation.mediation_core.generator import generate_master_csv

        source = self.env.ref("bss_mediation.demo_source", raise_if_not_found=False) or self.env[
            "bss.usage.source"
        ].search([], limit=1)
        content = generate_master_csv(
            self._subscriber_numbers(), self.calls, self.calendar.usage_start, self.calendar.usage_end, SEED
        )
        month = f"{self.calendar.usage_start:%Y-%m}"
        files = self.env["bss.usage.file"]
        received_files = [(source, f"Master-{month}.csv", content), (source, "pbx-sample.csv", SAMPLE_CDR.read_bytes())]
        partner = self.env.ref("bss_mediation.demo_roaming_source", raise_if_not_found=False)
        if partner:
            received_files.append((partner, f"roaming-{month}.csv", self._roaming_file()))
        for owner, name, data in received_files:
            received = files._bss_receive(owner, name, data)
            received._bss_load(progress=self._bar("usage files"))
            self.env.cr.commit()
            files |= received
        yield Stage("call records received", sum(files.mapped("count_rows")), note=f"{len(files)} files")
        yield Stage("events loaded", sum(files.mapped("count_loaded")))
        yield Stage(
            "in suspense",
            sum(files.mapped("count_suspended")),
            note=f"duplicates {sum(files.mapped('count_duplicate'))}, unanswered {sum(files.mapped('count_ignored'))}",
        )

    def _roaming_file(self) -> bytes:
        from odoo.addons.bss_mediation.mediation_core.roaming_sample import roaming_rows

        mobile = [number for number in self._subscriber_numbers() if number.startswith(MOBILE_HEAD)]
        return roaming_rows(mobile[:TRAVELLERS], self.calendar.usage_start, self.calendar.usage_end, SEED)

    def rating(self) -> Iterator[Stage]:
        run = self.env["bss.rating.run"].create(
            {"date_start": self.calendar.usage_start, "date_end": self.calendar.usage_end}
        )
        run._bss_rate(progress=self._bar("rating"))
        at_once = self.env["bss.rating.run"].search([("is_continuous", "=", True)])
        runs = run | at_once
        for one in runs:
            one._bss_make_charges()
        total = sum((Decimal(str(one.amount)) for one in runs), Decimal(0))
        note = f"free {sum(runs.mapped('count_free'))}, when they were loaded {sum(at_once.mapped('count_events'))}"
        yield Stage("events rated", sum(runs.mapped("count_rated")), total, note)
