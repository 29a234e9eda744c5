"""The two Dockerfiles, as far as they can be judged without a daemon: nothing here builds them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILES = {"platform": ROOT / "Dockerfile", "toolbox": ROOT / "include/hummingbird/workloads/Dockerfile"}
ENTRYPOINT = ROOT / "include/hummingbird/orchestration/entrypoint.sh"


def instructions(name: str) -> list[tuple[str, str]]:
    """(word, rest) of every instruction, continued lines joined."""
    text = re.sub(r"\\\n", " ", FILES[name].read_text("utf-8"))
    lines = [line.strip() for line in text.splitlines()]
    return [(line.split()[0], line.partition(" ")[2]) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", FILES)
def test_everything_that_is_copied_is_there_and_is_not_ignored(name: str) -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    for word, rest in instructions(name):
        sources = [part for part in rest.split() if not part.startswith("--")][:-1]
        if word != "COPY" or "--from=" in rest:
            continue
        for source in sources:
            assert (ROOT / source).exists(), source
            assert not any(source == one or source.startswith(f"{one}/") for one in ignored), source


@pytest.mark.parametrize("name", FILES)
def test_the_last_user_is_not_root(name: str) -> None:
    users = [rest for word, rest in instructions(name) if word == "USER"]
    assert users[-1] not in ("root", "0", "0:0")


@pytest.mark.parametrize("name", FILES)
def test_installed_packages_are_pinned_by_hash_and_nothing_is_fetched_unseen(name: str) -> None:
    for word, rest in instructions(name):
        assert word != "ADD", "COPY says what it does"
        if word != "RUN":
            continue
        assert "curl" not in rest
        assert "wget" not in rest
        assert "sudo" not in rest
        for install in re.findall(r"pip install[^&]*", rest):
            assert "--require-hashes" in install
            assert "--no-cache-dir" in install
        if "apt-get install" in rest:
            assert "--no-install-recommends" in rest
            assert "rm -rf /var/lib/apt/lists/*" in rest


def test_the_base_is_the_airflow_that_is_locked() -> None:
    (base,) = [rest for word, rest in instructions("platform") if word == "ARG"]
    version = re.search(r"apache/airflow:([\d.]+)-python3\.\d+$", base)
    assert version is not None
    locked = (ROOT / "requirements.txt").read_text("utf-8")
    assert f"\napache-airflow=={version[1]} " in locked or f"\napache-airflow=={version[1]}\\" in locked


def test_the_image_has_the_entrance_of_every_component() -> None:
    copied = [rest.split()[-2] for word, rest in instructions("platform") if word == "COPY"]
    assert "include/airflow_local_settings.py" in copied
    (entrypoint,) = [rest for word, rest in instructions("platform") if word == "ENTRYPOINT"]
    home = re.search(r"ENV HUMMINGBIRD=(\S+)", FILES["platform"].read_text("utf-8"))
    assert home is not None
    inside = str(ENTRYPOINT.relative_to(ROOT))
    assert entrypoint.endswith(f'"{home[1]}/{inside}"]')
    assert os.access(ENTRYPOINT, os.X_OK)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["bash", "-c", "exec airflow scheduler"], "preflight airflow scheduler"),
        (["api-server"], "preflight airflow api-server"),
        (["bash", "-c", "exec \\\nairflow celery worker"], "preflight airflow worker"),
        (["bash", "-c", "exec airflow db migrate"], None),
        (["python", "-m", "hummingbird.notary", "serve"], None),
    ],
)
def test_the_entrypoint_asks_for_components_alone_and_stops_on_a_no(
    tmp_path: Path, words: list[str], asked: str | None
) -> None:
    for answer in (0, 1):
        said = _entered(tmp_path, words, answer)
        if asked is None:
            assert said == [f"went on with {' '.join(' '.join(words).split())}"]
        elif answer == 0:
            assert said == [f"-m hummingbird {asked}", f"went on with {' '.join(' '.join(words).split())}"]
        else:
            assert said == [f"-m hummingbird {asked}"], "a refused component is not started"


def _entered(folder: Path, words: list[str], answer: int) -> list[str]:
    (folder / "python").write_text(f'#!/bin/sh\necho "$@"\nexit {answer}\n')
    (folder / "next").write_text("#!/bin/sh\necho went on with $*\n")
    for name in ("python", "next"):
        (folder / name).chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    environment = {"PATH": path, "AIRFLOW_ENTRYPOINT": str(folder / "next")}
    done = subprocess.run(
        [str(ENTRYPOINT), *words], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == answer or (answer == 1 and "went on" in done.stdout)
    return done.stdout.splitlines()
