from odoo import fields, models

KINDS = [
    ("pickup_failed", "Files cannot be fetched"),
    ("missing_file", "No file has come"),
    ("gap", "Files missing in the sequence"),
    ("sequence", "Sequence number out of order"),
    ("file_rejected", "File rejected"),
    ("error_rate", "Too many rows in suspense"),
    ("audit", "Counts do not add up"),
    ("warning", "The sender reports a loss"),
    ("volume", "Volume is not the usual one"),
]


class BssUsageAlarm(models.Model):
    """Something about a source that a person must see; the same thing again counts on the open alarm."""

    _name = "bss.usage.alarm"
    _description = "Usage Alarm"
    _order = "state, raised_at desc, id desc"
    _check_company_auto = True
    _rec_name = "text"

    source_id = fields.Many2one(
        "bss.usage.source", required=True, readonly=True, index=True, check_company=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="source_id.company_id", store=True, index=True, precompute=True)
    kind = fields.Selection(KINDS, required=True, readonly=True, index=True)
    text = fields.Text(string="What Happened", required=True, readonly=True)
    file_id = fields.Many2one("bss.usage.file", readonly=True, index="btree_not_null", ondelete="cascade")
    raised_at = fields.Datetime(string="First", required=True, readonly=True, default=fields.Datetime.now)
    last_at = fields.Datetime(string="Last", required=True, readonly=True, default=fields.Datetime.now)
    times = fields.Integer(readonly=True, default=1)
    state = fields.Selection(
        [("open", "Open"), ("resolved", "Resolved")], required=True, default="open", readonly=True, index=True
    )
    resolved_at = fields.Datetime(readonly=True)
    resolved_by_id = fields.Many2one("res.users", readonly=True, help="Empty: it resolved itself.")

    # A file has its own alarm of a kind; what concerns the source alone is one alarm.
    _open_unique = models.UniqueIndex(
        "(source_id, kind, COALESCE(file_id, 0)) WHERE state = 'open'", "This alarm is open already."
    )

    def action_resolve(self):
        self.check_access("write")
        self._bss_resolve(self.env.user)
        return True

    def _bss_resolve(self, user=None):
        waiting = self.filtered(lambda alarm: alarm.state == "open").sudo()
        waiting.write(
            {"state": "resolved", "resolved_at": fields.Datetime.now(), "resolved_by_id": user.id if user else False}
        )
        for source in waiting.source_id:
            if not source.open_alarm_ids:
                source.activity_unlink(["mail.mail_activity_data_warning"])
