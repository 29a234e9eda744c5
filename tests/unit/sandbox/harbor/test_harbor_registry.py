"""The registry side of Harbor, as clients of the OCI distribution specification use it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import oras.client
import pytest
import requests

from sandbox.world import World
from unit.sandbox.harbor.harbor_client import INDEX, MANIFEST, Client, digest

REPOSITORY = "trading-dev/order-gateway"


def test_a_stranger_is_sent_to_the_token_service(world: World) -> None:
    answer = requests.get(f"{world.url('harbor')}/v2/", timeout=30)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="{world.url("harbor")}/service/token",service="harbor-registry"'
    )
    assert answer.json()["errors"][0]["code"] == "UNAUTHORIZED"


def test_a_token_of_the_token_service_opens_the_registry(world: World, ci: Client) -> None:
    pushed = ci.image(REPOSITORY, "token")
    path = f"{ci.url}/v2/{REPOSITORY}/manifests/token"
    challenge = requests.get(path, timeout=30).headers["WWW-Authenticate"]
    realm, service, scope = re.findall(r'"([^"]+)"', challenge)
    assert scope == f"repository:{REPOSITORY}:pull"
    token = ci.session.get(realm, params={"service": service, "scope": scope}, timeout=30).json()["token"]
    answer = requests.get(path, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Docker-Content-Digest"] == pushed


def test_a_strangers_token_opens_nothing(world: World, ci: Client) -> None:
    ci.image(REPOSITORY, "closed")
    query = {"service": "harbor-registry", "scope": f"repository:{REPOSITORY}:pull"}
    token = requests.get(f"{ci.url}/service/token", params=query, timeout=30).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{ci.url}/v2/{REPOSITORY}/manifests/closed", headers=headers, timeout=30)
    assert answer.status_code == 401
    assert requests.get(f"{ci.url}/service/token", timeout=30).status_code == 401


def test_a_forged_token_and_a_wrong_password_are_refused(world: World) -> None:
    url = f"{world.url('harbor')}/v2/"
    assert requests.get(url, headers={"Authorization": "Bearer a.b.c"}, timeout=30).status_code == 401
    assert requests.get(url, auth=("platform", "wrong"), timeout=30).status_code == 401


def test_the_pipeline_robot_pushes_to_development_only(ci: Client) -> None:
    assert ci.image(REPOSITORY, "allowed").startswith("sha256:")
    for project in ("platform", "trading-test", "trading-prod-private", "nowhere"):
        answer = ci.call("POST", f"/v2/{project}/order-gateway/blobs/uploads/")
        assert answer.status_code == 401, project


def test_the_pulling_robot_pulls_everything_and_pushes_nothing(world: World, ci: Client) -> None:
    ci.image(REPOSITORY, "pulled")
    puller = Client(world, "puller")
    assert puller.call("GET", f"/v2/{REPOSITORY}/manifests/pulled").status_code == 200
    assert puller.call("POST", f"/v2/{REPOSITORY}/blobs/uploads/").status_code == 401


def test_a_blob_arrives_in_chunks_and_an_interrupted_upload_resumes(ci: Client) -> None:
    content = b"first" + b"second"
    opened = ci.call("POST", f"/v2/{REPOSITORY}/blobs/uploads/")
    assert opened.status_code == 202
    where = opened.headers["Location"]
    first = ci.session.patch(where, data=b"first", headers={"Content-Range": "0-4"}, timeout=30)
    assert (first.status_code, first.headers["Range"]) == (202, "0-4")
    gap = ci.session.patch(where, data=b"second", headers={"Content-Range": "7-12"}, timeout=30)
    assert gap.status_code == 416
    assert ci.session.get(where, timeout=30).headers["Range"] == "0-4"
    ci.session.patch(where, data=b"second", headers={"Content-Range": "5-10"}, timeout=30)
    done = ci.session.put(where, params={"digest": digest(content)}, timeout=30)
    assert done.status_code == 201
    assert ci.session.get(done.headers["Location"], timeout=30).content == content
    assert ci.session.get(where, timeout=30).status_code == 404


def test_content_that_is_not_its_digest_is_refused(ci: Client) -> None:
    path = f"/v2/{REPOSITORY}/blobs/uploads/"
    wrong = digest(b"other")
    answer = ci.call("POST", path, params={"digest": wrong}, data=b"this")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "DIGEST_INVALID")
    assert ci.call("HEAD", f"/v2/{REPOSITORY}/blobs/{wrong}").status_code == 404
    body = {"schemaVersion": 2, "mediaType": INDEX, "manifests": []}
    assert ci.manifest(REPOSITORY, wrong, body).json()["errors"][0]["code"] == "DIGEST_INVALID"


@pytest.mark.parametrize("bad", ["sha256:../../etc/passwd", "sha256:12", "md5:" + "0" * 32])
def test_a_malformed_digest_never_becomes_a_path(ci: Client, bad: str) -> None:
    answer = ci.call("POST", f"/v2/{REPOSITORY}/blobs/uploads/", params={"digest": bad}, data=b"x")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "DIGEST_INVALID")


def test_a_blob_of_another_repository_is_hidden_until_it_is_mounted(ci: Client) -> None:
    blob = ci.blob(REPOSITORY, b"mounted bytes")["digest"]
    other = "trading-dev/sibling"
    assert ci.call("HEAD", f"/v2/{other}/blobs/{blob}").status_code == 404
    query = {"mount": blob, "from": REPOSITORY}
    assert ci.call("POST", f"/v2/{other}/blobs/uploads/", params=query).status_code == 201
    assert ci.call("GET", f"/v2/{other}/blobs/{blob}").content == b"mounted bytes"


def test_a_mount_from_where_one_may_not_read_becomes_an_upload(ci: Client, platform: Client) -> None:
    blob = platform.blob("trading-test/order-gateway", b"not for the pipeline")["digest"]
    query = {"mount": blob, "from": "trading-test/order-gateway"}
    answer = ci.call("POST", f"/v2/{REPOSITORY}/blobs/uploads/", params=query)
    assert (answer.status_code, "Docker-Upload-UUID" in answer.headers) == (202, True)


def test_part_of_a_blob_is_served_by_range(ci: Client) -> None:
    blob = ci.blob(REPOSITORY, b"0123456789")["digest"]
    answer = ci.call("GET", f"/v2/{REPOSITORY}/blobs/{blob}", headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.content) == (206, b"234")


def test_a_manifest_is_the_same_by_tag_and_by_digest(ci: Client) -> None:
    pushed = ci.image(REPOSITORY, "same")
    by_tag = ci.call("GET", f"/v2/{REPOSITORY}/manifests/same")
    by_digest = ci.call("GET", f"/v2/{REPOSITORY}/manifests/{pushed}")
    head = ci.call("HEAD", f"/v2/{REPOSITORY}/manifests/same")
    assert by_tag.content == by_digest.content
    assert by_tag.headers["Content-Type"] == MANIFEST
    assert digest(by_tag.content) == pushed == head.headers["Docker-Content-Digest"]
    assert int(head.headers["Content-Length"]) == len(by_tag.content)


def test_a_manifest_that_needs_what_is_not_there_is_refused(ci: Client) -> None:
    absent = {"digest": digest(b"absent"), "size": 6}
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{"mediaType": MANIFEST, **absent}]}
    answer = ci.manifest(REPOSITORY, "broken", index)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "MANIFEST_BLOB_UNKNOWN")
    answer = ci.manifest(REPOSITORY, "broken", {"schemaVersion": 1, "mediaType": MANIFEST})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "MANIFEST_INVALID")
    assert ci.call("GET", f"/v2/{REPOSITORY}/manifests/broken").status_code == 404


def test_tags_and_the_catalogue_come_in_pages(ci: Client, administrator: Client) -> None:
    repository = "trading-dev/paged"
    for tag in ("c", "a", "b"):
        ci.image(repository, tag)
    first = ci.call("GET", f"/v2/{repository}/tags/list", params={"n": 2})
    assert first.json() == {"name": repository, "tags": ["a", "b"]}
    following = first.links["next"]["url"]
    assert ci.call("GET", following).json()["tags"] == ["c"]
    assert repository in administrator.call("GET", "/v2/_catalog").json()["repositories"]
    assert ci.call("GET", "/v2/_catalog").status_code == 401


def test_referrers_are_found_by_subject_and_filtered_by_type(ci: Client) -> None:
    image = ci.image(REPOSITORY, "referred")
    sbom = ci.attach(REPOSITORY, image, "application/vnd.cyclonedx+json", b'{"bom": 1}')
    ci.attach(REPOSITORY, image, "application/vnd.in-toto+json", b'{"provenance": 1}')
    every = ci.call("GET", f"/v2/{REPOSITORY}/referrers/{image}")
    assert every.headers["Content-Type"] == INDEX
    assert len(every.json()["manifests"]) == 2
    query = {"artifactType": "application/vnd.cyclonedx+json"}
    some = ci.call("GET", f"/v2/{REPOSITORY}/referrers/{image}", params=query)
    assert some.headers["OCI-Filters-Applied"] == "artifactType"
    assert [x["digest"] for x in some.json()["manifests"]] == [sbom]
    none = ci.call("GET", f"/v2/{REPOSITORY}/referrers/{digest(b'unknown')}")
    assert (none.status_code, none.json()["manifests"]) == (200, [])


def test_deleting_by_digest_takes_tags_along_and_by_tag_is_refused(ci: Client, platform: Client) -> None:
    pushed = ci.image(REPOSITORY, "gone", layer=b"unique to gone")
    assert ci.call("DELETE", f"/v2/{REPOSITORY}/manifests/{pushed}").status_code == 401
    assert platform.call("DELETE", f"/v2/{REPOSITORY}/manifests/gone").status_code == 405
    assert platform.call("DELETE", f"/v2/{REPOSITORY}/manifests/{pushed}").status_code == 202
    assert ci.call("GET", f"/v2/{REPOSITORY}/manifests/gone").status_code == 404


def test_an_unknown_call_is_501_and_named(administrator: Client) -> None:
    answer = administrator.api("GET", "/replication/policies")
    assert answer.status_code == 501
    assert "GET /api/v2.0/replication/policies" in answer.json()["errors"][0]["message"]


def test_oras_pushes_and_pulls(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("report.json").write_text(json.dumps({"标题": "订单网关"}), "utf-8")
    host = world.url("harbor").removeprefix("http://")
    target = f"{host}/{REPOSITORY}:report"
    client = oras.client.OrasClient(hostname=host, insecure=True, auth_backend="token")
    client.auth.set_basic_auth("ci", world.secret("harbor.ci"))
    pushed = client.push(target=target, files=["report.json"])
    assert pushed.status_code == 201
    [pulled] = client.pull(target=target, outdir=str(tmp_path / "out"))
    assert Path(pulled).read_bytes() == Path("report.json").read_bytes()
    manifest = client.get_manifest(target)
    [layer] = manifest["layers"]
    assert layer["digest"] == "sha256:" + hashlib.sha256(Path("report.json").read_bytes()).hexdigest()
