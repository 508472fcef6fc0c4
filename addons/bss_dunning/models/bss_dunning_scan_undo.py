"""Undoing the last scan: a wrong mode, a wrong pile. What was recorded and undone stays in the letter's chatter."""

from datetime import UTC, datetime, time

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.fields import Domain


class BssDunningScanUndo(models.Model):
    _inherit = "bss.dunning.scan"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_midnight(self):
        """When the Polish day began, in UTC."""
        midnight = datetime.combine(polish_day.today(), time.min, polish_day.POLAND)
        return midnight.astimezone(UTC).replace(tzinfo=None)

    @api.model
    def undo_last(self, scan_id):
        """Take back the user's last scan of the day, as long as nothing followed from it.

        :param scan_id: which scan the user means
        :return: ``status`` (undone or refused), ``id``, ``letter``, ``addressee``, ``text``
        """
        last = self._bss_scanner()._bss_own_today(1)
        if last.id != scan_id:
            text = self.env._("Only your last scan of today can be undone.")
            return {"status": "refused", "letter": "", "addressee": "", "text": text}
        fault = last._bss_undo_fault()
        if fault:
            return {**last._bss_result("refused"), "text": fault}
        last._bss_undo()
        text = self.env._("Undone: %(what)s", what=last._bss_recorded_text())
        return {**last._bss_result("undone"), "text": text}

    def _bss_undo_fault(self):
        """Why this scan stands, or an empty text."""
        if self._bss_facts(self.document_id) != self.after:
            return self.env._("The letter or its case went on since: it is not undone.")
        if self.replaced_hold or any(hold.state != "active" for hold in self.hold_ids):
            return self.env._(
                "Its hold was changed since or took the place of an older one: a collector has to decide."
            )
        return ""

    def _bss_undo(self):
        """Everything as it was; the holds that it put on end."""
        document = self.document_id
        self.hold_ids._bss_end("released")
        self.activity_ids.unlink()
        line = document.print_line_ids
        line.write(self.before["line"])
        if (line.batch_id.state or "") != self.before["batch"]:
            line.batch_id.state = self.before["batch"]
        document.write(self.before["letter"])
        document._message_log(body=self.env._("Scan undone: %(what)s", what=self._bss_recorded_text()))
        self.undone_at = fields.Datetime.now()

    # Holds that returned letters put on

    @api.model
    def _bss_holds_of(self, document):
        """Active holds for address and death of the customer of a letter, whatever account they were recorded with."""
        customer = document.partner_id.commercial_partner_id
        if not customer:
            return self.env["bss.dunning.hold"]
        domain = Domain("state", "=", "active") & Domain("kind", "in", ("address", "deceased"))
        domain &= Domain("company_id", "=", document.company_id.id)
        domain &= Domain("account_id.partner_id.commercial_partner_id", "=", customer.id)
        return self.env["bss.dunning.hold"].search(domain)
