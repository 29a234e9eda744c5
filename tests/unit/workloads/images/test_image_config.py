"""The base's configuration stays, ours lies on top."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hummingbird.core.errors import Invalid
from hummingbird.workloads.images.image_config import Settings, configured, pairs, words
from hummingbird.workloads.images.layer import Layer
from hummingbird.workloads.images.reference import base_image, repository_name, tag_name

BASE = {
    "architecture": "arm64",
    "os": "linux",
    "config": {"Env": ["PATH=/usr/bin", "LANG=C"], "Cmd": ["python3"], "User": "root", "Labels": {"a": "1"}},
    "rootfs": {"type": "layers", "diff_ids": ["sha256:base"]},
    "history": [{"created_by": "base"}],
}
LAYER = Layer(Path("x"), "sha256:packed", "sha256:plain", 3)


def test_settings_lie_on_top_of_the_base_and_the_process_is_not_root() -> None:
    settings = Settings("/app", {"LANG": "C.UTF-8"}, ["run"], None, {"b": "2"})
    found = json.loads(configured(BASE, settings, [LAYER], ["src:/app"]))
    assert found["config"] == {
        "Env": ["PATH=/usr/bin", "LANG=C.UTF-8"],
        "Cmd": ["run"],
        "User": "65532",
        "WorkingDir": "/app",
        "Labels": {"a": "1", "b": "2"},
    }
    assert found["rootfs"]["diff_ids"] == ["sha256:base", "sha256:plain"]
    assert found["architecture"] == "arm64"
    assert len(found["history"]) == 2


def test_what_is_not_said_stays_as_the_base_says() -> None:
    found = json.loads(configured(BASE, Settings(), [], []))
    assert found["config"]["Cmd"] == ["python3"]
    assert "WorkingDir" not in found["config"]


def test_a_new_entrypoint_drops_the_command_that_belonged_to_the_old_one() -> None:
    found = json.loads(configured(BASE, Settings(entrypoint=["tool"]), [], []))
    assert found["config"]["Entrypoint"] == ["tool"]
    assert "Cmd" not in found["config"]


def test_a_base_is_named_by_digest_only() -> None:
    digest = f"sha256:{'a' * 64}"
    assert base_image(f"platform/base/python@{digest}").digest == digest
    for wrong in ("platform/base/python", "platform/base/python:3.11", f"host:5000/x@{digest}", "x@sha256:1"):
        with pytest.raises(Invalid, match="--base"):
            base_image(wrong)


def test_options_that_mean_nothing_are_refused_by_name() -> None:
    with pytest.raises(Invalid, match="--label novalue"):
        pairs(["novalue"], "--label")
    for wrong in ("python3 -m x", "[]", "[1]", '{"a": 1}'):
        with pytest.raises(Invalid, match="--cmd"):
            words(wrong, "--cmd")
    with pytest.raises(Invalid, match="--repository"):
        repository_name("Trading/X", "--repository")
    with pytest.raises(Invalid, match="--tag"):
        tag_name("-o")
    assert words('["a","b"]', "--cmd") == ["a", "b"]
