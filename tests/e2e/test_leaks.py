"""After a story was delivered: no secret of the platform where somebody could read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from e2e.looking import kubectl
from e2e.onebox import OneBox
from leaks import SHORTEST, Hunt
from sandbox.onebox import postgres
from sandbox.world import CLUSTERS

pytestmark = pytest.mark.e2e

DATABASES = {"airflow": "airflow", "ledger_owner": "ledger"}
"""Role → its database."""
TABLES = (
    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
    "WHERE schemaname IN ('public', 'ledger', 'metrics')"
)


@pytest.fixture(scope="module")
def hunt(box: OneBox, delivered: str) -> Hunt:
    """Everything that was drawn for this platform, and the lines of the notary's key."""
    drawn = json.loads((box.place.secrets / "sandbox.json").read_text("utf-8"))
    key = (box.place.secrets / "notary-key.pem").read_text("ascii").splitlines()[1:-1]
    secrets = drawn | {f"notary-key.{number}": line for number, line in enumerate(key)}
    found = Hunt({name: secret for name, secret in secrets.items() if len(secret) >= SHORTEST})
    assert len(secrets) > 100
    assert found.in_text((box.place.secrets / "connections.json").read_bytes()), "it finds what is there"
    return found


def test_no_log_of_a_task_or_a_service_holds_a_secret(box: OneBox, hunt: Hunt) -> None:
    folders = (box.place.airflow / "logs", box.place.logs)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 50
    assert list(hunt.in_files(files)) == []


def test_no_rendered_template_xcom_note_prompt_or_ledger_row_holds_a_secret(box: OneBox, hunt: Hunt) -> None:
    seen: dict[str, int] = {}
    told = []
    for table, rows in tables(box):
        seen[table] = len(rows)
        if found := hunt.in_text("\n".join(rows).encode()):
            told.append(f"{table}: {', '.join(sorted(found))}")
    filled = {table for table, count in seen.items() if count}
    assert {f"public.{name}" for name in ("rendered_task_instance_fields", "xcom", "hitl_detail")} <= filled
    assert "ledger.event" in filled
    assert told == []


def test_no_process_shows_a_secret_in_its_arguments(box: OneBox, hunt: Hunt) -> None:
    shown = dict(arguments(box.place.home))
    assert len(shown) > 10
    told = {line: found for line in shown.values() if (found := hunt.in_text(line.encode()))}
    assert told == {}


def test_no_object_of_a_cluster_but_its_secrets_holds_one(box: OneBox, hunt: Hunt) -> None:
    for cluster in CLUSTERS:
        for kind in ("pods", "deployments", "services", "configmaps", "events"):
            shown = kubectl(box, cluster, "get", kind, "-o", "json")
            assert hunt.in_text(shown.encode()) == set(), f"{kind} of {cluster}"


def test_no_report_in_the_package_repository_holds_a_secret(box: OneBox, hunt: Hunt) -> None:
    files = [path for path in (box.place.home / "sandbox" / "artifactory").rglob("*") if path.is_file()]
    assert len(files) > 5
    assert list(hunt.in_files(files)) == []


def tables(box: OneBox) -> Iterator[tuple[str, list[str]]]:
    """Every table of both databases, its rows as text."""
    for role, database in DATABASES.items():
        connection = psycopg2.connect(postgres.dsn(box.place, role, database))
        try:
            with connection.cursor() as cursor:
                cursor.execute(TABLES)
                for (table,) in cursor.fetchall():
                    cursor.execute(f"SELECT t::text FROM {table} t")
                    yield table, [row[0] for row in cursor.fetchall()]
        finally:
            connection.close()


def arguments(home: Path) -> Iterator[tuple[int, str]]:
    """The command line of every process that belongs to the platform in this home."""
    mark = re.compile(rf"{re.escape(str(home))}(/|$)")
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
            ours = mark.search(line) or mark.match(process.environ().get("HUMMINGBIRD_HOME", ""))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if ours:
            yield process.pid, line
