"""What a dialer calls: fetch calls, bring results. JSON both ways; the key is a bearer token.

Both requests may be repeated: fetching changes nothing, and a result is known by its call and attempt.
"""

import json

from odoo import SUPERUSER_ID, fields, http
from odoo.http import request

from ..dunning_core.contact.results import Fault
from ..dunning_core.dialer import VERSION, call_row, results_of

MAX_BODY = 2_000_000
MAX_RESULTS = 1000
MAX_CALLS = 500


class DialerController(http.Controller):
    @http.route("/bss/dialer/v1/calls", type="http", auth="public", methods=["GET"], csrf=False, save_session=False)
    def calls(self, limit="100", **_params):
        """Calls of released batches that may be made now."""
        env = self._env()
        if env is None:
            return self._error(401, "UNAUTHORIZED")
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:6]) <= MAX_CALLS):
            return self._error(400, "LIMIT")
        calls = env["bss.dunning.call"]._bss_for_dialer(env.company, fields.Datetime.now(), int(limit))
        return self._answer({"version": VERSION, "calls": [call_row(call) for call in calls._bss_planned()]})

    @http.route("/bss/dialer/v1/results", type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
    def results(self, **_params):
        """Results of calls; each gets its own answer, in their order."""
        env = self._env()
        if env is None:
            return self._error(401, "UNAUTHORIZED")
        if (request.httprequest.content_length or 0) > MAX_BODY:
            return self._error(413, "TOO_LARGE")
        try:
            data = json.loads(request.httprequest.get_data(cache=False))
        except (ValueError, RecursionError):
            return self._error(400, "NO_JSON")
        lines = results_of(data)
        if isinstance(lines, Fault):
            return self._error(400, lines.code, lines.field)
        if len(lines) > MAX_RESULTS:
            return self._error(413, "TOO_MANY", "results")
        return self._answer({"version": VERSION, "results": self._take(env, lines)})

    def _take(self, env, lines):
        if not lines:
            return []
        file = env["bss.dunning.dialer.file"].create(
            {"name": env.context["dialer_name"], "source": "api", "company_id": env.company.id}
        )
        answers = file._bss_take(lines)
        if file.applied_count == 0 and not file.line_ids:
            file.unlink()  # a repeat: nothing new came
        return [self._one(line, answer) for line, answer in answers]

    def _one(self, line, answer):
        told = {name: line.values.get(name) for name in ("call_id", "attempt")}
        if isinstance(answer, Fault):
            return {**told, "status": "suspended", "field": answer.field, "reason": answer.code}
        return {**told, "status": answer}

    def _env(self):
        """Environment of the company of the key, None for a wrong one."""
        scheme, _space, key = request.httprequest.headers.get("Authorization", "").partition(" ")
        token = request.env["bss.dunning.dialer.token"]._bss_of_key(key.strip()) if scheme == "Bearer" else None
        if not token:
            return None
        token._bss_touch()
        company = token.company_id
        context = {"allowed_company_ids": company.ids, "lang": company.partner_id.lang, "dialer_name": token.name}
        return request.env(user=SUPERUSER_ID, context=context)

    def _answer(self, data, status=200):
        body = json.dumps(data, ensure_ascii=False)
        return request.make_response(body, [("Content-Type", "application/json; charset=utf-8")], status=status)

    def _error(self, status, code, field=""):
        return self._answer({"error": code, "field": field}, status)
