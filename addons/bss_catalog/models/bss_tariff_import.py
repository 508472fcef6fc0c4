import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .. import tariff_store
from ..adapters import band_facts, rate_row
from ..catalog_core.rate_sheet import BandRow, PlanBook
from ..catalog_core.tariff_import import (
    FIELDS,
    Columns,
    ImportProblem,
    TariffDraft,
    draft_of_cgrates,
    guess_columns,
    headers_of,
    read_carrier,
    read_periods,
    unpack,
)
from .bss_rate import USAGE_KINDS

COLUMN_FIELDS = {key: f"column_{key}" for key in FIELDS}
INPUTS = frozenset(
    {"kind", "attachment_ids", "code", "date_start", "usage_kind", "chain", "keeps_others", *COLUMN_FIELDS.values()}
)
ERRORS_KEPT = 2_000


class BssTariffImport(models.Model):
    """A tariff of somebody else: looked through without writing, then taken into draft rate plans."""

    _name = "bss.tariff.import"
    _description = "Import of a Tariff"
    _order = "id desc"
    _rec_name = "code"
    _check_company_auto = True

    kind = fields.Selection(
        [
            ("carrier", "Rate sheet of a carrier"),
            ("cgrates", "CGRateS tariff plans"),
            ("periods", "Price list with two periods"),
        ],
        string="What It Is",
        required=True,
        default="carrier",
        help="Rate sheet: a row for each prefix with its price and from when it is valid (XLSX or CSV). CGRateS: the CSV files of "
        "a set, or a ZIP archive of them. Two periods: prefix, description, seconds, price, seconds, price.",
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    attachment_ids = fields.Many2many("ir.attachment", string="Files", required=True)
    code = fields.Char(
        required=True,
        help="Code of the rate plan. Of a set with several plans: what stands before the codes of its plans, zones and bands.",
    )
    date_start = fields.Date(
        string="Valid From", help="First day of the plan, or of the rows that do not say their own; empty: from always."
    )
    usage_kind = fields.Selection(USAGE_KINDS, string="Usage", required=True, default="voice")
    chain = fields.Char(string="Increments", default="1/1", required=True, help="Of rows that do not say their own.")
    keeps_others = fields.Boolean(
        string="Only Changes",
        help="The list names changes only: prefixes that it does not name keep the price of the version before.",
    )
    headers = fields.Char(string="Columns of the File", readonly=True, copy=False)
    column_prefix = fields.Char(string="Prefix")
    column_country_code = fields.Char(
        string="Country Code", help="Stands before the prefix, when it is a column of its own."
    )
    column_destination = fields.Char(string="Destination")
    column_price = fields.Char(string="Price", help="Net, per minute or message.")
    column_valid_from = fields.Char(string="Valid From Column")
    column_chain = fields.Char(string="Increments Column")
    column_connect_fee = fields.Char(string="Connection Fee")
    state = fields.Selection(
        [("new", "New"), ("checked", "Checked"), ("done", "Imported")],
        required=True,
        default="new",
        readonly=True,
        copy=False,
        index=True,
    )
    preview_html = fields.Html(string="What It Makes", readonly=True, copy=False, sanitize=False)
    problem_ids = fields.One2many("bss.tariff.import.problem", "import_id", string="Not Taken Over", readonly=True)
    error_count = fields.Integer(string="Errors", readonly=True, copy=False)
    plan_ids = fields.Many2many("bss.rate.plan", string="Rate Plans", readonly=True, copy=False)

    def write(self, vals):
        if INPUTS & vals.keys():
            if any(record.state == "done" for record in self):
                raise UserError(self.env._("The tariff was imported already: make a new import."))
            vals = {"state": "new", "preview_html": False, "error_count": 0, **vals}
            self.problem_ids.unlink()
        return super().write(vals)

    # --- files

    def _bss_files(self):
        """{name: content}; a problem of the files as a whole is raised."""
        self.ensure_one()
        uploads = [(one.name, base64.b64decode(one.datas or b"")) for one in self.attachment_ids]
        packed = unpack(uploads)
        if packed.problem:
            raise UserError(self.env["bss.tariff.import.problem"]._bss_templates()[packed.problem])
        return packed.files

    @api.onchange("attachment_ids", "kind")
    def _onchange_files(self):
        """Columns are proposed by their usual names."""
        self.headers = False
        if self.kind == "carrier" and self.attachment_ids:
            files = [one.raw for one in self.attachment_ids._origin if one.raw]
            names = headers_of(files[0]) if files else []
            self.headers = ", ".join(names) or False
            for key, name in guess_columns(names).items():
                self[COLUMN_FIELDS[key]] = name or False

    # --- look through, import

    def action_check(self):
        """Read everything, write nothing; what would be made and what is left out stay on the record."""
        for record in self:
            record._bss_open_only()
            draft = record._bss_draft()
            steps = record._bss_steps(draft)
            record._bss_note(draft)
            record.write({"state": "checked", "preview_html": record._bss_preview(draft, steps)})
        return True

    def action_import(self):
        """Zones and prefixes that are missing, then draft plans; a plan that is there as it would be made stays."""
        self.ensure_one()
        self._bss_open_only()
        draft = self._bss_draft()
        steps = self._bss_steps(draft)
        if all(what == "empty" for what, _there in steps):
            raise UserError(self.env._("There is nothing to take over."))
        preview = self._bss_preview(draft, steps)
        tariff_store.add_zones(self.env, self.company_id.id, draft.zones)
        plans = self._bss_take_plans(draft, steps)
        self._bss_note(draft)
        self.write({"state": "done", "preview_html": preview, "plan_ids": [Command.set(plans.ids)]})
        return self.action_open_plans()

    def action_open_plans(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_rate_plan")
        if len(self.plan_ids) == 1:
            return {**action, "view_mode": "form", "views": [(False, "form")], "res_id": self.plan_ids.id}
        return {**action, "domain": [("id", "in", self.plan_ids.ids)], "context": {}}

    def _bss_open_only(self):
        self.check_access("write")
        if self.state == "done":
            raise UserError(self.env._("The tariff was imported already: make a new import."))

    def _bss_draft(self):
        """``TariffDraft`` of the files."""
        self.ensure_one()
        self.env.flush_all()
        files = self._bss_files()
        if self.kind == "cgrates":
            named = {_usual_name(name): content for name, content in files.items()}
            return draft_of_cgrates(named, self._bss_head(), self._bss_existing)
        if len(files) > 1:
            raise UserError(self.env._("A price list is one file."))
        name, content = next(iter(files.items()))
        found = self._bss_existing([self.code])
        if self.kind == "periods":
            return read_periods(name, content, self.code, self.date_start or None, found)
        before = self._bss_before() if self.keeps_others else None
        return read_carrier(name, content, self._bss_columns(), self.code, found, before)

    def _bss_head(self):
        return f"{self.code}:"

    def _bss_existing(self, codes):
        return tariff_store.existing(self.env.cr, self.company_id.id, codes)

    def _bss_columns(self):
        return Columns(
            names={key: self[name] or "" for key, name in COLUMN_FIELDS.items()},
            usage_kind=self.usage_kind,
            date_start=self.date_start or None,
            chain=self.env["bss.rate"]._bss_chain(self.chain),
            keeps_others=self.keeps_others,
        )

    def _bss_versions(self, code):
        """Versions of a plan that are not withdrawn, the newest first."""
        plans = self.env["bss.rate.plan"]
        return plans.search(
            Domain("code", "=", code)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("state", "!=", "withdrawn")
        ).sorted(lambda plan: (plan.date_start or fields.Date.to_date("1900-01-01"), plan.id), reverse=True)

    def _bss_before(self):
        version = self._bss_versions(self.code)[:1]
        return tariff_store.prices_before(self.env.cr, version.id, self.usage_kind)

    # --- plans

    def _bss_steps(self, draft):
        """[(what is done: new, version, changed, same, empty; the plan that is there)] in the order of the plans."""
        return [self._bss_step(plan) for plan in draft.plans]

    def _bss_step(self, plan):
        versions = self._bss_versions(plan.code)
        there = versions.filtered(lambda one: (one.date_start or None) == plan.date_start) or (
            versions if plan.date_start is None else versions.browse()
        )
        there = there[:1]
        if not plan.rates:
            # nothing of it could be taken over: a plan that prices nothing helps nobody
            return "empty", there
        if not there:
            return ("version" if versions else "new"), there
        wanted = {row.key: row for row in plan.rates}
        if wanted == {row.key: row for row in map(rate_row, there.rate_ids)}:
            return "same", there
        return ("changed" if there.state == "draft" else "version"), there

    def _bss_take_plans(self, draft, steps):
        plans = self.env["bss.rate.plan"]
        book = PlanBook(bands=tuple(BandRow(band.code, band) for band in draft.bands))
        if draft.bands:
            self._bss_refuse_bands(draft.bands)
            plans.new({"company_id": self.company_id.id})._bss_take_bands(book)
        made = plans
        for plan, (what, there) in zip(draft.plans, steps, strict=True):
            if what == "empty":
                continue
            target = there
            if what in ("new", "version"):
                target = plans.create(
                    {
                        "name": there.name or self._bss_versions(plan.code)[:1].name or plan.code,
                        "code": plan.code,
                        "company_id": self.company_id.id,
                        "currency_id": self.company_id.currency_id.id,
                        "date_start": plan.date_start or (self.date_start if what == "version" else False),
                    }
                )
            if what != "same":
                target._bss_take_rates(PlanBook(rates=plan.rates))
            made |= target
        return made

    def _bss_refuse_bands(self, bands):
        """Bands are shared by plans: one that is there under the code must be of the same hours."""
        known = self.env["bss.rate.plan"].new({"company_id": self.company_id.id})._bss_bands_by_code()
        for band in bands:
            if band.code in known and band_facts(known[band.code]) != band:
                raise UserError(
                    self.env._(
                        "Time band %(band)s is there with other hours: give the import another code.", band=band.code
                    )
                )

    # --- words

    def _bss_note(self, draft: TariffDraft):
        self.problem_ids.unlink()
        problems = self.env["bss.tariff.import.problem"]
        problems.create([problems._bss_vals(self, one) for one in draft.problems[:ERRORS_KEPT]])
        self.error_count = sum(one.severity == "error" for one in draft.problems)

    def _bss_preview(self, draft, steps):
        return self.env["ir.qweb"]._render(
            "bss_catalog.tariff_import_preview",
            {
                "plans": [(plan, what) for plan, (what, _there) in zip(draft.plans, steps, strict=True)],
                "zones": len([zone for zone in draft.zones if zone.code not in self._bss_existing([]).codes]),
                "prefixes": sum(len(zone.prefixes) for zone in draft.zones),
                "bands": draft.bands,
                "errors": sum(one.severity == "error" for one in draft.problems),
                "warnings": sum(one.severity != "error" for one in draft.problems),
            },
        )


def _usual_name(name):
    """Names of the set's files whatever their case."""
    known = ("Destinations", "Rates", "DestinationRates", "Timings", "RatingPlans", "RatingProfiles")
    return next((f"{one}.csv" for one in known if name.lower() == f"{one.lower()}.csv"), name)


class BssTariffImportProblem(models.Model):
    _name = "bss.tariff.import.problem"
    _description = "What an Import of a Tariff Leaves Out"
    _order = "import_id, severity, file, line, id"
    _rec_name = "reason"

    import_id = fields.Many2one("bss.tariff.import", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="import_id.company_id", store=True, index=True, precompute=True)
    severity = fields.Selection([("error", "Left out"), ("warning", "Mind")], required=True, readonly=True)
    file = fields.Char(readonly=True)
    line = fields.Integer(readonly=True, aggregator=None)
    column = fields.Char(readonly=True)
    value = fields.Char(readonly=True)
    reason = fields.Char(readonly=True)

    @api.model
    def _bss_vals(self, record, problem: ImportProblem):
        template = self._bss_templates().get(problem.code)
        reason = template % dict(problem.params) if template else problem.code
        return {
            "import_id": record.id,
            "severity": problem.severity,
            "file": problem.file,
            "line": problem.line,
            "column": problem.field,
            "value": problem.value[:200],
            "reason": reason,
        }
