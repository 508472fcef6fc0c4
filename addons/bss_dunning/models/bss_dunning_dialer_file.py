"""Results of calls as a dialer brings them: good lines are taken, bad ones wait to be corrected."""

import base64
import hashlib
import json
import logging
from datetime import UTC

from odoo import api, fields, models
from odoo.exceptions import UserError
from psycopg2 import OperationalError

from ..dunning_core.contact.results import Fault, read_result
from ..dunning_core.dialer import read_results

_logger = logging.getLogger(__name__)

BATCH = 500
CHANNEL = "root.bss.dunning"


class BssDunningDialerFile(models.Model):
    _name = "bss.dunning.dialer.file"
    _inherit = ["bss.dunning.guard.mixin"]
    _description = "Results of a Dialer"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="File", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, readonly=True
    )
    batch_id = fields.Many2one("bss.dunning.dialer.batch", index="btree_not_null", check_company=True, readonly=True)
    sha256 = fields.Char(readonly=True, index=True)
    content = fields.Binary(readonly=True, attachment=True, copy=False)
    source = fields.Selection([("file", "File"), ("api", "Interface")], required=True, default="file", readonly=True)
    line_count = fields.Integer(string="Lines", readonly=True)
    applied_count = fields.Integer(string="Taken", readonly=True)
    duplicate_count = fields.Integer(string="Known Before", readonly=True)
    suspended_count = fields.Integer(compute="_compute_suspended_count", string="To Correct")
    line_ids = fields.One2many("bss.dunning.dialer.line", "file_id", string="Bad Lines")

    @api.depends("line_ids.state")
    def _compute_suspended_count(self):
        groups = self.env["bss.dunning.dialer.line"]._read_group(
            [("file_id", "in", self.ids), ("state", "=", "suspended")], ["file_id"], ["__count"]
        )
        counts = dict(groups)
        for file in self:
            file.suspended_count = counts.get(file, 0)

    @api.model
    def _bss_import(self, name, content, company, batch=None):
        """Read a file and take its lines; the same file again finds everything known.

        :raises UserError: it is no file of results at all
        """
        lines = read_results(content)
        if isinstance(lines, Fault):
            why = self.env["bss.dunning.dialer.line"]._bss_fault_words(lines)
            raise UserError(self.env._("File %(name)s: %(reason)s", name=name, reason=why))
        file = self.sudo().create(
            {
                "name": name,
                "company_id": company.id,
                "batch_id": batch.id if batch else False,
                "sha256": hashlib.sha256(content).hexdigest(),
                "content": base64.b64encode(content),
            }
        )
        if len(lines) <= BATCH:
            file._bss_take(lines)
            return file
        for first in range(0, len(lines), BATCH):
            file.with_delay(
                channel=CHANNEL,
                identity_key=f"bss_dunning_dialer:{file.id}:{first}",
                description=self.env._("Results of a dialer: %(name)s", name=name),
            )._job_take(first, first + BATCH)
        return file

    def _job_take(self, first, last):
        """Lines of one batch of a long file; each batch is one transaction."""
        lines = read_results(base64.b64decode(self.content))
        self.with_company(self.company_id)._bss_take(lines[first:last])

    def _bss_take(self, lines):
        """Take lines one by one, each in its own savepoint.

        :return: for each line ``(line, "applied" | "duplicate" | fault)``
        """
        self.ensure_one()
        now = fields.Datetime.now().replace(tzinfo=UTC)
        outcomes = [(line, line.fault or read_result(line.values, now)) for line in lines]
        calls = self._bss_calls(found for _line, found in outcomes)
        answers = [
            (line, found if isinstance(found, Fault) else self._bss_take_one(found, calls)) for line, found in outcomes
        ]
        bad = [(line, answer) for line, answer in answers if isinstance(answer, Fault)]
        self.env["bss.dunning.dialer.line"].sudo().create([self._bss_line_vals(line, fault) for line, fault in bad])
        taken = [answer for _line, answer in answers if not isinstance(answer, Fault)]
        self.sudo().write(
            {
                "line_count": self.line_count + len(answers),
                "applied_count": self.applied_count + taken.count("applied"),
                "duplicate_count": self.duplicate_count + taken.count("duplicate"),
            }
        )
        return answers

    def _bss_calls(self, found):
        """{id: call} of this company's calls that results name; one search for all."""
        ids = {one.call_id for one in found if not isinstance(one, Fault)}
        calls = self.env["bss.dunning.call"].sudo()
        calls = calls.search([("id", "in", list(ids)), ("company_id", "=", self.company_id.id)])
        return {call.id: call for call in calls}

    def _bss_take_one(self, result, calls):
        call = calls.get(result.call_id)
        if not call:
            return Fault("call_id", "UNKNOWN", str(result.call_id))
        known = call.attempt_ids.filtered(lambda attempt: attempt.number == result.attempt)
        if known:
            same = known.result == result.result
            return "duplicate" if same else Fault("attempt", "CONFLICT", known.result)
        try:
            with self.env.cr.savepoint():
                call._bss_record(result, source="dialer")
        except OperationalError:
            raise  # a lost race: the whole request is repeated
        except Exception as error:
            _logger.info("Result of call %s was not taken", call.id, exc_info=True)
            call.invalidate_recordset()
            return Fault("", "NOT_TAKEN", str(error)[:200])
        return "applied"

    def _bss_line_vals(self, line, fault):
        values = {str(name)[:40]: str(value)[:2000] for name, value in line.values.items() if value is not None}
        return {
            "file_id": self.id,
            "number": line.number,
            "field": fault.field,
            "code": fault.code,
            "value": fault.value,
            "data": json.dumps(values, ensure_ascii=False),
        }

    def action_view_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_dialer_line_action")
        action["domain"] = [("file_id", "=", self.id)]
        action["context"] = {}
        return action
