"""Harbor's v2.0 calls: projects, artifacts, tags, rules, scans, labels, robots."""

from __future__ import annotations

import pytest
import requests

from sandbox.harbor.immutability import matches
from sandbox.world import World
from unit.sandbox.harbor.harbor_client import Client

REPOSITORY = "trading-dev/order-gateway"
ARTIFACTS = "/projects/trading-dev/repositories/order-gateway/artifacts"


def rule(pattern: str) -> dict[str, object]:
    scope = [{"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}]
    return {
        "action": "immutable",
        "template": "immutable_template",
        "tag_selectors": [{"kind": "doublestar", "decoration": "matches", "pattern": pattern}],
        "scope_selectors": {"repository": scope},
    }


def test_projects_of_this_world_exist_and_others_are_made_by_the_administrator(
    administrator: Client, platform: Client, ci: Client
) -> None:
    names = [x["name"] for x in platform.api("GET", "/projects").json()]
    assert {"platform", "trading-dev", "trading-test", "trading-prod-private"} <= set(names)
    assert {x["name"] for x in ci.api("GET", "/projects").json()} == {"platform", "trading-dev"}
    wish = {"project_name": "archive", "metadata": {"public": "false"}}
    assert platform.api("POST", "/projects", json=wish).status_code == 403
    assert administrator.api("POST", "/projects", json=wish).status_code == 201
    assert administrator.api("POST", "/projects", json=wish).status_code == 409
    assert administrator.api("POST", "/projects", json={"project_name": "Bad Name"}).status_code == 400
    assert administrator.api("HEAD", "/projects", params={"project_name": "archive"}).status_code == 200
    assert administrator.api("HEAD", "/projects", params={"project_name": "none"}).status_code == 404


def test_a_stranger_sees_nothing_but_health(world: World) -> None:
    base = f"{world.url('harbor')}/api/v2.0"
    assert requests.get(f"{base}/health", timeout=30).json()["status"] == "healthy"
    assert requests.get(f"{base}/ping", timeout=30).text == "Pong"
    assert "harbor_version" not in requests.get(f"{base}/systeminfo", timeout=30).json()
    answer = requests.get(f"{base}/projects", timeout=30)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "UNAUTHORIZED")


def test_an_artifact_shows_what_is_asked_for(ci: Client, platform: Client) -> None:
    image = ci.image(REPOSITORY, "shown")
    ci.attach(REPOSITORY, image, "application/vnd.cyclonedx+json", b'{"shown": 1}')
    plain = platform.api("GET", f"{ARTIFACTS}/shown").json()
    assert (plain["digest"], plain["type"], [t["name"] for t in plain["tags"]]) == (image, "IMAGE", ["shown"])
    assert plain["extra_attrs"]["config"] == {"User": "1000"}
    assert "accessories" not in plain
    query = {"with_accessory": "true", "with_label": "true", "with_tag": "false"}
    full = platform.api("GET", f"{ARTIFACTS}/{image}", params=query).json()
    assert [x["subject_artifact_digest"] for x in full["accessories"]] == [image]
    assert (full["labels"], "tags" in full) == ([], False)
    assert platform.api("GET", f"{ARTIFACTS}/{image}/accessories").headers["X-Total-Count"] == "1"
    assert platform.api("GET", f"{ARTIFACTS}/nothing").status_code == 404


def test_lists_leave_accessories_out_and_come_in_pages(ci: Client) -> None:
    repository = "trading-dev/listed"
    base = "/projects/trading-dev/repositories/listed/artifacts"
    for n in range(3):
        ci.image(repository, f"v{n}", layer=f"layer {n}".encode())
    image = ci.image(repository, "v0", layer=b"layer 0")
    ci.attach(repository, image, "application/vnd.cyclonedx+json", b"{}")
    first = ci.api("GET", base, params={"page_size": 2})
    assert (len(first.json()), first.headers["X-Total-Count"]) == (2, "3")
    assert len(ci.call("GET", first.links["next"]["url"]).json()) == 1
    assert [x["digest"] for x in ci.api("GET", base, params={"q": "tags=v0"}).json()] == [image]
    assert len(ci.api("GET", base, params={"q": "tags=~v"}).json()) == 3
    assert ci.api("GET", base, params={"q": "tags=nil"}).json() == []
    assert ci.api("GET", base, params={"page_size": 500}).status_code == 422


def test_a_slash_in_a_repository_is_encoded_twice(ci: Client) -> None:
    image = ci.image("trading-dev/team/tool", "1")
    base = "/projects/trading-dev/repositories/{}/artifacts/1"
    answer = ci.api("GET", base.format("team%252Ftool"))
    assert (answer.status_code, answer.json().get("digest")) == (200, image)
    assert ci.api("GET", base.format("team%2Ftool")).status_code == 404


def test_tags_are_added_once_and_removed(ci: Client, platform: Client) -> None:
    image = ci.image(REPOSITORY, "tagged")
    tags = f"{ARTIFACTS}/{image}/tags"
    assert ci.api("POST", tags, json={"name": "also"}).status_code == 201
    assert ci.api("POST", tags, json={"name": "also"}).status_code == 409
    assert ci.api("POST", tags, json={"name": "no/tag"}).status_code == 400
    assert {"also", "tagged"} <= {x["name"] for x in ci.api("GET", tags).json()}
    assert ci.api("DELETE", f"{tags}/also").status_code == 403
    assert platform.api("DELETE", f"{tags}/also").status_code == 200
    assert platform.api("DELETE", f"{tags}/also").status_code == 404


def test_an_immutable_tag_neither_moves_nor_goes(ci: Client, platform: Client) -> None:
    rules = "/projects/trading-dev/immutabletagrules"
    made = platform.api("POST", rules, json=rule("release-*"))
    assert made.status_code == 201
    assert platform.api("POST", rules, json=rule("release-*")).status_code == 409
    assert ci.api("POST", rules, json=rule("x")).status_code == 403
    image = ci.image(REPOSITORY, "release-1", layer=b"immutable")
    manifest = ci.call("GET", f"/v2/{REPOSITORY}/manifests/release-1").json()
    again = ci.manifest(REPOSITORY, "release-1", manifest)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (412, "PRECONDITION")
    shown = platform.api("GET", f"{ARTIFACTS}/{image}", params={"with_immutable_status": "true"}).json()
    assert [t["immutable"] for t in shown["tags"] if t["name"] == "release-1"] == [True]
    assert platform.api("DELETE", f"{ARTIFACTS}/{image}/tags/release-1").status_code == 412
    assert platform.api("DELETE", f"{ARTIFACTS}/{image}").status_code == 412
    number = made.headers["Location"].rpartition("/")[2]
    off = rule("release-*") | {"disabled": True}
    assert platform.api("PUT", f"{rules}/{number}", json=off).status_code == 200
    assert ci.manifest(REPOSITORY, "release-1", manifest).status_code == 201
    assert platform.api("DELETE", f"{rules}/{number}").status_code == 200
    assert platform.api("DELETE", f"{ARTIFACTS}/{image}").status_code == 200


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("**", "any/thing", True),
        ("v*", "v1.2", True),
        ("v*", "1.2", False),
        ("{a,b}-?", "b-1", True),
        ("{a,b}-?", "c-1", False),
        ("1.0", "1x0", False),
    ],
)
def test_patterns_of_rules(pattern: str, value: str, expected: bool) -> None:
    assert matches(pattern, value) is expected


def test_a_scan_is_there_and_says_that_it_is_synthetic(ci: Client, platform: Client) -> None:
    image = ci.image(REPOSITORY, "scanned")
    report = f"{ARTIFACTS}/{image}/additions/vulnerabilities"
    assert platform.api("GET", report).json() == {}
    assert platform.api("POST", f"{ARTIFACTS}/{image}/scan").status_code == 202
    [shown] = platform.api("GET", report).json().values()
    assert shown["scanner"] == {"name": "Synthetic", "vendor": "sandbox", "version": "1"}
    overview = platform.api("GET", f"{ARTIFACTS}/{image}", params={"with_scan_overview": "true"}).json()
    [summary] = overview["scan_overview"].values()
    assert (summary["scan_status"], summary["scanner"]["vendor"]) == ("Success", "sandbox")
    sbom = platform.api("POST", f"{ARTIFACTS}/{image}/scan", json={"scan_type": "sbom"})
    assert sbom.status_code == 501


def test_labels_are_put_on_and_taken_off(ci: Client, platform: Client) -> None:
    project = platform.api("GET", "/projects/trading-dev").json()["project_id"]
    wish = {"name": "accepted", "scope": "p", "project_id": project}
    assert platform.api("POST", "/labels", json=wish).status_code == 201
    assert platform.api("POST", "/labels", json=wish).status_code == 409
    query = {"scope": "p", "project_id": project, "name": "accepted"}
    [label] = platform.api("GET", "/labels", params=query).json()
    image = ci.image(REPOSITORY, "labelled")
    labels = f"{ARTIFACTS}/{image}/labels"
    assert ci.api("POST", labels, json={"id": label["id"]}).status_code == 200
    assert ci.api("POST", labels, json={"id": label["id"]}).status_code == 409
    assert ci.api("POST", labels, json={"id": 999}).status_code == 404
    shown = ci.api("GET", f"{ARTIFACTS}/{image}", params={"with_label": "true"}).json()
    assert [x["name"] for x in shown["labels"]] == ["accepted"]
    assert ci.api("DELETE", f"{labels}/{label['id']}").status_code == 200


def test_a_robot_has_its_secret_once_and_exactly_its_rights(world: World, administrator: Client) -> None:
    access = [{"resource": "repository", "action": action} for action in ("pull", "push")]
    wish = {
        "name": "builder",
        "level": "system",
        "duration": 30,
        "permissions": [{"kind": "project", "namespace": "trading-test", "access": access}],
    }
    made = administrator.api("POST", "/robots", json=wish)
    assert made.status_code == 201
    robot = made.json()
    assert robot["name"] == "robot$builder"
    assert "secret" not in administrator.api("GET", f"/robots/{robot['id']}").json()
    client = Client(world, "robot$builder")
    client.session.auth = (robot["name"], robot["secret"])
    client.image("trading-test/made", "1")
    assert client.call("POST", f"/v2/{REPOSITORY}/blobs/uploads/").status_code == 401
    fresh = administrator.api("PATCH", f"/robots/{robot['id']}", json={}).json()["secret"]
    assert client.call("GET", "/v2/").status_code == 401
    client.session.auth = (robot["name"], fresh)
    assert client.call("GET", "/v2/").status_code == 200
    assert administrator.api("DELETE", f"/robots/{robot['id']}").status_code == 200
    assert client.call("GET", "/v2/").status_code == 401
    assert Client(world, "developer").api("POST", "/robots", json=wish).status_code == 403


def test_quotas_count_what_is_stored(platform: Client, ci: Client) -> None:
    ci.image("trading-dev/counted", "1", layer=b"x" * 1000)
    quotas = {x["ref"]["name"]: x for x in platform.api("GET", "/quotas").json()}
    assert quotas["trading-dev"]["used"]["storage"] > 1000
    assert quotas["trading-dev"]["hard"]["storage"] == -1


def test_people_follow_links_to_an_artifact(world: World, ci: Client) -> None:
    image = ci.image("trading-dev/seen", "seen")
    sbom = ci.attach("trading-dev/seen", image, "application/vnd.cyclonedx+json", b"{}")
    person = Client(world, "operations")
    assert requests.get(f"{world.url('harbor')}/harbor/projects", timeout=30).status_code == 401
    assert "trading-dev" in person.call("GET", "/harbor/projects").text
    tab = "/harbor/projects/trading-dev/repositories/seen/artifacts-tab"
    assert image in person.call("GET", tab).text
    page = person.call("GET", f"{tab}/artifacts/{image}").text
    assert image in page
    assert sbom in page
