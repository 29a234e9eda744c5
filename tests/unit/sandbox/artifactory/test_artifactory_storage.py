"""Item info, properties, search, copies and builds in Artifactory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import requests

Call = Callable[..., requests.Response]
DEV, TEST = "/trading-dev-local/order-gateway", "/trading-test-local/order-gateway"


def test_info_lists_files_and_folders(call: Call) -> None:
    call("ci", "PUT", f"{DEV}/info/a.txt", data=b"a")
    call("ci", "PUT", f"{DEV}/info/deep/b.txt", data=b"b")
    folder = call("developer", "GET", f"/api/storage{DEV}/info").json()
    assert folder["children"] == [{"uri": "/a.txt", "folder": False}, {"uri": "/deep", "folder": True}]
    file = call("developer", "GET", f"/api/storage{DEV}/info/a.txt").json()
    assert (file["createdBy"], file["mimeType"], file["size"]) == ("ci", "text/plain", "1")
    assert file["checksums"]["sha256"] == hashlib.sha256(b"a").hexdigest()
    listed = call("developer", "GET", f"/api/storage{DEV}/info?list&deep=1").json()["files"]
    assert [x["uri"] for x in listed] == ["/a.txt", "/deep/b.txt"]
    assert call("developer", "GET", f"/api/storage{DEV}/info/none").status_code == 404


def test_properties_come_with_the_deployment_or_later(call: Call) -> None:
    path = f"{DEV}/properties/a"
    call("ci", "PUT", f"{path};story=HB-101;commit=abc", data=b"p")
    properties = f"/api/storage{path}?properties"
    assert call("ci", "GET", properties).json()["properties"] == {"story": ["HB-101"], "commit": ["abc"]}
    assert call("ci", "PUT", f"{properties}=env=dev,test;commit=def").status_code == 204
    assert call("ci", "GET", properties).json()["properties"] == {
        "story": ["HB-101"],
        "commit": ["def"],
        "env": ["dev", "test"],
    }
    assert call("developer", "PUT", f"{properties}=env=prod").status_code == 403
    assert call("ci", "DELETE", f"{properties}=story,commit,env").status_code == 204
    assert call("ci", "GET", properties).status_code == 404


def test_a_copy_keeps_checksum_and_properties_and_a_dry_run_changes_nothing(call: Call) -> None:
    source, target = f"{DEV}/copy/1.0/a.bin", f"{TEST}/copy/1.0/a.bin"
    call("ci", "PUT", f"{source};commit=abc", data=b"copied")
    dry = call("platform", "POST", f"/api/copy{source}?to={target}&dry=1")
    assert (dry.status_code, dry.json()["messages"][0]["level"]) == (200, "INFO")
    assert call("platform", "GET", target).status_code == 404
    assert call("platform", "POST", f"/api/copy{source}?to={target}").status_code == 200
    copied = call("platform", "GET", f"/api/storage{target}").json()
    assert copied["checksums"]["sha256"] == hashlib.sha256(b"copied").hexdigest()
    properties = call("platform", "GET", f"/api/storage{target}?properties").json()["properties"]
    assert properties == {"commit": ["abc"]}
    assert call("platform", "POST", f"/api/copy{source}?to={target}").status_code == 200


def test_copies_that_may_not_be_are_refused(call: Call) -> None:
    call("ci", "PUT", f"{DEV}/refused", data=b"refused")
    answer = call("ci", "POST", f"/api/copy{DEV}/refused?to={TEST}/refused")
    assert (answer.status_code, answer.json()["messages"][0]["level"]) == (403, "ERROR")
    assert call("platform", "POST", f"/api/copy{DEV}/none?to={TEST}/none").status_code == 404
    assert call("platform", "POST", f"/api/copy{DEV}/refused?to=/nowhere/x").status_code == 404


def test_a_folder_moves_whole(call: Call) -> None:
    for name in ("a", "b/c"):
        call("ci", "PUT", f"{DEV}/moved/{name}", data=name.encode())
    assert call("platform", "POST", f"/api/move{DEV}/moved?to={TEST}/moved").status_code == 200
    assert call("platform", "GET", f"{TEST}/moved/b/c").content == b"b/c"
    assert call("platform", "GET", f"{DEV}/moved/a").status_code == 404


def test_content_is_found_by_checksum(call: Call) -> None:
    call("ci", "PUT", f"{DEV}/search/a", data=b"searched")
    query = f"/api/search/checksum?sha256={hashlib.sha256(b'searched').hexdigest()}"
    [found] = call("developer", "GET", query).json()["results"]
    assert found["uri"].endswith(f"/artifactory/api/storage{DEV}/search/a")
    assert call("developer", "GET", f"{query}&repos=trading-prod-local").json() == {"results": []}
    assert call("developer", "GET", f"/api/search/checksum?sha256={'0' * 64}").json() == {"results": []}


def test_a_build_is_published_read_and_promoted(call: Call) -> None:
    content = b"built"
    call("ci", "PUT", f"{DEV}/7/order-gateway.tar.gz", data=content)
    artifact = {"name": "order-gateway.tar.gz", "sha256": hashlib.sha256(content).hexdigest()}
    info = {
        "name": "order-gateway",
        "number": "7",
        "started": "2026-01-01T00:00:00.000+0000",
        "modules": [{"id": "order-gateway", "artifacts": [artifact]}],
    }
    assert call("ci", "PUT", "/api/build", json=info).status_code == 204
    assert call("developer", "PUT", "/api/build", json=info).status_code == 403
    assert call("ci", "GET", "/api/build/order-gateway").json()["buildsNumbers"][0]["uri"] == "/7"
    wish = {
        "status": "tested",
        "sourceRepo": "trading-dev-local",
        "targetRepo": "trading-test-local",
        "copy": True,
        "properties": {"stage": ["test"]},
    }
    promote = "/api/build/promote/order-gateway/7"
    assert call("ci", "POST", promote, json=wish).status_code == 403
    assert call("platform", "POST", promote, json=wish).status_code == 200
    assert call("platform", "GET", f"{TEST}/7/order-gateway.tar.gz").content == content
    statuses = call("ci", "GET", "/api/build/order-gateway/7").json()["buildInfo"]["statuses"]
    assert [(s["status"], s["user"]) for s in statuses] == [("tested", "platform")]
    assert call("platform", "POST", "/api/build/promote/order-gateway/8", json=wish).status_code == 404
