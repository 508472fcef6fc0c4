from odoo import api, fields, models
from odoo.exceptions import UserError

from ..mediation_core import get_format
from ..mediation_core.pickup import Ahead, Follows, SequenceRange, close_number, parse_pattern, place


class BssUsageSource(models.Model):
    _inherit = "bss.usage.source"  # pylint: disable=consider-merging-classes-inherited

    sequence_from = fields.Selection(
        [("none", "Files have none"), ("name", "From the file name"), ("header", "From the header of the file")],
        string="Sequence Number",
        required=True,
        default="none",
        help="With a number, a missing file is noticed. In the name it is the place {seq} of the pattern; names of TAP files are known without.",
    )
    sequence_first = fields.Integer(string="First Number", default=1, required=True)
    sequence_last = fields.Integer(
        string="Last Number", default=99_999, required=True, help="After it the numbers begin again (TAP: 99999)."
    )
    sequence_newest = fields.Integer(string="Newest Number", readonly=True, copy=False)
    sequence_seen = fields.Boolean(readonly=True, copy=False)
    gap_ids = fields.One2many("bss.usage.gap", "source_id", string="Missing Files")
    gap_count = fields.Integer(string="Missing Files (count)", compute="_compute_gap_count")

    _sequence_range = models.Constraint(
        "CHECK(sequence_first >= 0 AND sequence_last > sequence_first AND sequence_last <= 2000000000)",
        "The last sequence number is above the first one.",
    )

    @api.depends("gap_ids.state", "gap_ids.count")
    def _compute_gap_count(self):
        counts = dict(
            self.env["bss.usage.gap"]._read_group(
                [("source_id", "in", self.ids), ("state", "=", "open")], ["source_id"], ["count:sum"]
            )
        )
        for source in self:
            source.gap_count = counts.get(source, 0)

    @api.constrains("sequence_from", "name_pattern", "format")
    def _check_sequence(self):
        for source in self:
            if source.sequence_from != "name" or get_format(source.format).name_parts:
                continue
            if not parse_pattern(source.name_pattern).has_sequence:
                raise UserError(
                    self.env._(
                        "Source %(name)s: the sequence number comes from the name, so the pattern needs {seq}.",
                        name=source.name,
                    )
                )

    def _bss_numbers(self):
        return SequenceRange(self.sequence_first, self.sequence_last)

    def _bss_sequence_of_name(self, name):
        if self.sequence_from != "name":
            return None
        pattern = parse_pattern(self.name_pattern)
        if pattern.has_sequence:
            return pattern.sequence(name)
        parts = self._bss_name_parts(name)
        return parts and parts.sequence

    def _bss_name_parts(self, name):
        """What the name says by the rules of the format (TAP: sender, recipient, number), or None."""
        read = get_format(self.format).name_parts
        return read(name) if read else None

    def _bss_note_sequence(self, file, number):
        """Take the number of a file: it follows, opens a gap, closes one, or is somebody else's already.

        :return: whether the file may be loaded without anybody's look
        """
        self.ensure_one()
        self.lock_for_update()
        source, numbers = self.sudo(), self._bss_numbers()
        if not numbers.holds(number):
            self._bss_alarm(
                "sequence",
                self.env._(
                    "File %(file)s: number %(number)s is not within %(first)s to %(last)s.",
                    file=file.name,
                    number=number,
                    first=numbers.first,
                    last=numbers.last,
                ),
                file,
            )
            return False
        file.sudo().sequence_no = number
        newest = source.sequence_newest if source.sequence_seen else None
        where = place(newest, number, numbers)
        if isinstance(where, Ahead):
            source._bss_open_gap(file, where)
        if isinstance(where, (Ahead, Follows)):
            source.write({"sequence_newest": number, "sequence_seen": True})
            return True
        return source._bss_fill_gap(file, number, numbers)

    def _bss_open_gap(self, file, where):
        self.env["bss.usage.gap"].create(
            {
                "source_id": self.id,
                "number_from": where.missing_from,
                "number_to": where.missing_to,
                "count": where.count,
                "before_file_id": file.id,
            }
        )
        self._bss_alarm(
            "gap",
            self.env._(
                "Before file %(file)s %(count)s files are missing (%(first)s to %(last)s).",
                file=file.name,
                count=where.count,
                first=where.missing_from,
                last=where.missing_to,
            ),
            file,
        )

    def _bss_fill_gap(self, file, number, numbers):
        for gap in self.gap_ids.filtered(lambda gap: gap.state == "open"):
            left = close_number(gap.number_from, gap.number_to, number, numbers)
            if left is None:
                continue
            gap._bss_split(left, numbers)
            self._bss_calm_gaps()
            return True
        self._bss_alarm(
            "sequence",
            self.env._(
                "File %(file)s: number %(number)s came before or is long past (the newest is %(newest)s). It waits until somebody decides.",
                file=file.name,
                number=number,
                newest=self.sequence_newest,
            ),
            file,
        )
        return False

    def _bss_calm_gaps(self):
        if not self.gap_ids.filtered(lambda gap: gap.state == "open"):
            self._bss_calm("gap")

    def action_restart_sequence(self):
        """The next file may have any number: the sender began anew."""
        self.check_access("write")
        self.sudo().write({"sequence_seen": False, "sequence_newest": 0})
        for source in self:
            source.message_post(body=self.env._("The sequence numbers begin anew with the next file."))
        return True

    def action_open_gaps(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_gap")
        action["domain"] = [("source_id", "=", self.id)]
        return action


class BssUsageGap(models.Model):
    _inherit = "bss.usage.gap"  # pylint: disable=consider-merging-classes-inherited

    def _bss_split(self, left, numbers):
        """What is still missing of a gap after one of its files came; every piece keeps its age."""
        self.ensure_one()
        if not left:
            self.write({"state": "closed", "closed_at": fields.Datetime.now()})
            return
        pieces = [
            {"number_from": first, "number_to": last, "count": (last - first) % numbers.size + 1}
            for first, last in left
        ]
        self.write(pieces[0])
        for piece in pieces[1:]:
            self.create(
                {
                    **piece,
                    "source_id": self.source_id.id,
                    "opened_at": self.opened_at,
                    "before_file_id": self.before_file_id.id,
                }
            )
