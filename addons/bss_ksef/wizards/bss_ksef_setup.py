import base64
from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ksef_core import certificate, nip, states
from ..ksef_core.problems import Problem
from ..models.res_company import ENVIRONMENTS

STEPS = [
    ("environment", "Company and environment"),
    ("login", "Login"),
    ("sending", "Sending"),
    ("test", "Login test"),
]
ORDER = [step for step, _label in STEPS]
NO_RIGHTS = 415  # of a login: known to KSeF, but with no right for this tax number
SECRETS = ("certificate_file", "key_file", "key_password", "token")


class _LoginFailedError(Exception):
    """Ends the savepoint of a login test that did not succeed."""


class BssKsefSetup(models.TransientModel):
    """Leads from nothing to a company that sends to KSeF. The company changes only when the login succeeded."""

    _name = "bss.ksef.setup"
    _description = "KSeF Set-up"
    _transient_max_hours = 1.0  # it may hold a key

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    step = fields.Selection(STEPS, default="environment", required=True)
    environment = fields.Selection(
        ENVIRONMENTS, string="KSeF Environment", required=True, default=lambda self: self._from_company("environment")
    )
    base_url = fields.Char(string="KSeF API Address", default=lambda self: self._from_company("base_url"))
    nip = fields.Char(string="Tax Number (NIP)", compute="_compute_nip")
    nip_problem = fields.Char(compute="_compute_nip")

    auth = fields.Selection(
        [("certificate", "KSeF certificate"), ("token", "KSeF token")],
        string="KSeF Login",
        required=True,
        default=lambda self: self._from_company("auth"),
    )
    has_login = fields.Boolean(compute="_compute_has_login")
    certificate_file = fields.Binary(string="Certificate", attachment=False, groups="base.group_system")
    certificate_name = fields.Char(string="Certificate File")
    key_file = fields.Binary(string="Private Key", attachment=False, groups="base.group_system")
    key_name = fields.Char(string="Key File")
    key_password = fields.Char(groups="base.group_system")
    token = fields.Char(string="KSeF Login Token", groups="base.group_system")
    subject = fields.Char(string="Issued To", compute="_compute_facts")
    issuer = fields.Char(string="Issued By", compute="_compute_facts")
    certificate_nip = fields.Char(string="NIP in the Certificate", compute="_compute_facts")
    valid_until = fields.Datetime(compute="_compute_facts")
    login_problem = fields.Text(compute="_compute_facts")
    login_warning = fields.Text(compute="_compute_facts")

    include_consumers = fields.Boolean(
        string="Also Invoices for Consumers", default=lambda self: self._from_company("include_consumers")
    )
    auto_send = fields.Boolean(string="Send by Itself", default=lambda self: self._from_company("auto_send"))
    send_late = fields.Boolean(
        string="Send Late Invoices by Itself", default=lambda self: self._from_company("send_late")
    )
    batch_size = fields.Integer(string="Invoices per Session", default=lambda self: self._from_company("batch_size"))

    failure = fields.Text(string="Why the Login Failed", readonly=True)

    @api.model
    def _from_company(self, name):
        return self.env.company[f"bss_ksef_{name}"]

    @api.depends("company_id.vat")
    def _compute_nip(self):
        for wizard in self:
            number = wizard.company_id._bss_ksef_nip()
            wizard.nip = number
            wizard.nip_problem = False
            if not number:
                wizard.nip_problem = self.env._("The company has no tax number (NIP): write it on the company first.")
            elif not nip.is_valid(number):
                wizard.nip_problem = self.env._(
                    "“%(number)s” is no valid NIP: its check digit is wrong. Correct it on the company first.",
                    number=number,
                )

    @api.depends("auth", "company_id")
    def _compute_has_login(self):
        for wizard in self:
            company = wizard.company_id.sudo()
            kept = company.bss_ksef_token if wizard.auth == "token" else company.bss_ksef_certificate
            wizard.has_login = bool(kept)

    @api.depends("auth", "certificate_file", "key_file", "key_password", "company_id")
    def _compute_facts(self):
        for wizard in self:
            pair = wizard._pair() if wizard.auth == "certificate" else None
            known = isinstance(pair, certificate.Pair)
            wizard.subject = pair.subject if known else False
            wizard.issuer = pair.issuer if known else False
            wizard.certificate_nip = pair.nip if known else False
            wizard.valid_until = pair.valid_until.replace(tzinfo=None) if known else False
            found, warned = (), ()
            if known:
                found = certificate.problems(pair, datetime.now(UTC))
                warned = certificate.warnings(pair, wizard.company_id._bss_ksef_nip())
            elif pair:
                found = (pair,)
            wizard.login_problem = "\n".join(_describe(self.env, problem) for problem in found)
            wizard.login_warning = "\n".join(_describe(self.env, problem) for problem in warned)

    def _pair(self):
        """The uploaded pair, the Problem with it, or None when nothing was uploaded."""
        source = self.with_context(bin_size=False)
        if not source.certificate_file:
            return Problem("missing_certificate", "certificate") if source.key_file else None
        content = base64.b64decode(source.certificate_file)
        return certificate.read(content, base64.b64decode(source.key_file or b""), source.key_password or "")

    # ------------------------------------------------------------------ steps

    def action_next(self):
        self.ensure_one()
        {"environment": self._check_environment, "login": self._check_login, "sending": self._check_sending}[
            self.step
        ]()
        self.write({"step": ORDER[ORDER.index(self.step) + 1], "failure": False})
        return self._again()

    def action_back(self):
        self.ensure_one()
        self.write({"step": ORDER[max(ORDER.index(self.step) - 1, 0)], "failure": False})
        return self._again()

    def action_open_company(self):
        """Where the tax number is corrected; the wizard starts anew afterwards."""
        self.ensure_one()
        self._forget()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.company",
            "res_id": self.company_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_cancel(self):
        """Closes the wizard and forgets what was uploaded."""
        self._forget()
        return {"type": "ir.actions.act_window_close"}

    def _check_environment(self):
        if self.nip_problem:
            raise UserError(self.nip_problem)
        if self.environment == "local" and not (self.base_url or "").strip():
            raise UserError(self.env._("The local KSeF simulator needs its address."))
        if self.environment == self.company_id.bss_ksef_environment:
            return
        final = [str(state) for state in states.SESSION_FINAL]
        domain = [("company_id", "=", self.company_id.id), ("state", "not in", final)]
        open_count = self.env["bss.ksef.session"].search_count(domain)
        if open_count:
            raise UserError(
                self.env._(
                    "%(count)s sessions in the present environment are not finished. Let them end before you change the "
                    "environment: nobody could ask for their results any more.",
                    count=open_count,
                )
            )

    def _check_login(self):
        if self.login_problem:
            raise UserError(self.login_problem)
        given = self.token if self.auth == "token" else self.certificate_file
        if given or self.has_login:
            return
        if self.auth == "token":
            raise UserError(self.env._("Paste the token that you made in the KSeF taxpayer application."))
        raise UserError(self.env._("Choose the files of the certificate and of its private key."))

    def _check_sending(self):
        if not 1 <= self.batch_size <= 10_000:
            raise UserError(self.env._("A KSeF session holds 1 to 10,000 invoices."))

    # ------------------------------------------------------------------ the test at the end

    def action_finish(self):
        """Logs in for real with the new set-up; only a success changes the company."""
        self.ensure_one()
        self._check_environment()
        self._check_login()
        self._check_sending()
        self.failure = False
        words = ""
        try:
            with self.env.cr.savepoint():
                self.company_id.write(self._company_values())
                words = self._try_login()
                if words:
                    raise _LoginFailedError
        except _LoginFailedError:
            self.failure = words
            return self._again()
        self._forget()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("KSeF is set up"),
                "message": self.env._(
                    "Logged in as NIP %(nip)s. Invoices posted from now on go to KSeF.", nip=self.nip
                ),
                "type": "success",
                # in place of what is behind the wizard, which often is the cockpit itself
                "next": {
                    **self.env["ir.actions.actions"]._for_xml_id("bss_ksef.action_bss_ksef_cockpit"),
                    "target": "main",
                },
            },
        }

    def _try_login(self):
        failure = self.company_id._bss_ksef_test_connection()
        if not failure:
            return ""
        words = self.company_id._bss_ksef_describe(failure)
        if failure.code != NO_RIGHTS:
            return words
        advice = self.env._(
            "Somebody who manages the rights of NIP %(nip)s has to give them in the KSeF taxpayer application: to issue and "
            "to read invoices. Then log in again.",
            nip=self.nip,
        )
        return f"{words}\n{advice}"

    def _company_values(self):
        values = {
            "bss_ksef_enabled": True,
            "bss_ksef_environment": self.environment,
            "bss_ksef_base_url": self.base_url if self.environment == "local" else False,
            "bss_ksef_auth": self.auth,
            "bss_ksef_include_consumers": self.include_consumers,
            "bss_ksef_auto_send": self.auto_send,
            "bss_ksef_send_late": self.send_late,
            "bss_ksef_batch_size": self.batch_size,
        }
        if self.auth == "token" and self.token:
            values["bss_ksef_token"] = self.token.strip()
        pair = self._pair() if self.auth == "certificate" else None
        if isinstance(pair, certificate.Pair):
            values["bss_ksef_certificate"] = base64.b64encode(pair.certificate_pem.encode())
            values["bss_ksef_key"] = base64.b64encode(pair.key_pem.encode())
            values["bss_ksef_key_password"] = pair.password or False
        return values

    def _forget(self):
        """What was uploaded does not stay in the wizard's table."""
        self.write(dict.fromkeys(SECRETS, False))

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Up KSeF"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }


def _describe(env, problem):
    """One sentence about the uploaded files."""
    sentences = {
        "missing_certificate": env._("The certificate is missing: choose its file (.crt, .pem, .cer, .p12 or .pfx)."),
        "unreadable_certificate": env._(
            "This is no certificate file. KSeF gives it as .crt, .pem or .cer; .p12 works, too."
        ),
        "missing_key": env._(
            "The private key is missing: choose the file that was made together with the certificate."
        ),
        "unreadable_key": env._("This is no private key file (.key or .pem)."),
        "missing_password": env._("The private key is protected by a password: give it."),
        "wrong_password": env._("The password does not open the private key."),
        "key_mismatch": env._("The private key belongs to another certificate."),
        "expired": env._(
            "The certificate expired on %(date)s: get a new one in KSeF.", date=problem.params.get("date")
        ),
        "not_yet_valid": env._("The certificate is valid only from %(date)s on.", date=problem.params.get("date")),
        "weak_key": env._("KSeF does not accept a key that short: RSA needs 2048 bits, an elliptic curve 256."),
        "other_nip": env._(
            "The certificate was issued for NIP %(nip)s: this works only when KSeF knows that it may act for your company.",
            nip=problem.params.get("nip"),
        ),
        "not_for_login": env._(
            "By its purpose this certificate does not sign logins. Perhaps it is the “Offline” one, for QR codes: "
            "logging in needs the one named “Authentication”."
        ),
    }
    return sentences[problem.code]
