"""What the preflight finds, one refusal at a time, beside the case that it allows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, text

from hummingbird.ledger.engine import connect
from hummingbird.preflight.addresses import address_problems, is_loopback
from hummingbird.preflight.airflow import AirflowFacts, airflow_problems, component_of
from hummingbird.preflight.connections import ConnectionFacts, connection_problems
from hummingbird.preflight.databases import dsn_problems, ledger_problems
from postgres import LedgerDatabase, as_user

DRAWN = "nQ4vX8rT1zL6pK0sW3yB7mD5hF2jG9cA-uE_iOqRtYxVbNlMkJhGfDsAzPoIuYt1W"
OURS = "hummingbird.orchestration.auth.DeliveryAuthManager"
SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
BLIND = "insecure-skip-tls-verify"


def facts(**changes: Any) -> AirflowFacts:
    sound = {
        "component": "scheduler",
        "auth_manager": OURS,
        "fernet_key": "sH1yT8vNqX3mR6kP0wZcJ5uL9bD2fG7aE4iQoVtYxCs=",
        "fernet_source": "env var",
        "jwt_secret": DRAWN,
        "jwt_source": "env var",
        "jwt_private_key": "",
        "api_secret": DRAWN[:40],
        "api_secret_source": "env var",
        "expose_config": "False",
        "database": "postgresql+psycopg2://airflow:x@db.example.com/airflow?sslmode=verify-full",
        "database_source": "env var",
    }
    return AirflowFacts.model_validate(sound | changes)


def test_sound_settings_have_no_problem() -> None:
    assert airflow_problems(facts()) == []
    assert airflow_problems(facts(fernet_key=f"{Fernet.generate_key().decode()},{facts().fernet_key}")) == []
    private = facts(jwt_private_key="/run/secrets/jwt.pem", jwt_secret="", jwt_source="default")
    assert airflow_problems(private) == []
    worker = facts(component="worker", jwt_secret="", jwt_source="default", database_source="default")
    assert airflow_problems(worker) == [], "a worker signs nothing and has no database"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"auth_manager": SIMPLE}, "Simple"),
        ({"xcom_classes": "airflow.* subprocess.*"}, "lets XComs build objects"),
        ({"xcom_class_patterns": ".*"}, "lets XComs build objects"),
        ({"public_role": "Viewer"}, "whoever is not signed in the role Viewer"),
        ({"auth_manager": FAB}, "cannot match"),
        ({"fernet_key": ""}, "fernet_key is not set"),
        ({"fernet_source": "default"}, "fernet_key is not set"),
        ({"fernet_key": "cryptography_not_found_storing_passwords_in_plain_text"}, "not 32 drawn bytes"),
        ({"fernet_key": "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="}, "not 32 drawn bytes"),
        ({"jwt_source": "default"}, "jwt_secret is not set"),
        ({"jwt_secret": DRAWN[:63]}, "jwt_secret has 63 bytes"),
        ({"jwt_secret": "ab" * 40}, "jwt_secret was typed"),
        ({"api_secret": ""}, "secret_key is not set"),
        ({"api_secret": "short"}, "secret_key has 5 bytes"),
        ({"expose_config": "non-sensitive-only"}, "expose_config"),
        ({"expose_config": "True"}, "expose_config"),
        ({"database": "sqlite:////opt/airflow/airflow.db"}, "is sqlite"),
        ({"database": "postgresql://a:b@db.example.com/airflow"}, "does not verify db.example.com"),
        ({"database": "postgresql://a:b@db.example.com/airflow?sslmode=require"}, "sslmode require"),
    ],
)
def test_an_unsound_setting_is_one_sentence_with_its_mend(changes: dict[str, str], sentence: str) -> None:
    (told,) = airflow_problems(facts(**changes))
    assert sentence in told
    assert "; " in told, "the mend follows the semicolon"


def test_the_component_is_the_most_demanding_one_on_the_command_line() -> None:
    assert component_of(["airflow", "celery", "worker"]) == "worker"
    assert component_of(["bash", "-c", "exec airflow scheduler"]) == "scheduler"
    assert component_of(["family", "triggerer", "api-server"]) == "api-server"
    for other in (
        ["airflow", "db", "migrate"],
        ["airflow", "users", "create"],
        ["hummingbird", "preflight", "worker"],
    ):
        assert component_of(other) is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "LOCALHOST."])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "localhost.example.com", "10.0.0.1", "0.0.0.0", "127.0.0.1.example.com"]
)
def test_everything_else_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_plain_http_ends_at_loopback() -> None:
    assert address_problems("x", "https://jira.example.com") == []
    assert address_problems("x", "http://127.0.0.1:28082") == []
    assert "plain HTTP to jira.example.com" in address_problems("x", "http://jira.example.com")[0]
    for bad in ("", "jira.example.com", "ftp://jira.example.com", "http://", "http://[::1"):
        assert "is not an address" in address_problems("x", bad)[0]


def a_connection(kind: str = "http", address: str = "https://h.example.com", **extra: Any) -> ConnectionFacts:
    return ConnectionFacts(name="c", kind=kind, address=address, extra=extra)


def a_kubeconfig(**cluster: Any) -> str:
    named = {"name": "prod", "cluster": {"server": "https://k.example.com:6443", **cluster}}
    return json.dumps({"clusters": [named]})


@pytest.mark.parametrize(
    "connection",
    [
        a_connection(config_url="https://apollo.example.com"),
        a_connection(address="http://127.0.0.1:1", verify=False),
        a_connection("kubernetes", kube_config=a_kubeconfig(), toolbox_image="h/t@sha256:" + "a" * 64),
        a_connection("kubernetes", in_cluster=True),
        a_connection("postgres", "ledger://db.example.com:5432", sslmode="verify-full"),
        a_connection("postgres", "ledger:///run/postgresql"),
        a_connection("kubernetes", kube_config=a_kubeconfig(server="https://127.0.0.1:1", **{BLIND: True})),
    ],
)
def test_a_connection_that_nobody_can_listen_to_is_allowed(connection: ConnectionFacts) -> None:
    assert connection_problems(connection) == []


@pytest.mark.parametrize(
    ("connection", "sentence"),
    [
        (a_connection(address="http://h.example.com"), "plain HTTP to h.example.com"),
        (a_connection(verify=False), "extra verify"),
        (a_connection(verify="false"), "extra verify"),
        (a_connection(verify_ssl=0), "extra verify_ssl"),
        (a_connection(config_url="http://apollo.example.com"), "extra config_url speaks plain HTTP"),
        (a_connection(pod_url="http://notary.example.com"), "extra pod_url speaks plain HTTP"),
        (a_connection("postgres", "ledger://db.example.com:5432"), "does not verify db.example.com"),
        (a_connection("postgres", "ledger://db.example.com", sslmode="require"), "(sslmode require)"),
        (a_connection("kubernetes"), "has no kube_config"),
        (a_connection("kubernetes", kube_config="{"), "not a kubeconfig"),
        (a_connection("kubernetes", kube_config="{}"), "names no cluster"),
        (a_connection("kubernetes", disable_verify_ssl=True), "disable_verify_ssl"),
        (
            a_connection("kubernetes", kube_config=a_kubeconfig(**{BLIND: True})),
            BLIND,
        ),
        (a_connection("kubernetes", kube_config=a_kubeconfig(server="http://k.example.com")), "plain HTTP"),
        (a_connection("kubernetes", kube_config=a_kubeconfig(), toolbox_image="h/t:1"), "names a tag"),
    ],
)
def test_a_connection_that_others_can_listen_to_is_refused(
    connection: ConnectionFacts, sentence: str
) -> None:
    (told,) = connection_problems(connection)
    assert sentence in told


def test_a_local_socket_needs_no_tls() -> None:
    assert dsn_problems("d", "postgresql://w:x@/ledger?host=/run/postgresql") == []
    assert dsn_problems("d", "postgresql://w:x@127.0.0.1/ledger") == []
    assert "not a DSN" in dsn_problems("d", "nonsense")[0]


@pytest.fixture
def reader(ledger_database: LedgerDatabase) -> Engine:
    return connect(ledger_database.reader)


def test_the_ledger_s_own_roles_are_allowed(writer: Engine, reader: Engine) -> None:
    assert ledger_problems(writer, reader) == []


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
def test_a_writer_that_may_rewrite_events_is_refused(
    ledger_database: LedgerDatabase, writer: Engine, reader: Engine, right: str
) -> None:
    _as_owner(ledger_database, f"GRANT {right} ON ledger.event TO ledger_writer")
    (told,) = ledger_problems(writer, reader)
    assert f"ledger_writer may {right} events" in told


def test_a_reader_that_may_write_is_refused(
    ledger_database: LedgerDatabase, writer: Engine, reader: Engine
) -> None:
    _as_owner(ledger_database, "GRANT INSERT ON ledger.event TO ledger_reader")
    (told,) = ledger_problems(writer, reader)
    assert "ledger_reader may INSERT" in told


def test_the_owner_s_dsn_is_refused(ledger_database: LedgerDatabase, reader: Engine) -> None:
    (told,) = ledger_problems(connect(ledger_database.owner), reader)
    assert "is a superuser" in told
    _as_owner(ledger_database, "ALTER ROLE ledger_owner LOGIN")
    (told,) = ledger_problems(connect(as_user(ledger_database.owner, "ledger_owner")), reader)
    assert "is the owner of the events" in told


def test_triggers_that_are_off_are_refused(
    ledger_database: LedgerDatabase, writer: Engine, reader: Engine
) -> None:
    _as_owner(ledger_database, "ALTER TABLE ledger.event DISABLE TRIGGER event_is_never_changed")
    (told,) = ledger_problems(writer, reader)
    assert "triggers" in told


def test_a_schema_that_is_behind_is_refused(
    ledger_database: LedgerDatabase, writer: Engine, reader: Engine
) -> None:
    _as_owner(ledger_database, "UPDATE ledger.alembic_version SET version_num = '0000'")
    told = ledger_problems(writer, reader)
    assert all("run `hummingbird ledger migrate" in one for one in told)
    assert len(told) == 2


def _as_owner(database: LedgerDatabase, statement: str) -> None:
    engine = connect(database.owner, pool_size=1)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
