import hashlib
import hmac
import logging

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

_logger = logging.getLogger(__name__)
LONGEST_NAME = 255
LARGEST = 2_000_000_000  # what a source may allow at most


class UsagePush(http.Controller):
    """Where systems send their usage files: ``POST /bss/usage/<code of the source>``.

    The body is the file, its name stands in the header ``X-File-Name``, the token of the source in
    ``Authorization: Bearer …``. Answers: 201 taken, 400 no name or no content, 401 unknown source or token, 409 known
    already, 413 too large. A lost answer is no harm: the same file again is 409.
    """

    @http.route(
        "/bss/usage/<string:code>",
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
        max_content_length=LARGEST,
    )
    def push(self, code, **_params):
        source = self._source(code)
        if source is None:
            return self._answer(401, "unknown source or token")
        name = request.httprequest.headers.get("X-File-Name", "").strip()
        if not name or "/" in name or "\\" in name or len(name) > LONGEST_NAME:
            return self._answer(400, "X-File-Name: a file name without folder is needed")
        limit = source.max_megabytes * 1_000_000
        if (request.httprequest.content_length or 0) > limit:
            return self._answer(413, f"larger than {limit} bytes")
        # kept, because a transaction that must be repeated reads it again
        content = request.httprequest.get_data()
        if not content:
            return self._answer(400, "empty body")
        if len(content) > limit:
            return self._answer(413, f"larger than {limit} bytes")
        return self._take(source, name, content)

    def _take(self, source, name, content):
        files = source.env["bss.usage.file"]
        try:
            file = files._bss_receive(source, name, content, origin="push")
        except UserError as error:
            return self._answer(409, str(error))
        if source.load_by_itself:
            file._bss_start_later()
        _logger.info("Usage file %s of source %s came as %s", file.id, source.code, name)
        return self._answer(201, file.state, id=file.id, sha256=file.sha256)

    def _source(self, code):
        """The source that has this code and token; nobody learns which of the two was wrong."""
        kind, _space, token = request.httprequest.headers.get("Authorization", "").partition(" ")
        digest = hashlib.sha256(token.encode()).hexdigest()
        if kind.lower() != "bearer" or not token:
            return None
        superuser = request.env["res.users"].sudo().browse(1)
        sources = request.env(user=superuser.id, su=True)["bss.usage.source"].search(
            [("code", "=", code), ("push_token_hash", "!=", False)]
        )
        for source in sources:
            if hmac.compare_digest(source.push_token_hash, digest):
                # the texts of alarms are read by whoever gets them
                return source.with_company(source.company_id).with_context(lang=source.responsible_id.lang)
        return None

    @staticmethod
    def _answer(status, message, **more):
        return request.make_json_response({"message": message, **more}, status=status)
