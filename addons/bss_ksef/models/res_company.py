import base64
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..ksef_core import nip
from ..ksef_core.transport import auth
from ..ksef_core.transport.gate import Gate
from ..ksef_core.transport.package import MAX_INVOICES
from ..ksef_core.transport.result import Failure, Fault

BASE_URLS = {
    "test": "https://api-test.ksef.mf.gov.pl/v2",
    "demo": "https://api-demo.ksef.mf.gov.pl/v2",
    "production": "https://api.ksef.mf.gov.pl/v2",
}
ENVIRONMENTS = [("test", "Test"), ("demo", "Demo"), ("production", "Production"), ("local", "Local simulator")]
QR_URLS = {
    "test": "https://qr-test.ksef.mf.gov.pl",
    "demo": "https://qr-demo.ksef.mf.gov.pl",
    "production": "https://qr.ksef.mf.gov.pl",
    "local": "https://qr-test.ksef.mf.gov.pl",
}


class ResCompany(models.Model):
    _inherit = "res.company"

    bss_ksef_enabled = fields.Boolean(string="Send Invoices to KSeF")
    bss_ksef_environment = fields.Selection(
        ENVIRONMENTS,
        string="KSeF Environment",
        default="test",
        required=True,
    )
    bss_ksef_base_url = fields.Char(
        string="KSeF API Address", help="Only for the local simulator; the official addresses are built in."
    )
    bss_ksef_qr_base_url = fields.Char(
        string="KSeF QR Address", compute="_compute_bss_ksef_qr_base_url", store=True, readonly=False
    )
    bss_ksef_auth = fields.Selection(
        [("certificate", "Certificate"), ("token", "KSeF token")],
        string="KSeF Login",
        default="certificate",
        required=True,
        help="The Ministry plans to end tokens; a KSeF certificate works unattended.",
    )
    bss_ksef_certificate = fields.Binary(
        string="KSeF Login Certificate", attachment=False, copy=False, groups="base.group_system"
    )
    bss_ksef_key = fields.Binary(string="KSeF Private Key", attachment=False, copy=False, groups="base.group_system")
    bss_ksef_key_password = fields.Char(string="KSeF Key Password", copy=False, groups="base.group_system")
    bss_ksef_token = fields.Char(string="KSeF Login Token", copy=False, groups="base.group_system")
    bss_ksef_certificate_until = fields.Datetime(
        string="KSeF Certificate Valid Until",
        compute="_compute_bss_ksef_certificate_until",
        store=True,
        compute_sudo=True,
    )
    bss_ksef_include_consumers = fields.Boolean(
        string="Also Invoices for Consumers",
        help="Invoices for consumers may stay outside KSeF: JPK marks them BFK. Inside they carry number, link and code. "
        "A buyer with a tax number is always inside, also a person.",
    )
    bss_ksef_auto_send = fields.Boolean(
        string="Send by Itself",
        help="A scheduled action sends waiting invoices; otherwise somebody starts the sending.",
    )
    bss_ksef_send_late = fields.Boolean(
        string="Send Late Invoices by Itself",
        help="Invoices whose day of issue is over go without asking; KSeF marks them Offline. Otherwise they wait until "
        "somebody decides.",
    )
    bss_ksef_batch_size = fields.Integer(string="Invoices per Session", default=MAX_INVOICES, required=True)
    bss_ksef_compression = fields.Selection(
        [("TarGz", "tar.gz"), ("Zip", "zip")], string="Package Compression", default="TarGz", required=True
    )

    _bss_ksef_batch_size_limits = models.Constraint(
        f"CHECK(bss_ksef_batch_size BETWEEN 1 AND {MAX_INVOICES})", "A KSeF session holds 1 to 10,000 invoices."
    )

    @api.depends("bss_ksef_environment")
    def _compute_bss_ksef_qr_base_url(self):
        for company in self:
            company.bss_ksef_qr_base_url = QR_URLS[company.bss_ksef_environment or "test"]

    @api.depends("bss_ksef_certificate")
    def _compute_bss_ksef_certificate_until(self):
        for company in self:
            pem = _certificate_pem(company.bss_ksef_certificate)
            until = auth.certificate_valid_until(pem) if pem else None
            company.bss_ksef_certificate_until = until.astimezone(UTC).replace(tzinfo=None) if until else False

    @api.constrains("bss_ksef_enabled", "bss_ksef_environment", "bss_ksef_base_url")
    def _check_bss_ksef_base_url(self):
        for company in self:
            if company.bss_ksef_enabled and company.bss_ksef_environment == "local" and not company.bss_ksef_base_url:
                raise ValidationError(self.env._("The local KSeF simulator needs its address."))
            if company.bss_ksef_base_url and not _is_web_address(company.bss_ksef_base_url):
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is no address of a KSeF server; it starts with http:// or https:// and names a host.",
                        address=company.bss_ksef_base_url,
                    )
                )

    def _bss_ksef_nip(self):
        self.ensure_one()
        return nip.normalise(self.vat or "")

    def _bss_ksef_api_url(self):
        self.ensure_one()
        return BASE_URLS.get(self.bss_ksef_environment) or self.bss_ksef_base_url or ""

    @contextmanager
    def _bss_ksef_gate(self, attempts=5):
        """The only way out to KSeF: a gate with its own connection, closed afterwards."""
        self.ensure_one()
        local = self.bss_ksef_environment == "local"
        with httpx.Client(
            timeout=httpx.Timeout(60.0, connect=15.0),
            headers={"User-Agent": "bss-ksef/19.0"},
            follow_redirects=False,
            trust_env=not local,
        ) as http:
            yield Gate(
                http,
                self._bss_ksef_api_url(),
                sleep=time.sleep,
                now=lambda: datetime.now(UTC),
                attempts=attempts,
                limiter=self.env["bss.ksef.limit"]._bss_limiter(self),
            )

    def _bss_ksef_login(self):
        """What to log in with, or a Failure that says what is missing."""
        self.ensure_one()
        company = self.sudo()
        number = company._bss_ksef_nip()
        if not nip.is_valid(number):
            return Failure(Fault.REFUSED, self.env._("The company has no valid tax number (NIP)."))
        if company.bss_ksef_auth == "token":
            if not company.bss_ksef_token:
                return Failure(Fault.REFUSED, self.env._("The KSeF token is missing in the settings."))
            return auth.TokenLogin(number, company.bss_ksef_token)
        certificate = _certificate_pem(company.bss_ksef_certificate)
        key = _key_pem(company.bss_ksef_key)
        if not certificate or not key:
            return Failure(Fault.REFUSED, self.env._("The KSeF certificate or its key is missing in the settings."))
        return auth.CertificateLogin(number, certificate, key, company.bss_ksef_key_password or "")

    def _bss_ksef_set_certificate(self, certificate, key, password=""):
        """Set-up from scripts: `certificate` and `key` are the contents of their PEM files (bytes or str)."""
        self.ensure_one()
        self.sudo().write(
            {
                "bss_ksef_auth": "certificate",
                "bss_ksef_certificate": base64.b64encode(_as_bytes(certificate)),
                "bss_ksef_key": base64.b64encode(_as_bytes(key)),
                "bss_ksef_key_password": password or False,
            }
        )

    def _bss_ksef_test_connection(self):
        """Logs in for real; None when it worked, else the Failure."""
        self.ensure_one()
        if not self._bss_ksef_api_url():
            return Failure(Fault.REFUSED, self.env._("The local KSeF simulator needs its address."))
        with self._bss_ksef_gate(attempts=1) as gate:
            token = self.env["bss.ksef.access"]._bss_token(gate, self, renew=True)
        return token if isinstance(token, Failure) else None

    def _bss_ksef_describe(self, failure):
        """One sentence about a failed call, for people."""
        self.ensure_one()
        if failure.fault is Fault.LIMITED and failure.retry_after:
            return self.env._(
                "The request limit of KSeF is used up; it goes on in %(seconds)s s by itself.",
                seconds=round(failure.retry_after),
            )
        if failure.fault is not Fault.UNREACHABLE:
            return failure.summary()
        return self.env._(
            "KSeF server at %(url)s does not answer (%(detail)s).",
            url=self._bss_ksef_api_url(),
            detail=failure.summary(),
        )


def _is_web_address(text):
    """Whether `text` is http(s)://host, perhaps with a port and a path."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and port != 0
        and not any(sign.isspace() for sign in text)
    )


def _as_bytes(content):
    return content.encode() if isinstance(content, str) else content


def _certificate_pem(field_value):
    """PEM text of an uploaded certificate (PEM or DER); empty when there is none or it is unreadable."""
    if not field_value:
        return ""
    content = base64.b64decode(field_value)
    if b"BEGIN CERTIFICATE" in content:
        return content.decode("ascii", "replace")
    try:
        certificate = x509.load_der_x509_certificate(content)
    except ValueError:
        return ""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _key_pem(field_value):
    return base64.b64decode(field_value).decode("utf-8", "replace") if field_value else ""
