"""What a project needs to be delivered, in one folder of its own: the team's files stay as they are."""

from __future__ import annotations

import shlex
from pathlib import Path

import yaml

from sandbox.onboarding.pipeline_check import check
from sandbox.onboarding.pipeline_files import FILE
from sandbox.onboarding.program import Program
from sandbox.onboarding.source import Source

FOLDER = "delivery"
PIPELINE = f"{FOLDER}/gitlab-ci.yml"
VERSION = f"{FOLDER}/VERSION"
SUITE = f"{FOLDER}/functional"
ENVIRONMENTS = ("dev", "test", "prod")
_CONFTEST = '''"""The functional suite asks a running program; without one, a team's pytest leaves it out."""

from __future__ import annotations

import os

collect_ignore = [] if "{prefix}_SERVICE_HOST" in os.environ else ["functional"]
'''
_SUITE = '''"""The deployed program answers: the least that a suite asks. Replace it by what users do."""

from __future__ import annotations

import http.client
import os
import unittest

SERVICE = "{prefix}_SERVICE"


class Serving(unittest.TestCase):
    """The service of this namespace."""

    def test_the_program_answers(self) -> None:
        """{path} answers 2xx."""
        host, port = os.environ[SERVICE + "_HOST"], int(os.environ[SERVICE + "_PORT"])
        connection = http.client.HTTPConnection(host, port, timeout=20)
        self.addCleanup(connection.close)
        connection.request("GET", "{path}")
        answer = connection.getresponse()
        self.assertTrue(200 <= answer.status < 300, str(answer.status))
'''
_ABOUT = """# delivery

Written when this project joined the delivery platform; the team owns it from now on.

- `gitlab-ci.yml`: the pipeline that the platform starts for a commit (the project's CI configuration file in
  GitLab's settings). The team's own `.gitlab-ci.yml`, where there is one, is included and runs first.
- `config/<environment>.properties`: configuration, published to Apollo by the deployment.
- `functional`: the suite that runs against the test environment.
- `conftest.py`: keeps that suite out of your own `pytest`, where no program runs.
- `VERSION`: the version that a release is tagged with.
"""


def delivery_files(source: Source, name: str, program: Program, path: str) -> dict[str, str]:
    """The files by name, without what the repository has itself; CannotJoin as pipeline_check says."""
    own = source.text(FILE)
    complete = check(source) if own else False
    prefix = name.upper().replace("-", "_")
    files = {
        f"{FOLDER}/README.md": _ABOUT,
        VERSION: f"{version_of(source, program)}\n",
        f"{FOLDER}/conftest.py": _CONFTEST.format(prefix=prefix),
        f"{SUITE}/test_serves.py": _SUITE.format(prefix=prefix, path=path),
    }
    for environment in ENVIRONMENTS:
        files[f"{FOLDER}/config/{environment}.properties"] = f"component={name}\nenvironment={environment}\n"
    if not complete:
        files[PIPELINE] = _pipeline(name, program, includes=bool(own))
    return files


def version_of(source: Source, program: Program) -> str:
    """The project's version, with a suffix where the team has tagged it already: our tag is a new one."""
    tags = set(source.git("tag", "--list").split())
    version, number = program.version, 1
    while f"v{version}" in tags:
        version, number = f"{program.version}-hb.{number}", number + 1
    return version


def write(folder: Path, files: dict[str, str]) -> None:
    """Put the files into a work tree."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _pipeline(name: str, program: Program, *, includes: bool) -> str:
    command = ["python3 -m hummingbird.workloads build_program", f"--component {name}"]
    command += [f"--language {program.language}", f"--start {shlex.quote(program.start)}"]
    if program.prepare:
        command.append(f"--prepare {shlex.quote(program.prepare)}")
    command += [f"--version-file {VERSION}", f"--repository trading-dev/{name}"]
    command.append("--packages trading-dev-local")
    job: dict[str, object] = {
        "stage": ".post" if includes else "build",
        "script": [" ".join(command)],
        "artifacts": {"paths": ["build.json", "sbom.json"]},
    }
    if includes:
        # The team's image, before_script and services are for the team's jobs; this one is the platform's.
        job["inherit"] = {"default": False}
    sources = ("api", "trigger", "web")
    document: dict[str, object] = {
        "workflow": {"rules": [{"if": f'$CI_PIPELINE_SOURCE == "{one}"'} for one in sources]}
    }
    if includes:
        document["include"] = [{"local": FILE}]
    else:
        document["stages"] = ["build"]
    document["deliver-image"] = job
    about = "# The platform starts a pipeline by API once the scan is green; a push alone starts none.\n"
    return about + yaml.safe_dump(document, sort_keys=False, width=100, allow_unicode=True)
