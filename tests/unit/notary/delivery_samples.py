"""Bundles, stories, findings and reports that tests deliver."""

from __future__ import annotations

import base64
import json
from typing import Any

from hummingbird.core.artifact import Image
from hummingbird.core.bundle import Bundle, BundleComponent, Configuration
from hummingbird.core.finding import Finding
from hummingbird.core.job import DeployJob
from hummingbird.core.story import Story, StoryKey
from hummingbird.core.warrant import Warrant

HB_101 = StoryKey("HB-101")
COMMIT = "a" * 40
OLD_COMMIT = "b" * 40
FINDING = Finding(
    scanner="bandit",
    rule="B105",
    severity="low",
    path="src/a.py",
    line=3,
    message="m",
    fingerprint="f",
    reproduce="bandit src/a.py",
)


def digest(letter: str) -> str:
    return "sha256:" + letter * 64


def a_bundle(commit: str = COMMIT, version: str = "1.4.0", **fields: Any) -> Bundle:
    component: dict[str, Any] = {
        "name": "order-gateway",
        "version": version,
        "commit": commit,
        "image": Image(repository="trading-dev/order-gateway", digest=digest(commit[0])),
        "configuration": {
            name: Configuration(items={"limit": version, "venue": "XSHG"}) for name in ("dev", "test", "prod")
        },
        "stories": [HB_101],
        "authors": ["developer@hummingbird.example"],
        "commits": 3,
    }
    story = fields.pop("story", HB_101)
    return Bundle(story=story, components=[BundleComponent(**(component | fields))])


def a_story(key: str = "HB-101", title: str = "限价单校验", status: str = "In Test") -> Story:
    return Story(
        key=StoryKey(key), project="HB", title=title, status=status, closed=False, url=f"http://jira/{key}"
    )


def open_warrant(signed: dict[str, Any]) -> Warrant:
    return Warrant.model_validate(json.loads(base64.b64decode(signed["payload"])))


def deploy_report(job: DeployJob, warrant: Warrant, outcome: str) -> dict[str, Any]:
    before = [sha for sha in warrant.predecessors[job.cluster.name].values() if sha]
    return {
        "bundle": job.bundle.sha256,
        "environment": job.environment.name,
        "cluster": job.cluster.name,
        "warrant": warrant.id,
        "outcome": outcome,
        "reason": "as told",
        "components": [
            {"name": c.name, "digest": c.image.digest, "configuration_sha256": None, "apollo_release": 3}
            for c in job.bundle.components
        ],
        "predecessor": before[0] if before else None,
        "started_at": "2026-11-22T10:00:00Z",
        "finished_at": "2026-11-22T10:00:09Z",
    }
