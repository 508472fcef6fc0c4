from odoo import fields, models
from odoo.tools import SQL


class BssUsageAudit(models.Model):
    """Files and rows of a source on a day (Poland's) of receipt; a query, nothing is stored."""

    _name = "bss.usage.audit"
    _description = "Usage Audit"
    _auto = False
    _order = "day desc, source_id"
    _rec_name = "source_id"
    _table_query = """
        SELECT min(id) AS id, company_id, source_id,
               ((received_at AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Warsaw')::date AS day,
               count(*) FILTER (WHERE NOT COALESCE(is_package, false)) AS count_files,
               count(*) FILTER (WHERE state = 'rejected') AS count_rejected_files,
               sum(count_rows) AS count_rows, sum(count_loaded) AS count_loaded,
               sum(count_merged) AS count_merged, sum(count_waiting) AS count_waiting,
               sum(count_suspended) AS count_suspended, sum(count_duplicate) AS count_duplicate,
               sum(count_ignored) AS count_ignored, sum(count_rejected) AS count_rejected,
               sum(count_difference) AS count_difference
          FROM bss_usage_file
         GROUP BY company_id, source_id, 4
    """

    day = fields.Date(readonly=True)
    source_id = fields.Many2one("bss.usage.source", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    count_files = fields.Integer(string="Files", readonly=True)
    count_rejected_files = fields.Integer(string="Rejected Files", readonly=True)
    count_rows = fields.Integer(string="Rows", readonly=True)
    count_loaded = fields.Integer(string="Loaded", readonly=True)
    count_merged = fields.Integer(string="Merged", readonly=True)
    count_waiting = fields.Integer(string="Waiting", readonly=True)
    count_suspended = fields.Integer(string="Suspended", readonly=True)
    count_duplicate = fields.Integer(string="Duplicates", readonly=True)
    count_ignored = fields.Integer(string="Ignored", readonly=True)
    count_rejected = fields.Integer(string="Rejected", readonly=True)
    count_difference = fields.Integer(string="Difference", readonly=True)

    def action_open_files(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_file")
        files = self.env.execute_query(
            SQL(
                """SELECT id FROM bss_usage_file WHERE source_id = %s
                    AND ((received_at AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Warsaw')::date = %s""",
                self.source_id.id,
                self.day,
            )
        )
        action["domain"] = [("id", "in", [file_id for (file_id,) in files])]
        return action
