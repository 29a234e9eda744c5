"""A team's own pipeline: what runs in a shell is taken as it is, what cannot run is refused by name."""

from __future__ import annotations

import pytest

from sandbox.onboarding.pipeline_check import check
from sandbox.onboarding.refusal import CannotJoin

S = "  script: [x]\n"
GOOD = [
    ("one job", f"unit:\n{S}", False),
    ("an official image", f"unit:\n  image: python:3.11-slim\n{S}", False),
    ("the file's default image", f"default:\n  image: registry.example/library/node:22\nunit:\n{S}", False),
    ("a local include", "include: ci/jobs.yml\n", False),
    ("a reference", ".a:\n  script: [true]\nunit:\n  script:\n    - !reference [.a, script]\n", False),
    ("all by itself", f"pack:\n{S}  artifacts:\n    paths: [build.json, sbom.json]\n", True),
]


@pytest.mark.parametrize(("text", "complete"), [case[1:] for case in GOOD])
def test_a_pipeline_that_can_run_is_taken(text: str, complete: bool) -> None:
    assert check(text) is complete


BAD = [
    (f"build:\n  image: docker:27\n{S}", "job build: image: docker:27 is neither Python nor Node"),
    (f"it:\n  services: [postgres:16]\n{S}", "job it: services: ['postgres:16'] need containers"),
    ("build:\n  script:\n    - docker build -t x .\n", "job build: `docker build -t x .` needs a docker"),
    (f"t:\n  before_script: [apt-get install -y gcc]\n{S}", "job t: `apt-get install -y gcc` needs rights"),
    ("down:\n  trigger: other/project\n", "job down: trigger: starts another pipeline"),
    ("include:\n  - project: group/templates\n    file: a.yml\n", "include: {'project': 'group/templates'"),
    ("include: https://example.org/ci.yml\n", "include: https://example.org/ci.yml lies outside"),
    (f"include:\n  - template: Jobs/SAST.yml\nunit:\n{S}", "lies outside of the repository"),
    (f"default:\n  services: [redis]\nunit:\n{S}", "the file's defaults: services: ['redis']"),
    ("stages: [test]\n", "it names no job"),
    ("- a\n", "expected jobs, found list"),
    ("a: [\n", "not YAML"),
]


@pytest.mark.parametrize(("text", "why"), BAD)
def test_what_cannot_run_is_refused_naming_the_job_or_the_file_and_what_to_add(text: str, why: str) -> None:
    with pytest.raises(CannotJoin) as told:
        check(text)
    assert str(told.value).startswith(".gitlab-ci.yml: ")
    assert why in str(told.value)
