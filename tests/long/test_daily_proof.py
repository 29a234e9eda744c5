"""What an auditor asks for of a whole platform: the published head, the population, a story's evidence."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from e2e.onebox import OneBox
from long.delivery import Delivery
from long.people import Signing, develop, start
from long.test_windows import brought, over
from long.watch import until

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.full]
STORY = 90
END_SECONDS, COMMAND_SECONDS = 600, 180


def test_head_population_and_evidence_hold_for_what_was_delivered(box: OneBox, tmp_path: Path) -> None:
    delivery = Delivery(box, develop(box, STORY))
    story, watch = delivery.story, delivery.watch
    run_id, proof = f"{story}.1__prod_deploy", "proof__publish_head"
    try:
        with Signing(box, story):
            brought(box, watch, story)
            start(box, "prod_deploy", run_id, story)
            state = until(lambda: over(watch, run_id), f"the end of {run_id}", END_SECONDS)
        assert state == "success"
        body: dict[str, Any] = {"logical_date": None, "dag_run_id": proof, "conf": {}}
        box.airflow("operations").post("/dags/publish_head/dagRuns", body)
        ended = until(lambda: over(watch, proof, "publish_head"), "the end of publish_head", END_SECONDS)
        note = box.airflow("auditor").get(f"/dags/publish_head/dagRuns/{proof}")["note"]
        assert (ended, str(note).partition(":")[0]) == ("success", "DONE"), note
    finally:
        watch.close()
    population = as_auditor(box, 'python -m hummingbird population --kubeconfig "$KUBECONFIG"')
    assert f" {story} " in population
    assert population.splitlines()[-1].startswith("DONE: "), population
    told = as_auditor(box, checks(box, story, tmp_path))
    assert "rows hold" in told, told


def checks(box: OneBox, story: str, folder: Path) -> str:
    """The commands of docs/evidence.md, with the key that the notary tells."""
    world = box.place.world
    key = requests.get(f"{box.place.notary_url}/keys/current", timeout=30).json()["public_key"]
    account = f"auditor:{world.secret('gitlab.auditor')}@"
    heads = world.url("gitlab").replace("://", f"://{account}") + "/platform/ledger.git"
    return f"""set -e
        cd {folder}
        python -m hummingbird evidence {story} --out story.jsonl
        python -m hummingbird ledger export --out ledger.jsonl
        git clone -q {heads} heads
        for tag in $(git -C heads tag --list 'ledger-*'); do git -C heads cat-file tag $tag > $tag.tag; done
        python -m auditor story.jsonl --key {key} --tag ledger-*.tag --ledger ledger.jsonl
        python -m auditor.heads ledger.jsonl ledger-*.tag --key {key}"""


def as_auditor(box: OneBox, commands: str) -> str:
    """What commands print to a person with `make env`; AssertionError when one of them fails."""
    exports = box.command("env")
    assert exports.returncode == 0, exports.stderr
    ended = subprocess.run(
        ["bash", "-c", f"{exports.stdout}\n{commands}"],
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
        cwd=box.place.repository,
    )
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    return ended.stdout
