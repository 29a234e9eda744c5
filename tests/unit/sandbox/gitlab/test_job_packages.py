"""What a job installs is found by that job and gone with it; the Python of everything else stays as it is."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.npm import node
from unit.sandbox.gitlab.gitlab_world import Clone, ended

PLATFORM = Path(sys.prefix)
INCLUDE = Path(__file__).parents[4] / "include"
APART = f"""
    - test "$(python3 -c 'import sys; print(sys.prefix)')" != "{PLATFORM}"
    - test "$(command -v pip)" = "$VIRTUAL_ENV/bin/pip"
"""
"""Before anything is installed: should the fault ever come back, this test must not do the harm itself."""


def wheel(folder: Path, name: str, version: str) -> None:
    """A package that is one module and a command, as a file that pip installs without any index."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\ndef main():\n    print({name!r}, VERSION)\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name}-says = {name}:main\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)


def installed_in_the_platform() -> dict[str, int]:
    """Every entry beside the platform's packages, with the time of its last change."""
    folders = [PLATFORM / "bin", *PLATFORM.glob("lib*/python*/site-packages")]
    return {str(path): path.lstat().st_mtime_ns for folder in folders for path in folder.iterdir()}


def traces(hub: Any, pipeline: Any) -> dict[str, str]:
    return {one.name: hub.jobs.get(one.id).trace().decode() for one in pipeline.jobs.list()}


@pytest.mark.long
def test_packages_that_a_job_installs_are_its_own(
    hub: Any, maintainer: Clone, push: Callable[[str], str]
) -> None:
    before = installed_in_the_platform()
    wheel(maintainer.folder / "wheels", "six", "0.1")
    wheel(maintainer.folder / "wheels", "shopkit", "1.0")
    install = "pip install --quiet --no-index --find-links wheels six==0.1 shopkit"
    push(
        f"""
stages: [install, after]
on the runner's image:
  stage: install
  script: {APART}
    - {install}
    - python3 -c 'import six, sys; assert six.VERSION == "0.1", six.__file__'
    - shopkit-says
    - python3 -c 'import pydantic'
on an official image:
  stage: install
  image: python:3.12-slim
  script: {APART}
    - test "$(pip list --format=freeze | grep -vcE '^(pip|setuptools|wheel)==')" = 0
    - if python3 -c "import pydantic" 2> /dev/null; then exit 1; fi
    - pip3 --version
    - {install}
    - python -c 'import six, sys; assert six.VERSION == "0.1", six.__file__'
    - shopkit-says
    - pip uninstall --quiet --yes pip shopkit
after both:
  stage: after
  script:
    - if python3 -c "import shopkit" 2> /dev/null; then exit 1; fi
    - python3 -c 'import six; assert six.__version__ != "0.1"'
    - pip --version
"""
    )
    pipeline = ended(hub, hub.pipelines.create({"ref": "develop"}).id)
    said = traces(hub, pipeline)
    assert pipeline.status == "success", said
    assert "shopkit 1.0" in said["on the runner's image"]
    assert "shopkit 1.0" in said["on an official image"]
    assert installed_in_the_platform() == before


def brought_with_node() -> set[tuple[str, int]]:
    """Every file of the Node that the sandbox runs on."""
    files = (path for path in node().parent.parent.rglob("*") if not path.is_dir())
    return {(str(path), path.lstat().st_mtime_ns) for path in files}


def test_npm_works_in_a_job_and_what_it_installs_globally_is_the_job_s_own(
    hub: Any, maintainer: Clone, push: Callable[[str], str]
) -> None:
    before = brought_with_node()
    tool = maintainer.folder / "tool"
    tool.mkdir()
    (tool / "package.json").write_text('{"name": "shop-tool", "version": "1.0.0", "bin": "says.js"}', "utf-8")
    (tool / "says.js").write_text("#!/usr/bin/env node\nconsole.log('shop-tool 1.0.0');\n", "utf-8")
    push(
        """
stages: [install, after]
install:
  stage: install
  image: node:22
  script:
    - npm --version
    - npx --version
    - test "$(npm prefix --global)" = "$NPM_CONFIG_PREFIX"
    - npm install --global --offline --install-links ./tool
    - shop-tool
    - corepack enable
    - test -e "$NPM_CONFIG_PREFIX/bin/yarn"
after:
  stage: after
  script:
    - if command -v shop-tool; then exit 1; fi
    - test "$(ls -d "$VIRTUAL_ENV"/../../own-* | wc -l)" = 1
"""
    )
    pipeline = ended(hub, hub.pipelines.create({"ref": "develop"}).id)
    said = traces(hub, pipeline)
    assert pipeline.status == "success", said
    assert "\nshop-tool 1.0.0\n" in said["install"]
    assert brought_with_node() == before


def test_a_team_s_default_image_and_commands_are_not_those_of_the_job_that_makes_the_image(
    hub: Any, push: Callable[[str], str]
) -> None:
    hub.variables.create({"key": "PYTHONPATH", "value": str(INCLUDE)})
    push(
        """
image: python:3.12
before_script: [exit 7]
team:
  before_script: []
  script:
    - if python3 -m hummingbird.workloads build_program --help 2> /dev/null; then exit 1; fi
deliver-image:
  stage: .post
  inherit: {default: false}
  script: [python3 -m hummingbird.workloads build_program --help]
"""
    )
    pipeline = ended(hub, hub.pipelines.create({"ref": "develop"}).id)
    assert pipeline.status == "success", traces(hub, pipeline)
