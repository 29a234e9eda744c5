"""The ledger's head in a git repository: git's own protocol, the sandbox's GitLab, a real notary."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor import heads
from hummingbird.__main__ import main as hummingbird
from hummingbird.clients.git_tags import GitTags
from hummingbird.clients.notary import NotaryApi
from hummingbird.core.errors import Conflict, Denied, Mismatch, NotFound
from hummingbird.notary.ssh_signature import ssh_public_key
from hummingbird.paths.publish_head import lost_heads, publish_head
from postgres import LedgerDatabase
from sandbox_world import SandboxWorld
from unit.notary.conftest import airflow, messengers, scene
from unit.notary.scene import TASKS, Scene

__all__ = ["airflow", "messengers", "scene"]

RUN = "publish_head/scheduled__today"
PROJECT = "platform/ledger"


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld) -> SandboxWorld:
    return sandbox.seeded("harbor", "artifactory", "gitlab")


@pytest.fixture
def host(world: SandboxWorld) -> Iterator[GitTags]:
    client = GitTags(world.url("gitlab"), PROJECT, "platform", world.secret("gitlab.platform"))
    yield client
    delete_tags(world, client)
    client.close()


@pytest.fixture
def notary(scene: Scene) -> Iterator[NotaryApi]:
    client = NotaryApi(str(scene.client.base_url), TASKS)
    yield client
    client.close()


def git(world: SandboxWorld, *words: str, cwd: Path | None = None) -> str:
    account = base64.b64encode(f"administrator:{world.secret('gitlab.administrator')}".encode()).decode()
    command = ["git", "-c", f"http.extraHeader=Authorization: Basic {account}", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def address(world: SandboxWorld) -> str:
    return f"{world.url('gitlab')}/{PROJECT}.git"


def delete_tags(world: SandboxWorld, host: GitTags) -> None:
    """What an administrator can do and nobody should."""
    for name in host.refs():
        if name.startswith("refs/tags/"):
            git(world, "push", "-q", address(world), f":{name}")


def test_a_head_is_published_once_a_day_and_git_says_who_signed_it(
    world: SandboxWorld, host: GitTags, notary: NotaryApi, scene: Scene, tmp_path: Path
) -> None:
    scene.admit("scan/HB-101.1")
    signed = publish_head(notary, host, RUN)
    scene.admit("scan/HB-101.2")
    assert publish_head(notary, host, "publish_head/manual__again") == signed
    assert host.refs()[f"refs/tags/{signed.head.tag}"] == signed.object_id
    assert scene.kinds() == ["RUN_ADMITTED", "HEAD_SIGNED", "HEAD_PUBLISHED", "RUN_ADMITTED"]
    git(world, "clone", "-q", address(world), str(tmp_path / "clone"))
    signers = tmp_path / "signers"
    signers.write_text(f"notary {ssh_public_key(scene.office.key)}\n", "utf-8")
    told = git(
        world,
        "-c",
        f"gpg.ssh.allowedSignersFile={signers}",
        "verify-tag",
        signed.head.tag,
        cwd=tmp_path / "clone",
    )
    assert 'Good "git" signature for notary' in told
    assert git(world, "cat-file", "tag", signed.head.tag, cwd=tmp_path / "clone") == signed.text


def test_a_tag_that_somebody_else_made_is_not_written_over(
    world: SandboxWorld, host: GitTags, notary: NotaryApi, scene: Scene, tmp_path: Path
) -> None:
    scene.admit("scan/HB-101.1")
    commit = next(value for name, value in host.refs().items() if name.startswith("refs/heads/"))
    tag = notary.sign_head(commit, RUN).head.tag
    git(world, "clone", "-q", address(world), str(tmp_path / "clone"))
    git(world, "tag", tag, cwd=tmp_path / "clone")
    git(world, "push", "-q", address(world), tag, cwd=tmp_path / "clone")
    with pytest.raises(Conflict, match="never written over"):
        publish_head(notary, host, RUN)
    assert "HEAD_PUBLISHED" not in scene.kinds()


def test_a_published_head_that_was_removed_or_moved_is_noticed(
    world: SandboxWorld, host: GitTags, notary: NotaryApi, scene: Scene, ledger_database: LedgerDatabase
) -> None:
    scene.admit("scan/HB-101.1")
    signed = publish_head(notary, host, RUN)
    assert lost_heads(notary, host) == []
    delete_tags(world, host)
    assert lost_heads(notary, host) == [f"{signed.head.tag} is gone"]
    earlier = scene.get("/events", key=f"head-published:{signed.head.tag}").json()[0]["event"]
    assert earlier["data"]["project"] == PROJECT
    host.put_tag(signed.head.tag, signed.text.replace(signed.head.hash, "0" * 64))
    assert lost_heads(notary, host) == [f"{signed.head.tag} is another one"]
    with pytest.raises((Conflict, Mismatch)):
        publish_head(notary, host, RUN)


def test_a_task_cannot_say_that_another_head_was_published(scene: Scene, host: GitTags) -> None:
    scene.admit("scan/HB-101.1")
    signed = scene.post("/heads", {"object": "c" * 40, "run": RUN}).json()
    head = signed["head"]
    data = {name: head[name] for name in ("tag", "sequence", "hash", "root")}
    event = {
        "kind": "dev.cdeventsx.hummingbird-head.published.0.1.0",
        "key": f"head-published:{head['tag']}",
        "subject": "ledger",
        "actor": "platform",
        "data": {**data, "hash": "0" * 64, "object_id": "0" * 40, "project": PROJECT},
    }
    answer = scene.post("/events", event)
    assert answer.status_code == 409
    assert "the notary signed no such head" in answer.text


def test_whoever_may_not_push_and_a_missing_repository_are_told(world: SandboxWorld) -> None:
    stranger = GitTags(world.url("gitlab"), PROJECT, "platform", "no-token")
    with pytest.raises(Denied):
        stranger.refs()
    stranger.close()
    nowhere = GitTags(world.url("gitlab"), "platform/none", "platform", world.secret("gitlab.platform"))
    with pytest.raises(NotFound):
        nowhere.refs()
    nowhere.close()


def test_a_rewritten_ledger_shows_beside_the_published_tags(
    host: GitTags,
    notary: NotaryApi,
    scene: Scene,
    ledger_database: LedgerDatabase,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scene.admit("scan/HB-101.1")
    tag, whole = tmp_path / "tag", tmp_path / "ledger.jsonl"
    tag.write_text(publish_head(notary, host, RUN).text, "utf-8")
    key = scene.office.key.public_base64
    export = ["ledger", "export", "--dsn", ledger_database.reader, "--out", str(whole)]
    assert hummingbird(export) == 0
    assert heads.main([str(whole), str(tag), "--key", key]) == 0
    assert "DONE: 3 rows hold, 1 published head fits" in capsys.readouterr().out
    tag.write_text(tag.read_text("utf-8").replace("\nroot ", "\nroot 0"), "utf-8")
    assert heads.main([str(whole), str(tag), "--key", key]) == 1
    assert "BROKEN: " in capsys.readouterr().out
