"""What an image says about running it: the base's configuration with our settings on top."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hummingbird.core.errors import Invalid
from hummingbird.workloads.images.layer import OWNER, Layer

EPOCH = "1970-01-01T00:00:00Z"
"""Every image of ours was made then: a real time would make the same inputs another digest."""


@dataclass(frozen=True)
class Settings:
    """What `build_image` was told about running the image; None keeps what the base says."""

    workdir: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    cmd: list[str] | None = None
    entrypoint: list[str] | None = None
    labels: dict[str, str] = field(default_factory=dict)
    user: str = str(OWNER)


def pairs(texts: list[str], option: str) -> dict[str, str]:
    """Read `KEY=VALUE` options; raises Invalid naming the one that is none."""
    found: dict[str, str] = {}
    for text in texts:
        key, separator, value = text.partition("=")
        if not separator or not key:
            raise Invalid(f"{option} {text}: expected KEY=VALUE")
        found[key] = value
    return found


def words(text: str | None, option: str) -> list[str] | None:
    """Read a JSON list of strings, as Dockerfiles write a command; raises Invalid for anything else."""
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Invalid(f"{option} {text}: expected a JSON list of strings ({error})") from error
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        raise Invalid(f"{option} {text}: expected a JSON list of strings")
    return value


def configured(base: dict[str, Any], settings: Settings, layers: list[Layer], notes: list[str]) -> bytes:
    """The configuration of the new image as bytes; `notes` say what made each layer."""
    process: dict[str, Any] = dict(base.get("config") or {})
    process["User"] = settings.user
    process["Env"] = _merged_env(process.get("Env") or [], settings.env)
    if settings.workdir is not None:
        process["WorkingDir"] = settings.workdir
    if settings.entrypoint is not None:
        process["Entrypoint"] = settings.entrypoint
        process.pop("Cmd", None)
    if settings.cmd is not None:
        process["Cmd"] = settings.cmd
    if settings.labels:
        process["Labels"] = {**(process.get("Labels") or {}), **settings.labels}
    history = [*(base.get("history") or [])]
    history += [{"created": EPOCH, "created_by": f"hummingbird build_image --add {note}"} for note in notes]
    document = {
        "architecture": base.get("architecture", "amd64"),
        "os": base.get("os", "linux"),
        "created": EPOCH,
        "config": process,
        "rootfs": {
            "type": "layers",
            "diff_ids": [
                *base.get("rootfs", {}).get("diff_ids", []),
                *(layer.diff_id for layer in layers),
            ],
        },
        "history": history,
    }
    if base.get("variant"):
        document["variant"] = base["variant"]
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def _merged_env(base: list[str], ours: dict[str, str]) -> list[str]:
    merged = dict(entry.partition("=")[::2] for entry in base)
    merged.update(ours)
    return [f"{key}={value}" for key, value in merged.items()]
