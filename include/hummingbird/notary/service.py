"""The notary as a process: settings, database, key, then HTTP until SIGTERM."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Mapping

import uvicorn
from sqlalchemy.exc import OperationalError

from hummingbird.catalogue.current import CatalogueFolder
from hummingbird.catalogue.exchanges import calendar_warnings
from hummingbird.clients.airflow import AirflowApi
from hummingbird.core.errors import Conflict, Unreachable
from hummingbird.ledger.append import database_now
from hummingbird.ledger.engine import connect
from hummingbird.ledger.revision import require_schema
from hummingbird.ledger.witness import Witness
from hummingbird.notary.app import create_app
from hummingbird.notary.emergencies import unusable_rules
from hummingbird.notary.entrance import refuse_unsound_start
from hummingbird.notary.office import Office
from hummingbird.notary.settings import Settings, read_settings

_GRACE_SECONDS = 5
_log = logging.getLogger("hummingbird.notary")


def open_office(settings: Settings, host: str) -> Office:
    """The notary's things; Unreachable without database, Conflict without schema, Invalid when unsound."""
    writer = connect(settings.writer_dsn, name="hummingbird-notary")
    reader = connect(settings.reader_dsn, name="hummingbird-notary-reader")
    for engine in (writer, reader):
        try:
            with engine.connect() as connection:
                require_schema(connection)
        except OperationalError as error:
            told = " ".join(str(error.orig).split())
            raise Unreachable(f"the ledger's database does not answer: {told}") from error
    witness = Witness(settings.witness)
    policy = CatalogueFolder(*settings.catalogue)
    with reader.connect() as connection:
        now = database_now(connection)
    for warning in calendar_warnings(policy.current(), now):
        _log.warning("%s", warning)
    for warning in unusable_rules(policy.current(), tracker=settings.ways.tracker is not None):
        _log.warning("%s", warning)
    refuse_unsound_start(settings, writer, reader, host)
    return Office(
        writer=writer,
        reader=reader,
        key=settings.key,
        tokens=settings.tokens,
        webhook_token=settings.webhook_token,
        policy=policy,
        airflow=AirflowApi(settings.airflow_url, settings.airflow_user, settings.airflow_password),
        airflow_url=settings.airflow_url,
        witness=witness,
        messengers=settings.ways.messengers,
        tracker=settings.ways.tracker,
    )


def serve(environment: Mapping[str, str], host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; Conflict when the port is taken."""
    settings = read_settings(environment)
    office = open_office(settings, host)
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise Conflict(
            f"port {port} of {host} cannot be taken: {error.strerror}; another process has it"
        ) from error
    config = uvicorn.Config(
        create_app(office),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ssl_certfile=settings.tls.certificate if settings.tls else None,
        ssl_keyfile=settings.tls.key if settings.tls else None,
    )
    # uvicorn raises the signal again once it has ended cleanly; by then it has done its work.
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: None)
    uvicorn.Server(config).run(sockets=[listening])
    return 0
