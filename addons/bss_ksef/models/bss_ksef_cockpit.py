"""Figures of the KSeF cockpit: few statements over indexes, whatever the number of invoices."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_amount, format_date, format_datetime

from ..ksef_core import states
from .bss_ksef_reason import NUMBERED

# what an invoice goes through, in this order on the screen
FLOW = {
    "to_send": "info",
    "late": "warning",
    "queued": "info",
    "sent": "info",
    "unknown": "warning",
    "rejected": "danger",
    "accepted": "success",
}
SESSION_COLOURS = {
    "done": "success",
    "done_errors": "warning",
    "failed": "danger",
    "unknown": "warning",
    "draft": "secondary",
}
WINDOWS = (24, 24 * 7, 24 * 31)  # hours back, to choose from
SESSIONS = 30  # on the screen
REASONS = 50
LOGIN_COLOURS = {"ok": "success", "soon": "warning", "expired": "danger", "missing": "danger"}
FINAL = [str(state) for state in states.SESSION_FINAL]


class BssKsefCockpit(models.AbstractModel):
    """What the accountant looks at in the evening and in the morning."""

    _name = "bss.ksef.cockpit"
    _description = "KSeF Cockpit"

    @api.model
    def get_figures(self, company_id=False, hours=WINDOWS[0]):
        """Everything that the cockpit shows of one company, by default the user's; `hours` back for what is done."""
        company = self._company(company_id)
        since = self._since(hours)
        self.env["account.move"].flush_model()
        self.env["bss.ksef.document"].flush_model()
        self.env["bss.ksef.session"].flush_model()
        return {
            "company": {"id": company.id, "name": company.name},
            "companies": [{"id": other.id, "name": other.name} for other in self._companies()],
            "enabled": company.bss_ksef_enabled,
            "environment": company.bss_ksef_environment,
            "environment_label": self._label(company, "bss_ksef_environment"),
            "auto_send": company.bss_ksef_auto_send,
            "may_send": self._may_send(),
            "may_set_up": self.env.user.has_group("base.group_system"),
            "steps": self._steps(company, since),
            "forecast": self._forecast(company),
            "reasons": self._reasons(company),
            "returned": self._returned(company),
            "sessions": self._sessions(company, since),
            "limits": self._limits(company),
            "login": self._login(company),
        }

    # ------------------------------------------------------------------ who

    @api.model
    def _company(self, company_id=False):
        """The company that is asked for; only for accountants of that company."""
        user = self.env.user
        if not (user.has_group("account.group_account_readonly") or user.has_group("account.group_account_invoice")):
            raise AccessError(self.env._("The KSeF cockpit is for accountants."))
        company = self.env["res.company"].browse(int(company_id)) if company_id else self.env.company
        if company not in self.env.companies:
            raise AccessError(self.env._("This company is not among those that you work in now."))
        return company.sudo()

    @api.model
    def _since(self, hours):
        return fields.Datetime.now() - timedelta(hours=min(max(int(hours), 1), WINDOWS[-1]))

    @api.model
    def _companies(self):
        """Companies to choose from: the active ones that are set up, and the present one."""
        return self.env.companies.sudo().filtered(lambda c: c.bss_ksef_enabled or c == self.env.company)

    @api.model
    def _may_send(self):
        return self.env.user.has_group("account.group_account_invoice")

    @api.model
    def _label(self, record, name):
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")

    @api.model
    def _money(self, company, amount):
        return format_amount(self.env, float(amount or 0), company.currency_id)

    # ------------------------------------------------------------------ invoices

    @api.model
    def _steps(self, company, since):
        """Open invoices of any day by their state, and those that were accepted since `since`.

        Accepted since then is what got its number, or was in a session that ended since then: a number may be older
        than the day on which the answer was heard.
        """
        waiting = [state for state in FLOW if state != "accepted"]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT bss_ksef_state, COUNT(*), SUM(amount_total_signed)
                  FROM account_move
                 WHERE company_id = %s AND bss_ksef_state = ANY(%s) AND bss_ksef_state != 'not_applicable'
                       AND state = 'posted'
                 GROUP BY bss_ksef_state
                 UNION ALL
                SELECT 'accepted', COUNT(*), SUM(move.amount_total_signed)
                  FROM bss_ksef_document document
                  JOIN account_move move ON move.id = document.move_id
                 WHERE document.company_id = %s AND document.state = 'accepted'
                       AND COALESCE(document.accepted_at, document.write_date) >= %s
                 UNION ALL
                SELECT 'accepted', COUNT(*), SUM(move.amount_total_signed)
                  FROM bss_ksef_session session
                  JOIN bss_ksef_document document ON document.session_id = session.id
                  JOIN account_move move ON move.id = document.move_id
                 WHERE session.company_id = %s AND session.finished_at >= %s AND document.state = 'accepted'
                       AND COALESCE(document.accepted_at, document.write_date) < %s
                """,
                company.id,
                waiting,
                company.id,
                since,
                company.id,
                since,
                since,
            )
        )
        found = {}
        for state, count, amount in rows:
            counted, summed = found.get(state, (0, 0))
            found[state] = counted + count, summed + (amount or 0)
        labels = dict(self.env["account.move"]._fields["bss_ksef_state"]._description_selection(self.env))
        return [
            {
                "state": state,
                "label": labels[state],
                "colour": colour,
                "count": found.get(state, (0, 0))[0],
                "amount": self._money(company, found.get(state, (0, 0))[1]),
            }
            for state, colour in FLOW.items()
        ]

    @api.model
    def _returned(self, company):
        """Invoices that KSeF gave back without a fault of theirs: they go again by themselves."""
        return self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*) FROM bss_ksef_document document JOIN account_move move ON move.id = document.move_id
                 WHERE document.company_id = %s AND document.state = 'returned' AND document.superseded IS NOT TRUE
                       AND move.bss_ksef_state = 'to_send'
                """,
                company.id,
            )
        )[0][0]

    @api.model
    def _reasons(self, company):
        """What has to be corrected, grouped by who refused it, code and element; the most frequent first."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT document.state, COALESCE(document.error_code, '') AS code,
                       regexp_replace(COALESCE(document.error_element, ''), %s, '', 'g') AS element,
                       COUNT(*), SUM(move.amount_total_signed), COUNT(DISTINCT move.commercial_partner_id),
                       MIN(REPLACE(COALESCE(document.error_text, ''), COALESCE(NULLIF(partner.name, ''), '…'), '…')),
                       (array_agg(document.name ORDER BY document.id))[1:3]
                  FROM bss_ksef_document document
                  JOIN account_move move ON move.id = document.move_id
                  JOIN res_partner partner ON partner.id = move.commercial_partner_id
                 WHERE document.company_id = %s AND document.state IN ('invalid', 'rejected')
                       AND document.superseded IS NOT TRUE
                 GROUP BY 1, 2, 3
                 ORDER BY COUNT(*) DESC, 2, 3
                 LIMIT %s
                """,
                NUMBERED,
                company.id,
                REASONS,
            )
        )
        advice = self.env["bss.ksef.reason"]
        return [
            {
                "state": state,
                "code": code,
                "element": element,
                "refused_by": self.env._("KSeF") if state == "rejected" else self.env._("Our check"),
                "count": count,
                "amount": self._money(company, amount),
                "customers": customers,
                "text": " · ".join(text.splitlines())[:400],
                "names": names,
                "advice": advice._advice(state, code, element),
                "may_repeat": advice._may_repeat(state, code),
            }
            for state, code, element, count, amount, customers, text, names in rows
        ]

    # ------------------------------------------------------------------ transport

    @api.model
    def _sessions(self, company, since):
        """Unfinished sessions, the oldest first, then the latest that ended."""
        sessions = self.env["bss.ksef.session"].sudo()
        own = [("company_id", "=", company.id)]
        running = sessions.search([*own, ("state", "not in", FINAL)], order="id", limit=SESSIONS)
        ended = sessions.search(
            [*own, ("state", "in", FINAL), ("create_date", ">=", since)], order="id desc", limit=SESSIONS
        )
        return [self._session(record) for record in running + ended[: max(SESSIONS - len(running), 5)]]

    @api.model
    def _session(self, record):
        is_open = record.state not in FINAL
        done = record.accepted_count + record.rejected_count
        return {
            "id": record.id,
            "name": record.name,
            "state": record.state,
            "state_label": self._label(record, "state"),
            "colour": SESSION_COLOURS.get(record.state, "info"),
            "is_open": is_open,
            "documents": record.document_count,
            "accepted": record.accepted_count,
            "rejected": record.rejected_count,
            "percent": 100 * done // record.document_count if record.document_count and not is_open else 0,
            "parts": self._parts(record),
            "age": self._age(record.opening_at or record.create_date, record.finished_at),
            "slow": bool(is_open and record.stuck_since),
            "words": self._session_words(record),
        }

    @api.model
    def _session_words(self, record):
        """What went wrong with it; nothing when all is well."""
        if record.state in ("done", "done_errors"):
            back = record.document_count - record.accepted_count - record.rejected_count
            return self.env._("Given back by KSeF without a fault of theirs: %(count)s", count=back) if back else ""
        if record.stuck_since and record.state in ("processing", "unknown"):
            return self.env._("KSeF has not finished it in time. It is asked on and on; nothing is sent again.")
        return record.error or record.status_text or ""

    @api.model
    def _parts(self, record):
        """How far the upload is; empty when there is nothing to tell."""
        if record.state != "open" or not record.part_count:
            return ""
        return self.env._("%(done)s of %(all)s parts", done=record.part_done, all=record.part_count)

    @api.model
    def _age(self, start, end=False):
        """How long something takes or took, in words."""
        minutes = int(((end or fields.Datetime.now()) - start).total_seconds() // 60)
        if minutes < 1:
            return self.env._("under a minute")
        if minutes < 120:
            return self.env._("%(minutes)s min", minutes=minutes)
        if minutes < 48 * 60:
            return self.env._("%(hours)s h", hours=minutes // 60)
        return self.env._("%(days)s days", days=minutes // (24 * 60))

    @api.model
    def _limits(self, company):
        """Groups of calls that were used lately, each by its tightest window; the blocked ones first."""
        rows = self.env["bss.ksef.limit"].sudo().search([("company_id", "=", company.id)])
        shown = []
        for group, windows in rows.filtered(lambda r: r.allowed).grouped("call_group").items():
            tight = max(windows, key=lambda r: (r.used / r.allowed, r.seconds))
            if tight.used or tight.blocked_until:
                shown.append(self._limit(group, tight))
        return sorted(shown, key=lambda limit: (not limit["blocked"], -limit["percent"]))

    @api.model
    def _limit(self, group, row):
        until = row.blocked_until
        if until:
            words = self.env._(
                "blocked until %(time)s", time=format_datetime(self.env, until, tz=self._zone(), dt_format="HH:mm:ss")
            )
        else:
            window = self._label(row, "window").lower()
            words = self.env._(
                "%(free)s of %(allowed)s left, %(window)s", free=row.free, allowed=row.allowed, window=window
            )
        return {
            "key": group,
            "label": self._label(row, "call_group"),
            "words": words,
            "percent": min(100 * row.used // row.allowed, 100),
            "blocked": bool(until),
        }

    @api.model
    def _zone(self):
        """Times of the user, else of KSeF."""
        return self.env.user.tz or "Europe/Warsaw"

    @api.model
    def _forecast(self, company):
        """Whether what waits gets into KSeF before midnight: {"text", "colour"}, or False when nothing waits."""
        told = self.env["bss.ksef.session"].sudo()._bss_forecast(company)
        if not told["waiting"]:
            return False
        can_log_in = company.bss_ksef_certificate_state in ("ok", "soon")
        colour = "danger" if not can_log_in else "success" if told["before_midnight"] else "warning"
        return {"text": told["reason"], "colour": colour}

    # ------------------------------------------------------------------ login

    @api.model
    def _login(self, company):
        """How the server logs in, and until when that works."""
        state = company.bss_ksef_certificate_state
        if company.bss_ksef_auth == "token":
            text = self.env._("The KSeF token is missing.") if state == "missing" else self.env._("KSeF token")
        elif state == "missing":
            text = self.env._("The KSeF certificate is missing.")
        else:
            text = self._certificate_words(company, state)
        return {"text": text, "colour": LOGIN_COLOURS[state]}

    @api.model
    def _certificate_words(self, company, state):
        until = company.bss_ksef_certificate_until
        date = format_date(self.env, until) if until else "?"
        if state == "expired":
            return self.env._(
                "The certificate expired on %(date)s: nothing is sent until there is a new one; nothing is lost.",
                date=date,
            )
        if state == "soon":
            days = (until - fields.Datetime.now()).days
            return self.env._("The certificate expires on %(date)s, in %(days)s days: renew it.", date=date, days=days)
        return self.env._("Certificate valid until %(date)s", date=date)
