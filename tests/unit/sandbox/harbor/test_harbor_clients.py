"""Command line clients that may be on a machine: each test skips, saying so, where its client is not."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.world import World
from unit.sandbox.harbor.harbor_client import Client

REPOSITORY = "trading-dev/order-gateway"


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed on this machine")
    return found


def credentials(world: World, user: str) -> str:
    return f"{user}:{world.secret(f'harbor.{user}')}"


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_skopeo_copies_out_and_in_again_with_the_same_digest(
    world: World, ci: Client, tmp_path: Path
) -> None:
    skopeo = [program("skopeo"), "--insecure-policy", "copy"]
    host = world.url("harbor").removeprefix("http://")
    image = ci.image(REPOSITORY, "skopeo", layer=gzip.compress(b"\0" * 10240, mtime=0))
    layout = f"oci:{tmp_path}/layout:1"
    who = credentials(world, "ci")
    out = ["--src-tls-verify=false", "--src-creds", who, f"docker://{host}/{REPOSITORY}:skopeo", layout]
    done = run(*skopeo, *out, XDG_RUNTIME_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    back = ["--dest-tls-verify=false", "--dest-creds", who, layout]
    done = run(*skopeo, *back, f"docker://{host}/trading-dev/again:1", XDG_RUNTIME_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    again = ci.call("HEAD", "/v2/trading-dev/again/manifests/1")
    assert again.headers["Docker-Content-Digest"] == image
    refused = run(*skopeo, *back, f"docker://{host}/trading-test/again:1", XDG_RUNTIME_DIR=str(tmp_path))
    assert refused.returncode != 0
    assert "unauthorized" in refused.stderr


def test_docker_reads_a_manifest_with_its_own_login_file(world: World, ci: Client, tmp_path: Path) -> None:
    docker = program("docker")
    host = world.url("harbor").removeprefix("http://")
    ci.image(REPOSITORY, "docker")
    inspect = [docker, "manifest", "inspect", "--insecure", f"{host}/{REPOSITORY}:docker"]
    login = base64.b64encode(credentials(world, "puller").encode()).decode()
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"auths": {host: {"auth": login}}}), "utf-8")
    done = run(*inspect, DOCKER_CONFIG=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["schemaVersion"] == 2
    file.write_text("{}", "utf-8")
    assert run(*inspect, DOCKER_CONFIG=str(tmp_path)).returncode != 0
