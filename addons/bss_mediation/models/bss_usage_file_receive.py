import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import format_datetime

from ..mediation_core.unpack import PLAIN, kind_of

MIMETYPE = "application/vnd.bss.usage"
MANAGER = "bss_catalog.group_bss_billing_manager"


class BssUsageFile(models.Model):
    _inherit = "bss.usage.file"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_receive(self, source, name, content, origin="upload"):
        """Keep the bytes of a file; the same content from the same source is refused.

        :param source: bss.usage.source record
        :param content: bytes of the file
        :return: the new record in state received, or on hold when its sequence number is out of order
        """
        limit = source.max_megabytes * 1_000_000
        if len(content) > limit:
            raise UserError(
                self.env._(
                    "File %(name)s has %(size)s bytes, more than the source allows (%(limit)s).",
                    name=name,
                    size=len(content),
                    limit=limit,
                )
            )
        digest = self._bss_digest(content)
        twin = self._bss_twin(source, digest)
        if twin:
            raise UserError(self._bss_twin_text(name, twin))
        return self._bss_keep_content(source, {"name": name, "sha256": digest, "origin": origin}, content)

    @api.model
    def _bss_receive_found(self, source, entry, content):
        """A fetched file; nobody is there to be told that it came before, so a second one is kept as rejected.

        :param entry: mediation_core.pickup.Entry
        """
        digest = self._bss_digest(content)
        vals = {"name": entry.name, "sha256": digest, "origin": "pickup", "modified_at": entry.modified_at}
        twin = self._bss_twin(source, digest)
        if twin:
            return self._bss_refuse(source, {**vals, "size": entry.size}, self._bss_twin_text(entry.name, twin))
        file = self._bss_keep_content(source, vals, content)
        # The listing's size tells a known file; a transfer that changes line ends would differ.
        file.size = entry.size or len(content)
        return file

    @api.model
    def _bss_receive_refused(self, source, entry, reason):
        """A file that was not even fetched; it shows with the reason."""
        vals = {"name": entry.name, "sha256": "-", "origin": "pickup", "modified_at": entry.modified_at}
        return self._bss_refuse(source, {**vals, "size": entry.size}, reason)

    @api.model
    def _bss_refuse(self, source, vals, reason):
        file = self.create({**vals, "source_id": source.id, "state": "rejected", "error": reason})
        source._bss_watch_file(file)
        return file

    @staticmethod
    def _bss_digest(content):
        return hashlib.sha256(content).hexdigest()

    @api.model
    def _bss_twin(self, source, digest):
        return self.search(
            [("source_id", "=", source.id), ("sha256", "=", digest), ("state", "!=", "rejected")], limit=1
        )

    @api.model
    def _bss_twin_text(self, name, twin):
        return self.env._(
            "File %(name)s was received already on %(date)s as %(other)s: its content is the same.",
            name=name,
            date=format_datetime(self.env, twin.received_at),
            other=twin.name,
        )

    @api.model
    def _bss_keep_content(self, source, vals, content):
        is_package = kind_of(content) != PLAIN
        file = self.create({**vals, "source_id": source.id, "size": len(content), "is_package": is_package})
        file.sudo().attachment_id = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": file.name,
                    "raw": content,
                    # of a text, Odoo would keep a second copy for searching
                    "mimetype": MIMETYPE,
                    "res_model": self._name,
                    "res_field": "attachment_id",
                    "res_id": file.id,
                    "company_id": source.company_id.id,
                }
            )
        )
        if is_package:
            file._bss_unpack(content)
        else:
            file._bss_take_number()
        return file

    def _bss_take_number(self):
        """The sequence number that the name carries; one out of order puts the file on hold."""
        number = self.source_id._bss_sequence_of_name(self.name)
        if number is not None and not self.is_released and not self.source_id._bss_note_sequence(self, number):
            self.write(
                {"state": "held", "error": self.env._("Sequence number %(number)s is out of order.", number=number)}
            )

    # --- files that wait for a decision

    def action_release(self):
        """Load a file in spite of its sequence number."""
        self._bss_check_manager()
        for file in self.filtered(lambda file: file.state == "held"):
            file.write({"state": "received", "error": False, "is_released": True})
            file._bss_calm_sequence()
            file.action_load()
        return True

    def action_reject(self):
        """The file is not to be loaded; its content stays as evidence."""
        self._bss_check_manager()
        for file in self.filtered(lambda file: file.state in ("held", "received")):
            file.write(
                {
                    "state": "rejected",
                    "error": self.env._("Rejected by %(user)s.", user=self.env.user.name),
                    "loaded_at": fields.Datetime.now(),
                }
            )
            file._bss_calm_sequence()
        return True

    def _bss_receive_again(self):
        """A rejected file is tried again, for instance after its source was set right."""
        self._bss_check_manager()
        twin = self._bss_twin(self.source_id, self.sha256)
        if twin:
            raise UserError(self._bss_twin_text(self.name, twin))
        self.write({"state": "received", "error": False, "warnings": False, "count_rows": 0, "count_rejected": 0})

    def _bss_calm_sequence(self):
        alarms = self.source_id.sudo().open_alarm_ids
        alarms.filtered(
            lambda alarm: alarm.file_id in self and alarm.kind in ("sequence", "file_rejected")
        )._bss_resolve(self.env.user)

    def _bss_check_manager(self):
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only the billing manager decides about files."))
