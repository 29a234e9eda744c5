"""A team's own pipeline: what runs in a shell is taken as it is, what cannot run is refused by name."""

from __future__ import annotations

import pytest

from sandbox.onboarding.pipeline_check import check
from sandbox.onboarding.refusal import CannotJoin
from unit.sandbox.onboarding.held import Held

S = "  script: [x]\n"
PACK = f"pack:\n{S}  artifacts:\n    paths: [build.json, sbom.json]\n"
GOOD = [
    ("one job", f"unit:\n{S}", False),
    ("an official image", f"unit:\n  image: python:3.11-slim\n{S}", False),
    ("the file's default image", f"default:\n  image: registry.example/library/node:22\nunit:\n{S}", False),
    ("a reference", ".a:\n  script: [true]\nunit:\n  script:\n    - !reference [.a, script]\n", False),
    ("all by itself", PACK, True),
    ("all by a hidden job that it extends", PACK.replace("pack", ".pack") + "p:\n  extends: .pack\n", True),
    ("all by a hidden job that nobody extends", PACK.replace("pack", ".pack") + f"unit:\n{S}", False),
    ("a hidden job that nobody extends", f".old:\n  image: docker:27\n{S}unit:\n{S}", False),
    ("hidden lines", f".old:\n  - docker build .\nunit:\n{S}", False),
    (
        "an image that the job says instead",
        f".old:\n  image: docker:27\n{S}unit:\n  extends: .old\n  image: node:22\n",
        False,
    ),
]


@pytest.mark.parametrize(("text", "complete"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_a_pipeline_that_can_run_is_taken(text: str, complete: bool) -> None:
    assert check(Held({".gitlab-ci.yml": text})) is complete


HIDDEN = f".a:\n  image: docker:27\n{S}"
BAD = [
    (f"build:\n  image: docker:27\n{S}", "job build: image: docker:27 is neither Python nor Node"),
    (f"build:\n  image: docker:27\n{S}  only: [tags]\n", "job build: image: docker:27 is neither"),
    (f"it:\n  services: [postgres:16]\n{S}", "job it: services: ['postgres:16'] need containers"),
    ("build:\n  script:\n    - docker build -t x .\n", "job build: `docker build -t x .` needs a docker"),
    (f"t:\n  before_script: [apt-get install -y gcc]\n{S}", "job t: `apt-get install -y gcc` needs rights"),
    (f"pages:\n  image: jekyll/jekyll\n{S}", "job pages: image: jekyll/jekyll is neither"),
    ("down:\n  trigger: other/project\n", "job down: trigger: starts another pipeline"),
    ("include:\n  - project: group/templates\n    file: a.yml\n", "include: {'project': 'group/templates'"),
    ("include: https://example.org/ci.yml\n", "include: https://example.org/ci.yml lies outside"),
    (f"include:\n  - template: Jobs/SAST.yml\nunit:\n{S}", "lies outside of the repository"),
    (f"default:\n  services: [redis]\nunit:\n{S}", "the file's defaults: services: ['redis']"),
    (f"after_script: [docker logout]\nunit:\n{S}", "the file's defaults: `docker logout` needs a docker"),
    ("stages: [test]\n", "it names no job"),
    (HIDDEN, "it names no job"),
    (f"{HIDDEN}b:\n  extends: .a\n", "job b (extends .a): image: docker:27 is neither"),
    (f"{HIDDEN}.b:\n  extends: .a\nc:\n  extends: [.b]\n", "job c (extends .a): image: docker:27"),
    (".a:\n  script: [apk add gcc]\nb:\n  script:\n    - !reference [.a, script]\n", "job b: `apk add gcc`"),
    (".a:\n  image: ruby\nb:\n  image: !reference [.a, image]\n  script: [x]\n", "job b: image: ruby is"),
    ("b:\n  extends: .gone\n", "job b: extends: .gone is no job of this pipeline"),
    ("b:\n  extends: c\nc:\n  extends: b\n", "in a circle (b → c → b)"),
    ("b:\n  script: [!reference [.gone, script]]\n", "!reference ['.gone', 'script'] leads nowhere"),
    ("b:\n  script: !reference [b, script]\n", "!reference ['b', 'script'] leads nowhere"),
    ("b:\n  script: [!reference b]\n", "!reference needs a list"),
    ("- a\n", "expected jobs, found list"),
    ("a: [\n", "not YAML"),
]


@pytest.mark.parametrize(("text", "why"), BAD)
def test_what_cannot_run_is_refused_naming_the_job_or_the_file_and_what_to_add(text: str, why: str) -> None:
    with pytest.raises(CannotJoin) as told:
        check(Held({".gitlab-ci.yml": text}))
    assert str(told.value).startswith(".gitlab-ci.yml: ")
    assert why in str(told.value)
