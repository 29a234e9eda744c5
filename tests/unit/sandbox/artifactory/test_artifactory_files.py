"""Deploying, fetching and guarding files in Artifactory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
import requests

from sandbox.world import World

Call = Callable[..., requests.Response]
DEV = "/trading-dev-local/order-gateway"


def sums(content: bytes) -> dict[str, str]:
    return {
        "X-Checksum-Sha256": hashlib.sha256(content).hexdigest(),
        "X-Checksum-Sha1": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
    }


def test_a_stranger_is_refused_and_each_way_of_proving_oneself_works(world: World) -> None:
    url = f"{world.url('artifactory')}/artifactory/api/repositories"
    secret = world.secret("artifactory.platform")
    answer = requests.get(url, timeout=30)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (
        401,
        'Basic realm="Artifactory Realm"',
    )
    assert requests.get(url, auth=("platform", secret), timeout=30).status_code == 200
    assert requests.get(url, headers={"X-JFrog-Art-Api": secret}, timeout=30).status_code == 200
    assert requests.get(url, headers={"Authorization": f"Bearer {secret}"}, timeout=30).status_code == 200
    assert requests.get(url, auth=("developer", secret), timeout=30).status_code == 401
    assert requests.get(url, headers={"X-JFrog-Art-Api": "wrong"}, timeout=30).status_code == 401


def test_what_is_deployed_comes_back_with_its_checksums(call: Call) -> None:
    content = b"a package"
    put = call("ci", "PUT", f"{DEV}/1.0/a.tar.gz", data=content, headers=sums(content))
    assert put.status_code == 201
    assert put.json()["checksums"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert put.json()["size"] == "9"
    got = call("developer", "GET", f"{DEV}/1.0/a.tar.gz")
    assert got.content == content
    assert got.headers["X-Checksum-Sha256"] == sums(content)["X-Checksum-Sha256"]
    head = call("developer", "HEAD", f"{DEV}/1.0/a.tar.gz")
    assert (head.headers["X-Checksum-Md5"], head.headers["Content-Length"]) == (
        hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "9",
    )
    part = call("developer", "GET", f"{DEV}/1.0/a.tar.gz", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"pac")


def test_content_that_is_not_its_checksum_is_refused_and_not_kept(call: Call) -> None:
    answer = call("ci", "PUT", f"{DEV}/bad.txt", data=b"this", headers=sums(b"that"))
    assert answer.status_code == 409
    assert "received" in answer.json()["errors"][0]["message"]
    assert call("ci", "GET", f"{DEV}/bad.txt").status_code == 404


def test_known_content_is_deployed_by_checksum_alone(call: Call) -> None:
    content = b"known content"
    call("ci", "PUT", f"{DEV}/known-1", data=content)
    deploy = {"X-Checksum-Deploy": "true"}
    assert call("ci", "PUT", f"{DEV}/known-2", headers=sums(content) | deploy).status_code == 201
    assert call("ci", "GET", f"{DEV}/known-2").content == content
    assert call("ci", "PUT", f"{DEV}/unknown", headers=sums(b"never seen") | deploy).status_code == 404
    assert call("ci", "PUT", f"{DEV}/unknown", headers=deploy).status_code == 400


@pytest.mark.parametrize(
    ("user", "repo", "status"),
    [
        ("ci", "trading-dev-local", 201),
        ("ci", "trading-test-local", 403),
        ("ci", "reports-local", 403),
        ("developer", "trading-dev-local", 403),
        ("puller", "trading-dev-local", 403),
        ("platform", "trading-prod-local", 201),
        ("platform", "reports-local", 201),
        ("platform", "nowhere-local", 404),
    ],
)
def test_who_may_deploy_where(call: Call, user: str, repo: str, status: int) -> None:
    assert call(user, "PUT", f"/{repo}/who/{user}", data=b"x").status_code == status


def test_overwriting_needs_the_right_to_delete(call: Call) -> None:
    path = f"{DEV}/fixed"
    assert call("ci", "PUT", path, data=b"one").status_code == 201
    assert call("ci", "PUT", path, data=b"one").status_code == 201
    refused = call("ci", "PUT", path, data=b"two")
    assert refused.status_code == 403
    assert "DELETE" in refused.json()["errors"][0]["message"]
    assert call("ci", "GET", path).content == b"one"
    assert call("ci", "DELETE", path).status_code == 403
    assert call("platform", "PUT", path, data=b"two").status_code == 201
    assert call("platform", "DELETE", path).status_code == 204
    assert call("platform", "DELETE", path).status_code == 404


def test_a_report_opens_in_a_browser(call: Call) -> None:
    path = "/reports-local/HB-101/scan.html"
    call("platform", "PUT", path, data="<h1>扫描</h1>".encode())
    answer = call("developer", "GET", path)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Content-Disposition" not in answer.headers
    assert answer.text == "<h1>扫描</h1>"
    assert "scan.html" in call("developer", "GET", "/reports-local/HB-101").text


def test_a_path_does_not_climb(call: Call) -> None:
    assert call("platform", "PUT", "/trading-dev-local/%2E%2E/x", data=b"x").status_code in {400, 404}
    assert call("platform", "PUT", "/trading-dev-local/a%2F..%2Fb", data=b"x").status_code == 201
    assert call("platform", "GET", "/trading-dev-local/a%2F..%2Fb").content == b"x"


def test_an_unknown_call_is_501_and_named(call: Call) -> None:
    answer = call("platform", "POST", "/api/search/aql", data="items.find()")
    assert answer.status_code == 501
    assert "POST /artifactory/api/search/aql" in answer.json()["errors"][0]["message"]
