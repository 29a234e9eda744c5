"""`hummingbird try`: what the docker SDK is asked to do, and what is said of what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import the_catalogue
from contract.docker_engine import API, Engine, engine
from contract.vendor.judge import Excused, Judge
from hummingbird.__main__ import main
from hummingbird.core.component import Component

COMPONENT = the_catalogue().component("order-gateway")
DIGEST = "sha256:" + "d" * 64
REGISTRY = "registry.example"
BITS = Excused(
    why="The Engine reads 0 and 1 as booleans, which is what its own SDK sends.",
    reference="moby api/server/httputils/form.go, BoolValue",
    path=".*/logs",
    query=True,
)


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    socket = tmp_path / "docker.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{socket}")
    monkeypatch.setenv("HARBOR_USER", "developer")
    monkeypatch.setenv("HARBOR_PASSWORD", "s3cret")
    with engine(socket, {f"{REGISTRY}/trading-dev/{COMPONENT.image_repository}": DIGEST}) as made:
        yield made


def tried(*more: str, digest: str = DIGEST) -> int:
    return main(["try", "order-gateway", "--digest", digest, "--registry", f"https://{REGISTRY}", *more])


def test_an_image_is_pulled_by_digest_started_seen_serving_and_removed(
    docker: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "dev.properties"
    settings.write_text("order.lot.size=100\n")
    assert tried("--config", str(settings)) == 0
    assert f"DONE: order-gateway {DIGEST} serves at http://127.0.0.1:" in capsys.readouterr().out
    said = [(each.method, each.path.removeprefix(f"/v{API}")) for each in docker.exchanges]
    assert [path for method, path in said if method != "GET"] == [
        "/images/create",
        "/containers/create",
        f"/containers/{'c0' * 32}/start",
        f"/containers/{'c0' * 32}",
    ]
    assert docker.container == {}


def test_it_has_no_more_rights_than_in_a_cluster(docker: Engine, tmp_path: Path) -> None:
    settings = tmp_path / "dev.properties"
    settings.write_text("")
    assert tried("--config", str(settings), "--keep") == 0
    asked, host = docker.container, docker.container["HostConfig"]
    there = "/etc/hummingbird/config/application.properties"
    assert asked["Image"] == f"{REGISTRY}/trading-dev/{COMPONENT.image_repository}@{DIGEST}"
    assert asked["User"] == "65532:65532"
    assert set(asked["Env"]) == {
        f"PORT={COMPONENT.workload.port}",
        "HUMMINGBIRD_ENVIRONMENT=dev",
        f"ORDER_GATEWAY_CONFIG={there}",
    }
    assert host["Binds"] == [f"{settings}:{there}:ro"]
    assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["Memory"] > 0
    [[bound]] = host["PortBindings"].values()
    assert bound["HostIp"] == "127.0.0.1"


def test_what_is_asked_of_the_engine_is_in_its_document(docker: Engine) -> None:
    judge = Judge(f"docker/v{API}.yaml", f"/v{API}", [BITS], wide=("name",), closed=False)
    assert tried() == 0
    docker.exits = 3
    assert tried() == 2
    answers_aside = [judge.asked(each) for each in docker.exchanges]
    assert [fault for faults in answers_aside for fault in faults] == []


def test_a_program_that_ends_is_told_and_taken_away(
    docker: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    docker.exits = 3
    assert tried() == 2
    assert "order-gateway: ended with code 3: it wrote nothing" in capsys.readouterr().err
    assert docker.container == {}


def test_a_program_that_is_never_ready_is_told_and_taken_away(
    docker: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker.status = 503
    monkeypatch.setattr(
        "hummingbird.workloads.try_component.load_catalogue",
        lambda *_: the_catalogue().model_copy(update={"components": {"order-gateway": _hasty()}}),
    )
    assert tried() == 2
    assert "not ready within 0 s" in capsys.readouterr().err
    assert docker.container == {}


def _hasty() -> Component:
    workload = COMPONENT.workload.model_copy(update={"startup_seconds": 0})
    return COMPONENT.model_copy(update={"workload": workload})


@pytest.mark.parametrize(
    ("more", "digest", "told"),
    [
        ([], "sha256:" + "0" * 64, "manifest of"),
        (["--environment", "moon"], DIGEST, "moon is none of dev"),
        (["--config", "/nothing"], DIGEST, "/nothing is not a file"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_a_sentence(
    docker: Engine, more: list[str], digest: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tried(*more, digest=digest) == 2
    assert told in capsys.readouterr().err
    assert "s3cret" not in capsys.readouterr().err


def test_without_an_engine_the_mend_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert tried() == 2
    assert "start one, or set DOCKER_HOST" in capsys.readouterr().err
