"""A back-up is put back: the notary notices, decides nothing, and goes on when a person has taken it on."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hummingbird.__main__ import main
from hummingbird.core.errors import Invalid
from hummingbird.ledger.append import append
from hummingbird.ledger.command import WITNESS_FILE, WRITER_DSN
from hummingbird.ledger.witness import Head, Witness, head_of
from postgres import LedgerDatabase
from sandbox.onebox.postgres import binary
from unit.ledger.ledger_samples import an_event
from unit.notary.delivery_samples import OLD_COMMIT, a_bundle, deploy_report, open_warrant
from unit.notary.scene import Scene

RUN = "dev_deploy/HB-101.1"
LATER = "dev_deploy/HB-101.2"
PERSON = ("--person", "operations", "--reason", "the disk of the database was lost on Sunday")


def program(name: str, *arguments: str) -> None:
    done = subprocess.run([binary(name), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class BackUp:
    """A dump of one ledger, by PostgreSQL's own programs."""

    def __init__(self, database: LedgerDatabase, file: Path) -> None:
        self.database = database
        self.file = file

    def take(self) -> None:
        program("pg_dump", "--format=custom", f"--file={self.file}", self.database.owner)

    def put_back(self) -> None:
        program("pg_restore", "--clean", "--if-exists", f"--dbname={self.database.owner}", str(self.file))


@pytest.fixture
def back_up(ledger_database: LedgerDatabase, tmp_path: Path) -> BackUp:
    return BackUp(ledger_database, tmp_path / "ledger.dump")


@pytest.fixture
def sealed(scene: Scene) -> Scene:
    """A bundle that dev may have."""
    scene.admit(RUN, requester=None)
    scene.ready(a_bundle())
    scene.promote(a_bundle(), "dev")
    return scene


def signed(scene: Scene, run: str = RUN) -> dict[str, Any]:
    answer = scene.warrant(a_bundle(), "dev", run)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


def reconcile(scene: Scene, database: LedgerDatabase, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv(WRITER_DSN, database.writer)
    monkeypatch.setenv(WITNESS_FILE, str(scene.office.witness.file))
    return main(["ledger", "reconcile", *PERSON])


def test_an_older_ledger_blocks_every_decision_until_a_person_takes_it_on(
    sealed: Scene, back_up: BackUp, ledger_database: LedgerDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    permitted = signed(sealed)
    warrant = open_warrant(permitted)
    back_up.take()
    before = sealed.client.get("/health").json()
    job = sealed.deploy_job(permitted, "dev")
    token = sealed.ticket(job, run=RUN).json()["token"]
    assert sealed.consume(token, warrant.id, "dev").json()["state"] == "granted"
    assert sealed.put(token, deploy_report(job, warrant, "deployed")).status_code == 201
    lost = sealed.client.get("/health").json()["sequence"]

    back_up.put_back()

    health = sealed.client.get("/health").json()
    assert (health["status"], health["sequence"]) == ("read-only", before["sequence"])
    for sentence in (f"ends at row {before['sequence']}", f"row {lost} was written before", "reconcile"):
        assert sentence in health["why"]
    refused = sealed.warrant(a_bundle(), "dev", LATER)
    assert refused.status_code == 409
    assert refused.json()["error"] == {"kind": "Conflict", "message": health["why"]}
    assert sealed.consume(token, warrant.id, "dev").status_code == 409
    assert sealed.ask(a_bundle(), "test", "test_deploy/HB-101.1").status_code == 409
    assert sealed.get("/events").status_code == 200, "reading goes on"
    assert sealed.client.get("/health").json()["sequence"] == before["sequence"], "nothing was written"

    assert reconcile(sealed, ledger_database, monkeypatch) == 0
    assert sealed.client.get("/health").json()["status"] == "ok"
    (recorded,) = sealed.get("/events", kind="dev.cdeventsx.hummingbird-ledger.reconciled.0.1.0").json()
    assert recorded["event"]["actor"] == "operations"
    assert recorded["event"]["data"]["noted"]["sequence"] == lost
    assert "disk" in recorded["event"]["data"]["reason"]

    again = sealed.ticket(job, run=RUN).json()["token"]
    void = sealed.consume(again, warrant.id, "dev")
    assert void.status_code == 409
    assert "is void: operations reconciled the ledger" in void.text
    fresh = open_warrant(signed(sealed))
    assert fresh.id != warrant.id, "the run gets another warrant, not the void one"
    sealed.finish(RUN)
    sealed.admit(LATER, requester=None)
    sealed.deploy(a_bundle(), "dev", LATER)


def test_a_ledger_put_back_as_it_was_is_not_blocked(sealed: Scene, back_up: BackUp) -> None:
    back_up.take()
    back_up.put_back()
    assert sealed.client.get("/health").json()["status"] == "ok"
    sealed.deploy(a_bundle(), "dev", RUN)


class Dying(Witness):
    """A notary that ends between a row and its note."""

    def note(self, head: Head) -> None:
        """Too late."""


def test_a_notary_that_dies_between_its_first_row_and_its_note_goes_on(scene: Scene, tmp_path: Path) -> None:
    dying = dataclasses.replace(scene.office, witness=Dying(tmp_path / "fresh"))
    with dying.writing() as connection:
        append(connection, an_event("run:1"))
    with dataclasses.replace(scene.office, witness=Witness(tmp_path / "fresh")).writing() as connection:
        append(connection, an_event("run:2"))
        assert head_of(connection).sequence == 2
    noted = Witness(tmp_path / "fresh").noted()
    assert noted is not None
    assert noted.sequence == 2


def test_another_ledger_of_the_same_length_is_noticed(sealed: Scene, back_up: BackUp) -> None:
    back_up.take()
    sealed.seal(a_bundle(OLD_COMMIT))
    witness = sealed.office.witness
    kept = witness.noted()
    back_up.put_back()
    witness.file.unlink()
    assert "no witness" in sealed.client.get("/health").json()["why"]
    assert kept is not None
    witness.write(kept.model_copy(update={"sequence": kept.sequence - 1}))
    assert "has another row" in sealed.client.get("/health").json()["why"]


def test_nothing_is_reconciled_without_need_or_reason(
    sealed: Scene, ledger_database: LedgerDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    height = sealed.client.get("/health").json()["sequence"]
    assert reconcile(sealed, ledger_database, monkeypatch) == 2
    sealed.office.witness.file.unlink()
    assert main(["ledger", "reconcile", "--person", "operations", "--reason", "short"]) == 2
    assert sealed.client.get("/health").json()["sequence"] == height


def test_a_witness_that_cannot_be_read_blocks(sealed: Scene) -> None:
    sealed.office.witness.file.write_text("{", "utf-8")
    with pytest.raises(Invalid, match="cannot be read"):
        sealed.office.witness.noted()
    assert "cannot be read" in sealed.client.get("/health").json()["why"]
    assert sealed.warrant(a_bundle(), "dev", RUN).status_code == 409
