"""Airflow's settings on one machine, all by environment."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os

from sandbox.onebox import postgres
from sandbox.onebox.place import TRIGGERER_LOGS, WORKER_LOGS, Place

KEPT = ("HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME", "TERM")
"""What the platform's processes inherit from the person's shell; everything else is set here."""

TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def base_environment(place: Place) -> dict[str, str]:
    """The environment every process of the platform starts with."""
    inherited = {name: os.environ[name] for name in (*KEPT, *TRUST) if name in os.environ}
    return {
        "LANG": "C.UTF-8",
        **inherited,
        "PATH": os.pathsep.join([str(place.python.parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(place.repository / "include"),
        "PYTHONUNBUFFERED": "1",
        "HUMMINGBIRD_HOME": str(place.home),
        "HUMMINGBIRD_PORT": str(place.port_base),
        "HUMMINGBIRD_CATALOG": os.pathsep.join(
            str(folder) for folder in (place.repository / "include" / "catalog", place.catalogue)
        ),
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def auth_manager() -> str:
    """The platform's auth manager (it knows who may answer a prompt); FAB's own without it."""
    ours = "hummingbird.orchestration.auth"
    try:
        found = importlib.util.find_spec(ours)
    except ModuleNotFoundError:
        found = None
    if found:
        return f"{ours}.DeliveryAuthManager"
    return "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"


def airflow_environment(place: Place) -> dict[str, str]:
    """Everything Airflow's components, and its commands, are configured by."""
    world = place.world
    fernet = hashlib.sha256(world.secret("airflow.fernet").encode()).digest()
    database = postgres.dsn(place, "airflow", "airflow").replace("postgresql://", "postgresql+psycopg2://")
    connections = json.dumps({"connections_file_path": str(place.secrets / "connections.json")})
    settings = {
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "8",
        "CORE__DAGS_FOLDER": str(place.repository / "dags"),
        "CORE__PLUGINS_FOLDER": str(place.repository / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__AUTH_MANAGER": auth_manager(),
        "CORE__FERNET_KEY": base64.urlsafe_b64encode(fernet).decode(),
        "CORE__EXECUTION_API_SERVER_URL": f"{place.airflow_url}/execution/",
        "CORE__HOSTNAME_CALLABLE": "sandbox.onebox.loopback.host_name",
        "CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "5",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(place.port_base),
        "API__BASE_URL": place.airflow_url,
        "API__SECRET_KEY": world.secret("airflow.api_secret"),
        "API__INSTANCE_NAME": "Hummingbird",
        # HS512 wants 64 bytes and more.
        "API_AUTH__JWT_SECRET": hashlib.sha512(world.secret("airflow.jwt").encode()).hexdigest(),
        "API_AUTH__JWT_ISSUER": "hummingbird",
        "DATABASE__SQL_ALCHEMY_CONN": database,
        # A worker that ends within the heartbeat interval lingers for the rest of it; the next task waits.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        # Tasks of a scheduler that died are found by this search and not by their heartbeats; by default it
        # comes every five minutes.
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
        "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "15",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        "DAG_PROCESSOR__PRINT_STATS_INTERVAL": "0",
        "DAG_PROCESSOR__STALE_DAG_THRESHOLD": "300",
        "LOGGING__BASE_LOG_FOLDER": str(place.airflow / "logs"),
        "LOGGING__WORKER_LOG_SERVER_PORT": str(place.port_base + WORKER_LOGS),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(place.port_base + TRIGGERER_LOGS),
        "LOGGING__COLORED_CONSOLE_LOG": "False",
        "SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
        "SECRETS__BACKEND_KWARGS": connections,
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    environment = {f"AIRFLOW__{name}": value for name, value in settings.items()}
    return {**base_environment(place), "AIRFLOW_HOME": str(place.airflow), **environment}
