"""`./bss doctor`: what could be wrong, each with its cure. Changes nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from . import addons, chromium, odoo_source, postgres, venv
from .errors import UserError
from .paths import BSS, ODOO_GIT, ODOO_UNPACKED, ROOT, venv_python
from .serving import FIRST_PORT, is_free
from .shell import capture, child_env


@dataclass(frozen=True)
class Finding:
    ok: bool
    text: str
    cure: str = ""


SIGN = """
import datetime
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
import xmlsec
key = ec.generate_private_key(ec.SECP256R1())
pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
doc = etree.fromstring(b"<Faktura><P_15>123.00</P_15></Faktura>")
node = xmlsec.template.create(doc, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.ECDSA_SHA256)
doc.append(node)
ref = xmlsec.template.add_reference(node, xmlsec.Transform.SHA256, uri="")
xmlsec.template.add_transform(ref, xmlsec.Transform.ENVELOPED)
def context():
    made = xmlsec.SignatureContext()
    made.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.PEM)
    return made
context().sign(node)
context().verify(node)
doc[0].text = "124.00"
try:
    context().verify(node)
except xmlsec.Error:
    print("ok")
"""


def check_python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding((3, 11) <= sys.version_info[:2] <= (3, 13), f"Python {version}", "use Python 3.11 to 3.13")


def check_odoo() -> Finding:
    found = odoo_source.from_environment()
    if found is None and (ODOO_UNPACKED / ".bss-identity").exists():
        found = odoo_source.describe_tree(ODOO_UNPACKED, "debian", "")
    if found is None and ODOO_GIT.exists():
        found = odoo_source.describe_tree(ODOO_GIT, "git", "")
    if found is None:
        return Finding(False, "Odoo 19: none yet", "./bss setup")
    return Finding(True, f"Odoo 19 ({found.kind}) in {found.python_path}")


def check_web_files() -> Finding:
    """Without this file every page answers 500."""
    if not ODOO_UNPACKED.exists():
        return Finding(True, "web libraries: come with the Odoo tree")
    path = ODOO_UNPACKED / odoo_source.DIST / "odoo/addons/web/static/lib/jquery/jquery.js"
    return Finding(path.exists(), "web libraries: jquery in place", "./bss clean && ./bss setup")


def check_venv() -> Finding:
    answer = capture([venv_python(), "-c", "import odoo.release, polars, typst, psycopg2; print(odoo.release.version)"])
    return Finding(bool(answer), f"Python environment: Odoo {(answer or '').strip()}", "./bss clean && ./bss setup")


def check_pins() -> Finding:
    ok = venv.STAMP.is_file() and venv.requirements_hash() in venv.STAMP.read_text()
    return Finding(ok, "Python environment: follows the pins", "./bss setup")


def check_signature() -> Finding:
    answer = capture([venv_python(), "-c", SIGN])
    return Finding(answer == "ok\n", "XML signature: sign, verify, notice a change", "pin lxml and xmlsec as in git")


def check_postgres() -> Finding:
    server = postgres.configured()
    if server is None:
        binaries = postgres.bindir(fetch=False)
        if binaries is None:
            return Finding(False, "PostgreSQL: none", "./bss setup, or set BSS_PG=postgresql://user:password@host")
        if not postgres.is_running(binaries):
            return Finding(False, f"PostgreSQL: stopped ({binaries})", "./bss pg start")
        server = postgres.private_server()
    query = "import psycopg2; c = psycopg2.connect(dbname='postgres'); print(c.server_version // 10000)"
    env = child_env(server.env())
    answer = capture([venv_python(), "-c", query], env)
    if not answer:
        return Finding(False, f"PostgreSQL at {server.host} does not answer as {server.user}", "check BSS_PG or PGHOST")
    major = int(answer)
    cure = f"use PostgreSQL {postgres.MINIMUM} or newer"
    return Finding(major >= postgres.MINIMUM, f"PostgreSQL {major} ({server.kind}) at {server.host}", cure)


def check_disk() -> Finding:
    free = shutil.disk_usage(BSS if BSS.exists() else ROOT).free / 1e9
    return Finding(free > 6, f"disk: {free:.0f} GB free", "free at least 6 GB (Odoo 1.1, packages 1.5, databases)")


def check_chromium() -> Finding:
    found = chromium.find()
    return Finding(bool(found), f"Chromium for browser tests: {found or 'none'}", chromium.CURE)


def check_port() -> Finding:
    free = is_free(FIRST_PORT)
    return Finding(True, f"port {FIRST_PORT}: {'free' if free else 'taken, ./bss serve takes the next free one'}")


def check_addons() -> Finding:
    missing = [name for name in addons.ALL if name not in addons.present()]
    return Finding(
        not missing,
        f"addons: {len(addons.present())}, missing: {', '.join(missing) or 'none'}",
        "restore them from git",
    )


def check_user() -> Finding:
    if os.geteuid() != 0:
        return Finding(True, "user: ordinary")
    return Finding(True, f"user: root (PostgreSQL runs as {postgres.owner().pw_name})")


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_user,
    check_disk,
    check_odoo,
    check_web_files,
    check_venv,
    check_pins,
    check_signature,
    check_postgres,
    check_chromium,
    check_addons,
    check_port,
)


def run() -> int:
    bad = 0
    for check in CHECKS:
        try:
            finding = check()
        except UserError as error:
            finding = Finding(False, error.message, error.cure)
        bad += not finding.ok
        print(f"{'ok ' if finding.ok else 'BAD'}  {finding.text}")
        if not finding.ok and finding.cure:
            print(f"     cure: {finding.cure}")
    return 1 if bad else 0
