"""A story of configuration alone, and a person who takes it back, over all production clouds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
import requests

from e2e.looking import ended, running_images, trigger
from e2e.onebox import OneBox
from sandbox.onebox.play.approver import Approvers
from sandbox.onebox.play.systems import Backlog
from sandbox.seed.stories import NewStory

pytestmark = [pytest.mark.e2e, pytest.mark.long]
CLOUDS = {"prod-private": "default", "prod-huawei": "huawei", "prod-industry": "industry"}
COMPONENT, ITEM = "order-gateway", "order.max.quantity"
RUN_SECONDS, POLL_SECONDS = 600, 0.7


def test_a_story_of_configuration_alone_reaches_every_cloud_and_is_taken_back_by_a_person(
    box: OneBox, delivered: str
) -> None:
    serving = {cloud: running_images(box, cloud, COMPONENT) for cloud in CLOUDS}
    before = {cloud: served(box, cloud)[ITEM] for cloud in CLOUDS}
    raised = str(int(before["prod-private"]) + 500)
    story = (
        Backlog(box.place).write(NewStory("提高单笔委托上限", "A higher limit, without a new version.")).key
    )
    # In test by less than a lot: the nightly cases of the limit, played on this platform too, stay true.
    a_little = str(int(served(box, "prod-private", "FAT")[ITEM]) + 50)
    for environment, value in (("FAT", a_little), ("PRO", raised)):
        edit(box, environment, value, f"{story} 提高单笔委托上限")

    for path in ("test_deploy", "prod_deploy"):
        assert outcome(box, path, story).startswith("DONE: "), path
    assert {cloud: served(box, cloud)[ITEM] for cloud in CLOUDS} == dict.fromkeys(CLOUDS, raised)
    assert {cloud: running_images(box, cloud, COMPONENT) for cloud in CLOUDS} == serving

    assert outcome(box, "rollback", story).startswith("DONE: ")
    assert {cloud: served(box, cloud)[ITEM] for cloud in CLOUDS} == before
    assert {cloud: running_images(box, cloud, COMPONENT) for cloud in CLOUDS} == serving
    assert outcome(box, "rollback", story, attempt=2).startswith("REFUSED: no cluster of prod runs")


def outcome(box: OneBox, path: str, story: str, attempt: int = 1) -> str:
    """Start a path as the release manager, sign whatever is asked, and read the run's note."""
    run_id = f"{story}.{attempt}__{path}"
    trigger(box, path, run_id, story)
    approvers = Approvers(box.place, story, print)
    with ThreadPoolExecutor(max_workers=1) as beside:
        waiting = beside.submit(ended, box, path, run_id, RUN_SECONDS)
        while not wait([waiting], timeout=POLL_SECONDS).done:
            approvers.answer_next()
        return str(waiting.result()["note"])


def served(box: OneBox, cloud: str, environment: str = "PRO") -> dict[str, str]:
    """What Apollo's configuration service gives a program of that cloud that starts now."""
    where = f"{environment}/configs/{COMPONENT}/{CLOUDS[cloud]}/application"
    answer = requests.get(f"{box.place.world.url('apollo-config')}/{where}", timeout=30)
    answer.raise_for_status()
    found: dict[str, str] = answer.json()["configurations"]
    return found


def edit(box: OneBox, environment: str, value: str, comment: str) -> None:
    """What a person does in Apollo's portal: another value, a comment that names the story, no release."""
    item: dict[str, Any] = {"key": ITEM, "value": value, "comment": comment}
    item |= {"dataChangeLastModifiedBy": "developer2", "dataChangeCreatedBy": "developer2"}
    answer = requests.put(
        f"{box.place.world.url('apollo')}/openapi/v1/envs/{environment}/apps/{COMPONENT}/clusters/default"
        f"/namespaces/application/items/{ITEM}?createIfNotExists=true",
        json=item,
        headers={"Authorization": box.place.world.secret("apollo.platform")},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
