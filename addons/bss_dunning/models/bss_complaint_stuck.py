"""Complaints whose clocks cannot run: each is told to whoever handles it, the others go on."""

import logging

from odoo import models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import format_date
from psycopg2 import OperationalError

from .. import adapters
from .bss_complaint_clock import BATCH

_logger = logging.getLogger(__name__)

STUCK = "bss_dunning.mail_activity_complaint_stuck"
UNDECIDED = ("new", "open")


class BssComplaintStuck(models.Model):
    _inherit = "bss.complaint"  # pylint: disable=consider-merging-classes-inherited

    def _bss_follow_apart(self, as_of):
        """As nights and runs do: together, and one that cannot be followed does not stop the others."""
        for start in range(0, len(self), BATCH):
            batch = self[start : start + BATCH]
            try:
                with self.env.cr.savepoint():
                    batch._bss_follow(as_of)
            except OperationalError:
                raise  # a lost race: the whole job is repeated
            except UserError:
                batch._bss_follow_one_by_one(as_of)

    def _bss_follow_one_by_one(self, as_of):
        """Find out which of them it is that cannot be followed."""
        for complaint in self:
            try:
                with self.env.cr.savepoint():
                    complaint._bss_follow(as_of)
            except OperationalError:
                raise  # a lost race: the whole job is repeated
            except UserError as error:
                _logger.warning("Complaint %s cannot be followed: %s", complaint.id, error)
                complaint._bss_tell_stuck(str(error))

    def _bss_no_terms_text(self):
        self.ensure_one()
        return self.env._(
            "The terms of complaints are not recorded for %(day)s: enter them under Numbers of the Law.",
            day=format_date(self.env, self.received_on),
        )

    def _bss_stop_clock(self):
        """Nobody knows its terms: what is disputed stays withheld, services stay protected, somebody is told."""
        complaint = self.sudo()
        if complaint.state in UNDECIDED and complaint.is_running:
            complaint._bss_withhold(adapters.to_money(complaint.disputed_amount))
            if not complaint.protects and complaint.disputed_amount > 0:
                complaint.protects = True
        complaint._bss_tell_stuck(complaint._bss_no_terms_text())

    def _bss_tell_stuck(self, why):
        """One open activity and one entry in the history, however often the night comes back to it."""
        complaint = self.sudo()
        if complaint.activity_search([STUCK]):
            return
        user = (complaint.user_id or self.env.user)._bss_or_admin()
        complaint.activity_schedule(STUCK, date_deadline=polish_day.today(), summary=why, user_id=user.id)
        complaint._message_log(body=why)

    def _bss_tell_going(self):
        """The clock runs again: nobody has to look after it."""
        self.sudo().activity_unlink([STUCK])
