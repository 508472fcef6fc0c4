from odoo import api, fields, models

from ..mediation_core import FileProblem
from ..mediation_core.unpack import Limits, unpack
from .bss_usage_file import LOAD_AT_ONCE_BYTES

MEGABYTE = 1_000_000


class BssUsageFile(models.Model):
    """Packed files: the package is kept as it came, and every file in it is a usage file of its own.

    Sequence numbers belong to the files in the package where their names carry one by the pattern of the source, else to the package.
    """

    _inherit = "bss.usage.file"  # pylint: disable=consider-merging-classes-inherited

    is_package = fields.Boolean(readonly=True, copy=False)
    package_id = fields.Many2one(
        "bss.usage.file",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        copy=False,
        help="The packed file in which this one came.",
    )
    member_ids = fields.One2many("bss.usage.file", "package_id", string="Files Inside", readonly=True)
    member_count = fields.Integer(string="Files Inside (count)", compute="_compute_member_count")

    @api.depends("member_ids")
    def _compute_member_count(self):
        counts = dict(self._read_group([("package_id", "in", self.ids)], ["package_id"], ["__count"]))
        for file in self:
            file.member_count = counts.get(file, 0)

    def action_open_members(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_file")
        action["domain"] = [("package_id", "=", self.id)]
        action["context"] = {}
        return action

    def _bss_unpack(self, content):
        """Make a usage file of everything in this package; a package that cannot be opened is rejected."""
        self.ensure_one()
        source = self.source_id
        found = unpack(self.name, content, Limits(size=source.max_megabytes * MEGABYTE))
        if not isinstance(found, FileProblem) and not found:
            found = FileProblem("EMPTY")
        if isinstance(found, FileProblem):
            error = self._bss_package_text(found)
            self.write({"state": "rejected", "error": error, "loaded_at": fields.Datetime.now()})
            source._bss_watch_file(self)
            return
        if not any(source._bss_sequence_of_name(member.name) is not None for member in found):
            self._bss_take_number()
            if self.state == "held":
                return
        self.write({"state": "unpacked", "error": False, "loaded_at": fields.Datetime.now()})
        for member in found:
            self._bss_keep_member(member)

    def _bss_keep_member(self, member):
        """One file out of the package; one that is bad or was received before does not stop the others."""
        source = self.source_id
        vals = {
            "name": member.name,
            "sha256": self._bss_digest(member.content) if not member.problem else "-",
            "origin": self.origin,
            "modified_at": self.modified_at,
            "package_id": self.id,
        }
        twin = not member.problem and self._bss_twin(source, vals["sha256"])
        if not member.problem and not twin:
            return self._bss_keep_content(source, vals, member.content)
        reason = self._bss_package_text(member.problem) if member.problem else self._bss_twin_text(member.name, twin)
        return self._bss_refuse(source, {**vals, "size": len(member.content)}, reason)

    def _bss_package_text(self, problem):
        """Why a package, or a file in it, cannot be opened."""
        detail = problem.params.get("detail", "")
        texts = {
            "EMPTY": self.env._("There is no file in the package."),
            "TRUNCATED": self.env._("The package is cut off or damaged: send it again."),
            "TOO_LARGE size": self.env._(
                "More than %(limit)s MB would come out of the package, the limit of the source.",
                limit=self.source_id.max_megabytes,
            ),
            "TOO_LARGE ratio": self.env._("The package would swell far more than usage files do: it is not opened."),
            "TOO_LARGE members": self.env._("There are too many files in the package."),
            "TOO_LARGE memory": self.env._("Opening the package would need too much memory."),
            "NOT_THIS_FORMAT encrypted": self.env._("The file is encrypted: send it without a password."),
            "NOT_THIS_FORMAT link": self.env._("A link or device in the package is no file."),
            "NOT_THIS_FORMAT nested": self.env._("Too many packages are packed into each other."),
            "NOT_THIS_FORMAT names": self.env._("Two files in the package have the same name."),
            "NOT_THIS_FORMAT method": self.env._("The file is packed by a method that is not known here."),
            "NOT_THIS_FORMAT archive": self.env._("The package is damaged: send it again."),
        }
        return texts[f"{problem.code} {detail}".strip()]

    # --- load

    def _bss_to_load(self):
        """What of these files, and of the files in these packages, waits to be loaded."""
        return (self | self.member_ids).filtered(lambda file: file.state == "received" and not file.is_package)

    def _bss_start(self):
        """Load what waits: little at once, much in the background."""
        waiting = self._bss_to_load()
        at_once = sum(waiting.mapped("size")) <= LOAD_AT_ONCE_BYTES
        for file in waiting:
            if at_once:
                file._bss_load()
            else:
                file._bss_load_later()

    def _bss_start_later(self):
        for file in self._bss_to_load():
            file._bss_load_later()
