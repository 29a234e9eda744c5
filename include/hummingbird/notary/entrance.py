"""The notary's entrance: it serves when the preflight finds nothing, and says why when it does not."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine

from hummingbird.catalogue.current import CatalogueFolder
from hummingbird.core.errors import Invalid
from hummingbird.ledger.engine import connect
from hummingbird.notary.settings import Settings, read_settings
from hummingbird.preflight.addresses import address_problems, is_loopback
from hummingbird.preflight.databases import dsn_problems, ledger_problems


def notary_problems(settings: Settings, writer: Engine, reader: Engine, host: str) -> list[str]:
    """What is wrong with addresses, databases, rights and the listening socket."""
    told = address_problems("HB_AIRFLOW_URL", settings.airflow_url)
    told += dsn_problems("HB_LEDGER_DSN", settings.writer_dsn)
    told += dsn_problems("HB_LEDGER_READER_DSN", settings.reader_dsn)
    told += ledger_problems(writer, reader)
    if not is_loopback(host) and settings.tls is None:
        told.append(
            f"the notary would speak plain HTTP on {host}; set HB_NOTARY_TLS_CERT_FILE and "
            "HB_NOTARY_TLS_KEY_FILE, or listen on loopback"
        )
    return told


def refuse_unsound_start(settings: Settings, writer: Engine, reader: Engine, host: str) -> None:
    """Invalid with every problem, a sentence each."""
    problems = notary_problems(settings, writer, reader, host)
    if problems:
        raise Invalid("\nnotary: ".join(problems))


def problems_here(environment: Mapping[str, str], host: str) -> list[str]:
    """`hummingbird preflight notary`: all that a start would refuse, without starting."""
    settings = read_settings(environment)
    writer, reader = connect(settings.writer_dsn, pool_size=1), connect(settings.reader_dsn, pool_size=1)
    try:
        CatalogueFolder(*settings.catalogue).current()
        return notary_problems(settings, writer, reader, host)
    finally:
        writer.dispose()
        reader.dispose()
