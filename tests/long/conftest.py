"""One whole platform for the kill suite, run from a copy of the repository: tests change files of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.onebox import OneBox, whole_platform
from sandbox.onebox.place import REPOSITORY

FOLDERS = ("include", "dags", "plugins")
FILES = ("airflow_settings.yaml", "requirements.txt")
INSTALLED = (".venv", ".venv-semgrep")


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneBox]:
    """A running platform; later deliveries run on what earlier ones left."""
    with whole_platform(a_copy(tmp_path_factory.mktemp("repository"))) as running:
        yield running


def a_copy(folder: Path) -> Path:
    """What the platform runs from, copied; what is installed, linked."""
    for name in FOLDERS:
        shutil.copytree(REPOSITORY / name, folder / name)
    for name in FILES:
        shutil.copy2(REPOSITORY / name, folder / name)
    for name in INSTALLED:
        (folder / name).symlink_to(REPOSITORY / name)
    return folder
