from odoo import fields, models


class BssUsageExport(models.Model):
    """Who took usage out of the system, when and what: calls are personal data and a telecommunications secret."""

    _name = "bss.usage.export"
    _description = "Export of Usage"
    _order = "id desc"
    _log_access = True

    user_id = fields.Many2one("res.users", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    exported_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    model = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [("list", "List"), ("itemised", "Itemised bill"), ("file", "Usage file"), ("errors", "List of errors")],
        required=True,
        readonly=True,
        default="list",
    )
    count = fields.Integer(string="Rows", readonly=True)
    field_names = fields.Char(string="Fields", readonly=True)
    first_at = fields.Datetime(string="Oldest Event", readonly=True)
    last_at = fields.Datetime(string="Newest Event", readonly=True)

    def _bss_log(self, records, field_names, kind="list"):
        """One row per export; also when nothing was found."""
        starts = records.sudo().mapped("started_at") if "started_at" in records._fields else []
        known = [start for start in starts if start]
        first, last = min(known, default=False), max(known, default=False)
        return self._bss_log_rows(records._name, kind, len(records), field_names, first, last)

    def _bss_log_rows(self, model, kind, count, field_names, first_at=False, last_at=False):
        """``_bss_log`` of rows that nobody has read as records."""
        return self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": self.env.company.id,
                "model": model,
                "kind": kind,
                "count": count,
                "field_names": ", ".join(field_names),
                "first_at": first_at,
                "last_at": last_at,
            }
        )
