import logging
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import config

from .. import adapters
from ..mediation_core.pickup import PatternProblem, parse_pattern, ready
from ..pickup import FolderPickup, HttpPickup, PickupError, SftpPickup

_logger = logging.getLogger(__name__)

CHANNEL = "root.bss.usage"
# Whoever writes these decides where passwords go and which files of the server are read.
CONNECTION = ("pickup", "folder", "host", "port", "login", "host_key", "url", "password", "private_key", "token")
SECRETS = ("password", "private_key", "token")
PLACE = {"pickup", "host", "port", "login", "host_key", "url"}
FILES_AT_ONCE = 200
MEGABYTE = 1_000_000
TIMEOUT_S = 20.0


class BssUsageSource(models.Model):
    _inherit = "bss.usage.source"  # pylint: disable=consider-merging-classes-inherited

    pickup = fields.Selection(
        [
            ("upload", "Uploaded by hand"),
            ("folder", "Folder of this server"),
            ("sftp", "SFTP server"),
            ("http", "Web address"),
        ],
        string="Files Come",
        required=True,
        default="upload",
        tracking=True,
    )
    folder = fields.Char(tracking=True, help="Where the files lie. On this server: below a folder opened in odoo.conf.")
    host = fields.Char(string="Server", tracking=True)
    port = fields.Integer(default=22)
    login = fields.Char(string="User", tracking=True)
    host_key = fields.Char(
        string="Server Key",
        help="Fingerprint of the server's key as ssh-keygen -lf shows it (SHA256:…). A server that shows another is not trusted.",
    )
    url = fields.Char(
        string="Address", tracking=True, help="Answers with a JSON list of files: name, url, size, modified."
    )
    password = fields.Char(groups="base.group_system", copy=False)
    private_key = fields.Text(groups="base.group_system", copy=False, help="In PEM; used instead of a password.")
    token = fields.Char(groups="base.group_system", copy=False, help="Sent as a bearer token.")
    name_pattern = fields.Char(
        string="File Names",
        default="*",
        required=True,
        help="* stands for any characters, ? for one, {seq} for the sequence number: CDR_{seq}*.csv",
    )
    complete = fields.Selection(
        [
            ("at_once", "As soon as they are there"),
            ("marker", "A marker file stands beside"),
            ("stable", "Their size stands still"),
        ],
        string="Files Are Complete",
        required=True,
        default="stable",
        help="A file that is still being written must not be read.",
    )
    marker = fields.Char(string="Ending of the Marker", default=".ok")
    stable_minutes = fields.Integer(string="Minutes Unchanged", default=5)
    after_pickup = fields.Selection(
        [("keep", "Leave them"), ("move", "Move them to “done”"), ("delete", "Delete them")],
        string="Then",
        required=True,
        default="move",
    )
    pickup_minutes = fields.Integer(string="Every (min)", default=15, help="How often new files are looked for.")
    max_megabytes = fields.Integer(string="Largest File (MB)", default=500, required=True)
    load_by_itself = fields.Boolean(string="Load by Itself", default=True, help="Otherwise somebody presses “Load”.")
    next_pickup_at = fields.Datetime(string="Next Look", readonly=True, copy=False)
    last_pickup_at = fields.Datetime(string="Last Look", readonly=True, copy=False)
    watched = fields.Json(readonly=True, copy=False)
    is_system = fields.Boolean(compute="_compute_is_system", help="Whether this user may say where files come from.")

    _pickup_numbers = models.Constraint(
        "CHECK(port BETWEEN 1 AND 65535 AND stable_minutes >= 0 AND pickup_minutes >= 1 AND max_megabytes BETWEEN 1 AND 2000)",
        "A port is 1 to 65535, minutes are at least 1, a file has at most 2000 MB.",
    )

    @api.depends_context("uid")
    def _compute_is_system(self):
        self.is_system = self.env.user.has_group("base.group_system")

    # --- what may be written

    @api.constrains("name_pattern")
    def _check_name_pattern(self):
        texts = {
            "EMPTY": self.env._("Write which file names belong to the source; * takes all."),
            "SLASH": self.env._("A file name has no folder: write the folder in its own field."),
            "TWO_SEQUENCES": self.env._("A file name has one sequence number: write {seq} once."),
            "TOO_MANY_STARS": self.env._("Use at most five * in a file name."),
            "BRACES": self.env._("The only sign in braces is {seq}."),
        }
        for source in self:
            found = parse_pattern(source.name_pattern)
            if isinstance(found, PatternProblem):
                raise ValidationError(texts[found.code])

    @api.constrains("pickup", "folder", "host", "login", "host_key", "url", "token", "complete", "marker")
    def _check_pickup(self):
        for source in self.sudo():
            missing = [
                source._fields[name]._description_string(self.env)
                for name in {"folder": ["folder"], "sftp": ["host", "login", "host_key"], "http": ["url"]}.get(
                    source.pickup, []
                )
                if not source[name]
            ]
            if source.complete == "marker" and not source.marker:
                missing.append(source._fields["marker"]._description_string(self.env))
            if missing:
                raise ValidationError(
                    self.env._("Source %(name)s: fill in %(fields)s.", name=source.name, fields=", ".join(missing))
                )
            if source.pickup == "http":
                source._bss_check_address()

    def _bss_check_address(self):
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValidationError(
                self.env._("Source %(name)s: the address begins with http:// or https://.", name=self.name)
            )
        if self.token and parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValidationError(
                self.env._(
                    "Source %(name)s: a token is sent to an address that begins with https:// only.",
                    name=self.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            named = {name for name in CONNECTION if vals.get(name) and name not in ("pickup", "port")}
            if named or vals.get("pickup", "upload") != "upload":
                self._bss_check_connection_right(set(CONNECTION))
        return super().create(vals_list)

    def write(self, vals):
        """A secret was given for one place: it goes to no other."""
        self._bss_check_connection_right(set(vals))
        if any(source[name] != vals[name] for source in self for name in PLACE & vals.keys()):
            vals = {**dict.fromkeys(SECRETS, False), **vals}
        return super().write(vals)

    def _bss_check_connection_right(self, names):
        if names & set(CONNECTION) and not self.env.su and not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Where files are fetched from is set by a system administrator."))

    # --- looking for files

    @api.model
    def _cron_pick_up(self):
        """A job for every source whose time has come."""
        now = fields.Datetime.now()
        due = self.search(
            [("pickup", "!=", "upload"), "|", ("next_pickup_at", "=", False), ("next_pickup_at", "<=", now)]
        )
        for source in due:
            source._bss_pick_up_later()

    def action_pick_up(self):
        """Look for files now, in the background."""
        for source in self:
            if source.pickup == "upload":
                raise UserError(self.env._("Files of %(name)s are uploaded by hand.", name=source.name))
            source._bss_pick_up_later()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": self.env._("Looking for new files in the background.")},
        }

    def _bss_pick_up_later(self):
        self.ensure_one()
        self.with_delay(
            channel=CHANNEL,
            identity_key=f"bss.usage.source:{self.id}",
            description=self.env._("Look for usage files: %(name)s", name=self.name),
        )._bss_pick_up()

    def _bss_pick_up(self):
        """Take the complete files that are new; each is kept here before it is moved there.

        A run killed between the two finds the file again, knows it by its name, size and time, and only finishes it.

        :return: the new files
        """
        self.ensure_one()
        now = fields.Datetime.now()
        taken = self.env["bss.usage.file"]
        try:
            with self._bss_open_pickup() as connection:
                taken = self._bss_take(connection, now)
        except PickupError as error:
            self._bss_alarm("pickup_failed", self._bss_pickup_text(error))
        else:
            self._bss_calm("pickup_failed")
        self.write({"last_pickup_at": now, "next_pickup_at": now + timedelta(minutes=self.pickup_minutes)})
        if self.load_by_itself:
            taken._bss_start_later()
        return taken

    def _bss_take(self, connection, now):
        pattern = parse_pattern(self.name_pattern)
        listed = connection.entries()
        marker = self.marker if self.complete == "marker" else ""
        ours = [entry for entry in listed if pattern.fits(entry.name) or (marker and entry.name.endswith(marker))]
        watched = adapters.watched_from_json(self.watched)
        done, waiting = ready(ours, self.complete, marker=marker, minutes=self.stable_minutes, watched=watched, now=now)
        self.watched = adapters.watched_to_json(waiting)
        taken = self.env["bss.usage.file"]
        for entry in [entry for entry in done if pattern.fits(entry.name)][:FILES_AT_ONCE]:
            taken |= self._bss_take_one(connection, entry)
        return taken

    def _bss_take_one(self, connection, entry):
        files = self.env["bss.usage.file"]
        known = files.search_count(
            [
                ("source_id", "=", self.id),
                ("name", "=", entry.name),
                ("size", "=", entry.size),
                ("modified_at", "=", entry.modified_at),
            ],
            limit=1,
        )
        file = files
        if not known:
            file = self._bss_fetch(connection, entry)
            self._bss_keep()
        if not known or self.after_pickup != "keep":
            connection.finish(entry.name)
            if self.complete == "marker" and self.after_pickup != "keep":
                self._bss_finish_marker(connection, entry.name)
        return file

    def _bss_fetch(self, connection, entry):
        files = self.env["bss.usage.file"]
        try:
            content = connection.fetch(entry.name, self.max_megabytes * MEGABYTE)
        except PickupError as error:
            if error.code != "TOO_LARGE":
                raise
            return files._bss_receive_refused(self, entry, self._bss_pickup_text(error))
        return files._bss_receive_found(self, entry, content)

    def _bss_finish_marker(self, connection, name):
        for marker in (name + self.marker, (name.rpartition(".")[0] or name) + self.marker):
            try:
                connection.finish(marker)
            except PickupError:
                _logger.info("Marker %s of source %s is not there any more", marker, self.code)

    def _bss_keep(self):
        """What was taken stays, whatever happens next; tests stay in their transaction."""
        if not adapters.in_test():
            self.env.flush_all()
            self.env.cr.commit()  # pylint: disable=invalid-commit

    # --- connections

    def _bss_open_pickup(self):
        return closing(self.sudo()._bss_pickup())

    def _bss_pickup(self):
        """The connection by kind; a new kind is a selection value and a case here."""
        self.ensure_one()
        if self.pickup == "folder":
            return FolderPickup(self.folder, self._bss_folder_roots(), self.after_pickup)
        if self.pickup == "sftp":
            return SftpPickup(
                self.host,
                self.port,
                self.login,
                self.host_key,
                self.folder or "",
                password=self.password or None,
                private_key=self.private_key or None,
                after=self.after_pickup,
                timeout_s=TIMEOUT_S,
            )
        http = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)
        return HttpPickup(http, self.url, token=self.token or None, after=self.after_pickup)

    @api.model
    def _bss_folder_roots(self):
        """Folders of this server that sources may read: ``bss_usage_folders`` of odoo.conf, else one of our own."""
        named = config.get("bss_usage_folders") or ""
        roots = [root.strip() for root in named.split(",") if root.strip()]
        return roots or [str(Path(config["data_dir"]) / "bss_usage" / self.env.cr.dbname)]

    def _bss_pickup_text(self, error):
        texts = {
            "NO_FOLDER": self.env._("Folder %(folder)s cannot be opened."),
            "OUTSIDE": self.env._(
                "Folder %(folder)s is below none of the folders that odoo.conf opens (bss_usage_folders)."
            ),
            "CONNECT": self.env._("Server %(host)s, port %(port)s cannot be reached: %(detail)s."),
            "LOGIN": self.env._("The server refuses the user, password, key or token."),
            "HOST_KEY": self.env._(
                "The server shows another key (%(shown)s). Ask its owner whether that is right before you write it down here."
            ),
            "NO_FILE": self.env._("File %(name)s is not there any more."),
            "TOO_LARGE": self.env._("File %(name)s is larger than %(limit)s bytes, the limit of the source."),
            "STATUS": self.env._("The server answers with status %(status)s."),
            "ANSWER": self.env._("The answer of the server is not a list of files (%(detail)s)."),
            "DENIED": self.env._("File %(name)s cannot be read, moved or deleted."),
        }
        return texts[error.code] % error.params
