"""A notary with its real database, and an Airflow over a real socket."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hummingbird.catalogue.current import CatalogueFolder
from hummingbird.clients.airflow import AirflowApi
from hummingbird.ledger.engine import connect
from hummingbird.ledger.witness import Witness
from hummingbird.notary.app import create_app
from hummingbird.notary.messengers import Messengers
from hummingbird.notary.office import Office
from hummingbird.notary.signing import make_key
from hummingbird.notary.tokens import Tokens
from postgres import LedgerDatabase
from unit.notary import airflow_stand_in
from unit.notary.airflow_stand_in import AirflowStandIn
from unit.notary.emergency_world import Emergency, emergency_world
from unit.notary.scene import CATALOGUE, READER, TASKS, WEBHOOK, Scene
from unit.notary.serving import loopback_client, served


@pytest.fixture
def airflow() -> Iterator[AirflowStandIn]:
    stand_in = AirflowStandIn()
    server = airflow_stand_in.start(stand_in)
    yield stand_in
    server.shutdown()
    server.server_close()


@pytest.fixture
def messengers() -> Messengers:
    """No way to people; tests that have some bring their own."""
    return Messengers()


@pytest.fixture
def scene(
    ledger_database: LedgerDatabase, airflow: AirflowStandIn, messengers: Messengers, tmp_path: Path
) -> Iterator[Scene]:
    folder = tmp_path / "catalog"
    shutil.copytree(CATALOGUE, folder)
    api = AirflowApi(airflow.url, "platform", airflow_stand_in.PASSWORD)
    office = Office(
        writer=connect(ledger_database.writer),
        reader=connect(ledger_database.reader),
        key=make_key(tmp_path / "notary.pem"),
        tokens=Tokens(tasks=TASKS, reader=READER),
        webhook_token=WEBHOOK,
        policy=CatalogueFolder(folder),
        airflow=api,
        airflow_url=airflow.url,
        witness=Witness(tmp_path / "witness"),
        messengers=messengers,
    )
    app = create_app(office)
    with served(app) as url, loopback_client(url) as client:
        yield Scene(client, airflow, app.state.office, folder)  # the one that wakes its dispatchers
    api.close()


@pytest.fixture(scope="module")
def prepared_emergency(
    module_ledger: LedgerDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emergency]:
    """A delivery, a tracker and a clock for a file of tests."""
    with emergency_world(module_ledger, tmp_path_factory.mktemp("notary")) as emergency:
        yield emergency


@pytest.fixture
def burning(prepared_emergency: Emergency) -> Emergency:
    """Production is shut; nobody has asked yet."""
    prepared_emergency.begin()
    return prepared_emergency
