"""The verifier takes a true file and names the first thing that does not hold in any other."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hummingbird.__main__ import main as hummingbird
from hummingbird.core.canonical import canonical_json
from hummingbird.notary.dsse import sealed
from hummingbird.notary.signing import make_key
from hummingbird.notary.ssh_signature import ssh_public_key
from postgres import LedgerDatabase
from unit.auditor.evidence_file import EvidenceFile
from unit.notary.conftest import airflow, messengers, scene
from unit.notary.delivery_samples import a_bundle, a_story
from unit.notary.scene import READER, Scene

__all__ = ["airflow", "messengers", "scene"]

TEST, PROD = "test_deploy/HB-101.1", "prod_deploy/HB-101.1"
MADE: dict[str, Any] = {}
INCLUDE = Path(__file__).parents[3] / "include"


@pytest.fixture
def delivered(scene: Scene) -> Scene:
    """A story that went to test and to production, another story's row, and a published head in between."""
    bundle = a_bundle()
    scene.through_test(bundle, TEST)
    scene.admit("scan/HB-102.1", story=a_story("HB-102"))
    publish(scene)
    scene.admit(PROD)
    approval = scene.approve(bundle, "prod", PROD)
    scene.promote(bundle, "prod")
    scene.deploy(bundle, "prod", PROD, approval=approval)
    return scene


@pytest.fixture
def fresh(delivered: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EvidenceFile:
    """Its evidence, fetched as an auditor does, beside the notary and the ledger that it came from."""
    path = tmp_path / "HB-101.evidence.jsonl"
    monkeypatch.setenv("HB_NOTARY_READER_TOKEN", READER)
    asked = ["evidence", "HB-101", "--out", str(path), "--notary", str(delivered.client.base_url)]
    assert hummingbird(asked) == 0
    return EvidenceFile(path, delivered.office.key.public_base64)


@pytest.fixture
def file(request: pytest.FixtureRequest, tmp_path: Path) -> EvidenceFile:
    """A true file alone: the delivery is made once a session."""
    if not MADE:
        made = request.getfixturevalue("fresh")
        MADE.update(content=made.path.read_bytes(), key=made.key)
    path = tmp_path / "HB-101.evidence.jsonl"
    path.write_bytes(MADE["content"])
    return EvidenceFile(path, MADE["key"])


def publish(scene: Scene) -> None:
    """Sign today's head and say that it stands in a repository."""
    signed = scene.post("/heads", {"object": "c" * 40, "run": "publish_head/today"}).json()
    (scene.folder / "tag").write_text(signed["text"], "utf-8")
    head = signed["head"]
    content = signed["text"].encode()
    event = {
        "kind": "dev.cdeventsx.hummingbird-head.published.0.1.0",
        "key": f"head-published:{head['tag']}",
        "subject": "ledger",
        "actor": "platform",
        "data": {
            **{name: head[name] for name in ("tag", "sequence", "hash", "root")},
            "object_id": hashlib.sha1(b"tag %d\x00" % len(content) + content).hexdigest(),
            "project": "platform/ledger",
        },
    }
    assert scene.post("/events", event).status_code == 201


def exported(database: LedgerDatabase, path: Path) -> Path:
    assert hummingbird(["ledger", "export", "--dsn", database.reader, "--out", str(path)]) == 0
    return path


def test_a_true_file_holds_and_tells_what_was_decided(
    file: EvidenceFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert file.check() == 0
    told = capsys.readouterr().out
    assert "rows about HB-101 hold" in told
    assert "approval prod: " in told
    assert "as operations_approver: approved" in told
    assert "deployed prod/prod-industry: " in told
    assert "order-gateway 1.4.0 sha256:aaaa" in told
    assert "HB-102" not in told


def test_a_true_file_holds_without_the_platform(file: EvidenceFile, tmp_path: Path) -> None:
    """As an auditor runs it: a copied folder, no packages of ours, no environment."""
    shutil.copytree(INCLUDE / "auditor", tmp_path / "away" / "auditor")
    command = [sys.executable, "-m", "auditor", str(file.path), "--key", file.key]
    done = subprocess.run(command, cwd=tmp_path / "away", env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("DONE: ")
    sources = "".join(path.read_text("utf-8") for path in (INCLUDE / "auditor").glob("*.py"))
    assert "import hummingbird" not in sources
    assert "from hummingbird" not in sources


def test_every_flipped_byte_is_found(file: EvidenceFile, capsys: pytest.CaptureFixture[str]) -> None:
    true = file.path.read_bytes()
    drawn = random.Random(7)
    head = true.index(b"\n")
    places = {0, head, head + 1, len(true) - 1, *drawn.sample(range(head), 60)}
    places |= set(drawn.sample(range(len(true)), 150))
    for place in sorted(places):
        changed = bytearray(true)
        changed[place] ^= 1 << drawn.randrange(8)
        file.path.write_bytes(bytes(changed))
        assert file.check() == 1, f"byte {place} was changed and nothing was said"
        assert "BROKEN: " in capsys.readouterr().out


def test_a_row_whose_content_was_changed_is_named(
    file: EvidenceFile, capsys: pytest.CaptureFixture[str]
) -> None:
    place = file.place_of("approval.updated")
    row = file.rows[place - 1]
    changed = row["envelope"].replace("approved", "rejected")
    file.rewrite(place, envelope=changed)
    assert file.check() == 1
    number = row["sequence"]
    assert f"BROKEN: row {number}: its content was changed" in capsys.readouterr().out
    rehashed = hashlib.sha256((row["previous_hash"] + changed).encode()).hexdigest()
    file.rewrite(place, hash=rehashed)
    assert file.check() == 1
    assert f"BROKEN: row {number}: it was rewritten" in capsys.readouterr().out


def test_a_dropped_row_is_named(file: EvidenceFile, capsys: pytest.CaptureFixture[str]) -> None:
    lines, number = file.lines, file.rows[3]["sequence"]
    file.write([*lines[:4], *lines[5:]])
    assert file.check() == 1
    assert capsys.readouterr().out == f"BROKEN: row {number}: dropped\n"


def test_reordered_rows_are_named(file: EvidenceFile, capsys: pytest.CaptureFixture[str]) -> None:
    lines, number = file.lines, file.rows[3]["sequence"]
    file.write([*lines[:4], lines[5], lines[4], *lines[6:]])
    assert file.check() == 1
    assert capsys.readouterr().out == f"BROKEN: row {number}: out of its order\n"


def test_an_added_row_is_named(
    fresh: EvidenceFile, delivered: Scene, ledger_database: LedgerDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = exported(ledger_database, fresh.path.with_name("ledger.jsonl")).read_bytes().splitlines()
    other = next(line for line in whole if b'"story":"HB-102"' in line)
    capsys.readouterr()
    number, lines = json.loads(other)["sequence"], fresh.lines
    place = next(n for n, row in enumerate(fresh.rows, start=1) if row["sequence"] > number)
    fresh.write([*lines[:place], other, *lines[place:]])
    assert fresh.check() == 1
    assert f"BROKEN: row {number}: added" in capsys.readouterr().out
    fresh.write([*lines, lines[-1]])
    assert fresh.check() == 1
    assert "added after the last row" in capsys.readouterr().out


def test_a_truncated_tail_is_named(file: EvidenceFile, capsys: pytest.CaptureFixture[str]) -> None:
    lines, number = file.lines, file.rows[-2]["sequence"]
    file.write(lines[:-2])
    assert file.check() == 1
    assert f"BROKEN: row {number}: missing; the file ends before it, 2 rows are cut off" in (
        capsys.readouterr().out
    )
    file.path.write_bytes(b"\n".join(lines)[:-40])
    assert file.check() == 1
    assert "it was cut off" in capsys.readouterr().out


def test_a_statement_that_somebody_else_signed_is_refused(
    file: EvidenceFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever leaves a row out and signs the shorter list needs the notary's key."""
    lines, forger = file.lines, make_key(tmp_path / "forger.pem")
    head, statement = json.loads(lines[0]), file.statement
    left_out = statement["rows"].pop()
    head["statement"] = sealed(head["statement"]["payloadType"], statement, forger)
    head["paths"].pop(str(left_out[0]), None)
    file.write([canonical_json(head), *lines[1:-1]])
    assert file.check() == 1
    assert "which is not the one to check with" in capsys.readouterr().out
    head["statement"]["signatures"][0]["keyid"] = json.loads(lines[0])["statement"]["signatures"][0]["keyid"]
    file.write([canonical_json(head), *lines[1:-1]])
    assert file.check() == 1
    assert "the signature of the notary's statement does not hold" in capsys.readouterr().out


def test_a_row_left_out_by_the_notary_itself_is_found_by_a_whole_export(
    fresh: EvidenceFile,
    delivered: Scene,
    ledger_database: LedgerDatabase,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = exported(ledger_database, tmp_path / "ledger.jsonl")
    assert fresh.check("--ledger", str(whole)) == 0
    assert "no row of the story is left out" in capsys.readouterr().out
    lines = fresh.lines
    head, statement = json.loads(lines[0]), fresh.statement
    number = statement["rows"].pop(1)[0]
    head["statement"] = sealed(head["statement"]["payloadType"], statement, delivered.office.key)
    del head["paths"][str(number)]
    fresh.write([canonical_json(head), lines[1], *lines[3:]])
    assert fresh.check() == 0
    assert fresh.check("--ledger", str(whole)) == 1
    assert f"row {number} of the ledger is about HB-101 and was left out" in capsys.readouterr().out


def test_a_cut_or_changed_export_is_no_witness(
    fresh: EvidenceFile, ledger_database: LedgerDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = exported(ledger_database, tmp_path / "ledger.jsonl")
    lines = whole.read_bytes().splitlines(keepends=True)
    whole.write_bytes(b"".join(lines[:-1]))
    assert fresh.check("--ledger", str(whole)) == 1
    assert f"the ledger ends at row {len(lines) - 1}, not with the head" in capsys.readouterr().out
    whole.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    assert fresh.check("--ledger", str(whole)) == 1
    assert "row 4 of the ledger: it does not follow row 2" in capsys.readouterr().out


def test_the_published_tag_shows_that_the_rows_are_of_that_ledger(
    fresh: EvidenceFile, delivered: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tag = delivered.folder / "tag"
    assert fresh.check("--tag", str(tag)) == 0
    assert "its tag holds" in capsys.readouterr().out
    other = tmp_path / "tag"
    other.write_text(tag.read_text("utf-8").replace("\nsequence ", "\nsequence 1"), "utf-8")
    assert fresh.check("--tag", str(other)) == 1
    assert "was not signed by the notary's key, or was changed" in capsys.readouterr().out


def test_a_rewritten_ledger_does_not_fit_the_published_head(
    fresh: EvidenceFile, delivered: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """Even one that was rewritten and signed again with the notary's own key."""
    lines = fresh.lines
    head, statement = json.loads(lines[0]), fresh.statement
    row = json.loads(lines[1])
    row["envelope"] = row["envelope"].replace("HB-101", "HB-199")
    row["story"] = "HB-199" if row["story"] else None
    row = json.loads(json.dumps(row).replace('"HB-101', '"HB-199'))
    event = json.loads(row["envelope"])["customData"]["event"]
    row |= {name: event[name] for name in ("key", "subject", "run", "story")}
    row["hash"] = hashlib.sha256((row["previous_hash"] + row["envelope"]).encode()).hexdigest()
    statement["rows"][0][1] = row["hash"]
    head["statement"] = sealed(head["statement"]["payloadType"], statement, delivered.office.key)
    fresh.write([canonical_json(head), canonical_json(row), *lines[2:]])
    assert fresh.check() == 1
    assert "it is not in the ledger that was published as ledger-" in capsys.readouterr().out


def test_git_and_ssh_verify_the_tag_without_us(delivered: Scene, tmp_path: Path) -> None:
    signers = tmp_path / "signers"
    signers.write_text(f'notary namespaces="git" {ssh_public_key(delivered.office.key)}\n', "utf-8")

    def git(*words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        command = ["git", "-c", f"gpg.ssh.allowedSignersFile={signers}", "-C", str(tmp_path), *words]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=False)

    git("init", "-q", ".")
    text = (delivered.folder / "tag").read_text("utf-8")
    written = git("hash-object", "-t", "tag", "-w", "--stdin", "--literally", given=text).stdout.strip()
    git("update-ref", "refs/tags/head", written)
    assert git("cat-file", "tag", "head").stdout == text
    good = git("verify-tag", "head")
    assert good.returncode == 0, good.stderr
    assert 'Good "git" signature for notary' in good.stderr
    changed = text.replace("\nsequence ", "\nsequence 9")
    forged = git("hash-object", "-t", "tag", "-w", "--stdin", "--literally", given=changed).stdout.strip()
    git("update-ref", "refs/tags/forged", forged)
    assert git("verify-tag", "forged").returncode != 0


def test_an_unknown_story_and_a_reader_without_a_token_get_nothing(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "none"
    asked = ["evidence", "HB-999", "--out", str(out), "--notary", str(scene.client.base_url)]
    monkeypatch.delenv("HB_NOTARY_READER_TOKEN", raising=False)
    assert hummingbird(asked) == 2
    monkeypatch.setenv("HB_NOTARY_READER_TOKEN", "somebody-elses-token")
    assert hummingbird(asked) == 2
    monkeypatch.setenv("HB_NOTARY_READER_TOKEN", READER)
    assert hummingbird(asked) == 2
    assert "the ledger knows nothing of HB-999" in capsys.readouterr().err
    assert not out.exists()


def test_a_key_that_is_none_is_told(file: EvidenceFile, capsys: pytest.CaptureFixture[str]) -> None:
    file.key = base64.b64encode(b"x" * 32).decode()
    assert file.check() == 1
    file.key = "no key"
    assert file.check() == 1
    assert "--key is not base64" in capsys.readouterr().out
