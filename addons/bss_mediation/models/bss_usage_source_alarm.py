from odoo import api, fields, models


class BssUsageSource(models.Model):
    _inherit = "bss.usage.source"  # pylint: disable=consider-merging-classes-inherited

    responsible_id = fields.Many2one(
        "res.users",
        string="Alarms To",
        default=lambda self: self.env.user,
        help="Gets an activity for every new alarm.",
    )
    alarm_email = fields.Char(string="Alarms by E-mail To", help="One or more addresses, separated by commas.")
    alarm_error_percent = fields.Float(
        string="Alarm Above (% in Suspense)", default=5.0, digits=(5, 1), help="0 switches the alarm off."
    )
    alarm_silence_hours = fields.Integer(
        string="Alarm After Hours Without a File", default=0, help="0 switches the alarm off."
    )
    alarm_volume_percent = fields.Integer(
        string="Alarm on Unusual Volume (%)",
        default=50,
        help="A day is compared with the same weekday of the four weeks before; 0 switches the alarm off.",
    )
    alarm_ids = fields.One2many("bss.usage.alarm", "source_id", string="Alarms")
    open_alarm_ids = fields.One2many(
        "bss.usage.alarm", "source_id", domain=[("state", "=", "open")], string="Open Alarms"
    )
    alarm_count = fields.Integer(string="Open Alarms (count)", compute="_compute_alarm_count")

    _alarm_limits = models.Constraint(
        "CHECK(alarm_error_percent BETWEEN 0 AND 100 AND alarm_silence_hours >= 0 AND alarm_volume_percent >= 0)",
        "Limits of alarms are not negative.",
    )

    @api.depends("alarm_ids.state")
    def _compute_alarm_count(self):
        counts = dict(
            self.env["bss.usage.alarm"]._read_group(
                [("source_id", "in", self.ids), ("state", "=", "open")], ["source_id"], ["__count"]
            )
        )
        for source in self:
            source.alarm_count = counts.get(source, 0)

    def _bss_alarm(self, kind, text, file=None):
        """Raise an alarm, or count it on the one that is open; only a new one calls somebody."""
        self.ensure_one()
        source = self.sudo()
        known = source.open_alarm_ids.filtered(
            lambda alarm: alarm.kind == kind and alarm.file_id == (file or alarm.file_id.browse())
        )
        if known:
            known.write({"times": known.times + 1, "last_at": fields.Datetime.now(), "text": text})
            return known
        alarm = (
            self.env["bss.usage.alarm"]
            .sudo()
            .create({"source_id": self.id, "kind": kind, "text": text, "file_id": file.id if file else False})
        )
        source._bss_call(alarm)
        return alarm

    def _bss_call(self, alarm):
        source = self.sudo()
        kind = dict(self.env["bss.usage.alarm"]._fields["kind"]._description_selection(self.env))[alarm.kind]
        if self.responsible_id.active:
            source.activity_schedule(
                "mail.mail_activity_data_warning", summary=kind, note=alarm.text, user_id=self.responsible_id.id
            )
        if self.alarm_email:
            self.env["mail.mail"].sudo().create(
                {
                    "subject": f"[{self.code}] {kind}",
                    "email_to": self.alarm_email,
                    "email_from": self.company_id.email_formatted or self.env.user.email_formatted,
                    "body_html": self.env["ir.qweb"]._render(
                        "bss_mediation.usage_alarm_mail", {"source": self, "alarm": alarm, "kind": kind}
                    ),
                    "auto_delete": True,
                }
            )

    def _bss_calm(self, kind):
        """What the alarm was about is over."""
        self.sudo().open_alarm_ids.filtered(lambda alarm: alarm.kind == kind)._bss_resolve()

    def action_open_alarms(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_alarm")
        action["domain"] = [("source_id", "=", self.id)]
        return action
