import base64

from odoo import api, fields, models

from ..adapters import band_facts, plan_book, rate_row, rate_vals
from ..catalog_core import DAY_TYPES, format_months
from ..catalog_core.rate_sheet import BANDS, COLUMNS, LANGUAGES, ZONES, CellError
from ..catalog_core.rate_xlsx import Known
from ..catalog_core.rate_xlsx_write import write_book
from ..catalog_core.zone_codes import split_code
from .bss_rate_import import BookRefused


class BssRatePlan(models.Model):
    """The plan as an Excel workbook, and the way back."""

    _inherit = "bss.rate.plan"  # pylint: disable=consider-merging-classes-inherited

    xlsx_file = fields.Binary(string="Workbook", compute="_compute_xlsx_file", attachment=False)

    @api.depends_context("lang")
    def _compute_xlsx_file(self):
        for plan in self:
            plan.xlsx_file = base64.b64encode(write_book(plan_book(plan), self._bss_book_language()))

    @api.model
    def _bss_book_language(self):
        return "pl" if (self.env.lang or "").startswith("pl") else "en"

    def action_export(self):
        self.ensure_one()
        name = f"{self.code}-{self.date_start or self.id}.xlsx"
        url = f"/web/content/{self._name}/{self.id}/xlsx_file?download=true&filename={name}"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def action_import(self):
        """Form of a new import into this plan."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_rate_import")
        mode = "draft" if self.state == "draft" else "version"
        return {
            **action,
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {"default_plan_id": self.id, "default_mode": mode},
        }

    # --- from a workbook

    @api.model
    def _bss_known(self, company):
        """Codes that a workbook may name without bringing them."""
        zones = self.env["bss.rate.zone"].search([("company_id", "in", [False, company.id])])
        bands = self.env["bss.time.band"].search([("company_id", "=", company.id)])
        return Known(frozenset(zones.mapped("code")), frozenset(bands.mapped("code")))

    def _bss_take_book(self, book, titles):
        """Make the draft say what the workbook says; zones and bands that it does not list stay as they are.

        :return: {what was done: how often}
        :raises BookRefused: before anything is written
        """
        self.ensure_one()
        zones = self._bss_zones_by_code()
        errors = [*self._bss_zone_errors(book, zones, titles), *self._bss_band_errors(book, titles)]
        if errors:
            raise BookRefused(errors)
        return {
            **self._bss_take_bands(book),
            **self._bss_take_zones(book, zones),
            **self._bss_take_rates(book),
        }

    def _bss_zones_by_code(self):
        """{code: zone}: those of the company go before shared ones."""
        zones = self.env["bss.rate.zone"].search([("company_id", "in", [False, self.company_id.id])])
        return {zone.code: zone for zone in zones.sorted(lambda zone: bool(zone.company_id))}

    def _bss_cell_error(self, sheet, titles, row, key, value, code, **params):
        header = COLUMNS[sheet][key][LANGUAGES.index(self._bss_book_language())]
        return CellError(titles.get(sheet, ""), row, header, value, code, params)

    def _bss_zone_errors(self, book, zones, titles):
        """Changes of shared zones, and prefixes that stand in a zone the workbook does not list."""
        errors, listed = [], {row.code for row in book.zones}
        wanted = {prefix: row for row in book.zones for prefix, _note in row.prefixes}
        for row in book.zones:
            zone = zones.get(row.code)
            if zone and not zone.company_id:
                same = {prefix for prefix, _note in row.prefixes} == set(zone.prefix_ids.mapped("prefix"))
                coded = row.codes is None or set(row.codes) == set(zone.code_ids.mapped("code"))
                if not (same and coded) or (row.kind and row.kind != zone.kind):
                    errors.append(
                        self._bss_cell_error(ZONES, titles, row.row, "zone", row.code, "SHARED_ZONE", zone=row.code)
                    )
        taken = self.env["bss.rate.prefix"].search(
            [("company_id", "=", self.company_id.id), ("prefix", "in", list(wanted))]
        )
        for prefix in taken:
            row = wanted[prefix.prefix]
            if prefix.zone_id.code not in {row.code, *listed}:
                params = {"prefix": prefix.prefix, "zone": prefix.zone_id.code}
                errors.append(
                    self._bss_cell_error(ZONES, titles, row.row, "prefix", prefix.prefix, "PREFIX_ELSEWHERE", **params)
                )
        wanted = {code: row for row in book.zones for code in row.codes or ()}
        taken = self.env["bss.rate.zone.code"].search(
            [("company_id", "=", self.company_id.id), ("code", "in", list(wanted))]
        )
        for entry in taken:
            row = wanted[entry.code]
            if entry.zone_id.code not in {row.code, *listed}:
                params = {"text": entry.code, "zone": entry.zone_id.code}
                errors.append(
                    self._bss_cell_error(ZONES, titles, row.row, "codes", entry.code, "CODE_ELSEWHERE", **params)
                )
        return errors

    def _bss_band_errors(self, book, titles):
        """Bands that price usage already are not changed by a workbook."""
        errors, bands = [], self._bss_bands_by_code()
        for row in book.bands:
            band = bands.get(row.band.code)
            if band and band_facts(band) != row.band and band.rate_ids.plan_id.filtered(lambda p: p.state != "draft"):
                errors.append(
                    self._bss_cell_error(BANDS, titles, row.row, "band", band.code, "BAND_FROZEN", band=band.code)
                )
        return errors

    def _bss_bands_by_code(self):
        bands = self.env["bss.time.band"].with_context(active_test=False)
        return {band.code: band for band in bands.search([("company_id", "=", self.company_id.id)])}

    def _bss_take_bands(self, book):
        bands, made, changed = self._bss_bands_by_code(), 0, 0
        for row in book.bands:
            vals = self._bss_band_vals(row)
            band = bands.get(row.band.code)
            if not band:
                self.env["bss.time.band"].create({**vals, "code": row.band.code, "company_id": self.company_id.id})
                made += 1
            elif band_facts(band) != row.band or band.name != row.name or not band.active:
                band.write(vals)
                changed += 1
        return {"bands_new": made, "bands_changed": changed}

    @api.model
    def _bss_band_vals(self, row):
        band = row.band
        return {
            "name": row.name,
            "active": True,
            **{f"day_{day}": day in band.days for day in DAY_TYPES},
            "hour_from": band.start_min / 60,
            "hour_to": band.end_min / 60,
            "months": format_months(band.months) or False,
            "date_start": band.date_start,
            "date_end": band.date_end,
            "weight": band.weight,
        }

    def _bss_take_zones(self, book, zones):
        counts = dict.fromkeys(("zones_new", "zones_changed", "prefixes_new", "prefixes_removed"), 0)
        known = {
            row.code: {one.prefix: one for one in zones[row.code].prefix_ids} for row in book.zones if row.code in zones
        }
        own = [row for row in book.zones if row.code not in zones or zones[row.code].company_id]
        # first everything that leaves a zone, so that a prefix may move to another one
        gone = self.env["bss.rate.prefix"]
        for row in own:
            kept = {prefix for prefix, _note in row.prefixes}
            gone = gone.union(*(one for prefix, one in known.get(row.code, {}).items() if prefix not in kept))
        counts["prefixes_removed"] = len(gone)
        gone.unlink()
        new = []
        for place, row in enumerate(own, start=1):
            zone = zones.get(row.code)
            vals = {name: value for name, value in (("name", row.name), ("kind", row.kind)) if value}
            if not zone:
                ids = {"code": row.code, "sequence": place, "company_id": self.company_id.id}
                zone = zones[row.code] = self.env["bss.rate.zone"].create({"name": row.code, **vals, **ids})
                counts["zones_new"] += 1
            elif any(zone[name] != value for name, value in vals.items()):
                zone.write(vals)
                counts["zones_changed"] += 1
            for prefix, note in row.prefixes:
                present = known.get(row.code, {}).get(prefix)
                if not present:
                    new.append({"zone_id": zone.id, "prefix": prefix, "note": note or False})
                elif (present.note or "") != note:
                    present.note = note or False
        counts["prefixes_new"] = len(self.env["bss.rate.prefix"].create(new))
        return counts | self._bss_take_codes([(zones[row.code], row.codes) for row in own if row.codes is not None])

    def _bss_take_codes(self, wanted):
        """Codes of zones as the workbook has them: first all that leave a zone, so that a code may move.

        :param wanted: (zone, its codes)
        """
        entries = self.env["bss.rate.zone.code"]
        gone = entries.union(
            *(zone.code_ids.filtered(lambda one, kept=codes: one.code not in kept) for zone, codes in wanted)
        )
        removed = len(gone)
        gone.unlink()
        new = []
        for zone, codes in wanted:
            for code in sorted(set(codes) - set(zone.code_ids.mapped("code"))):
                kind, value = split_code(code)
                new.append({"zone_id": zone.id, "kind": kind, "value": value})
        return {"codes_new": len(entries.create(new)), "codes_removed": removed}

    def _bss_take_rates(self, book):
        zones, bands = self._bss_zones_by_code(), self._bss_bands_by_code()
        present = {rate_row(rate).key: rate for rate in self.rate_ids}
        new, changed = [], 0
        for row in book.rates:
            rate = present.pop(row.key, None)
            vals = rate_vals(row)
            if not rate:
                band = bands[row.band].id if row.band else False
                new.append({**vals, "plan_id": self.id, "zone_id": zones[row.zone].id, "band_id": band})
            elif rate_row(rate) != row:
                rate.tier_ids.unlink()
                rate.write(vals)
                changed += 1
        gone = self.env["bss.rate"].union(*present.values())
        removed = len(gone)
        gone.unlink()
        made = self.env["bss.rate"].create(new)
        self.invalidate_recordset()
        return {"rates_new": len(made), "rates_changed": changed, "rates_removed": removed}
