"""Looking at a repository: four shapes are recognised and tried; every lack is one sentence."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from sandbox.onboarding import trial
from sandbox.onboarding.delivery import PIPELINE
from sandbox.onboarding.join import Looked, Wish, look
from sandbox.onboarding.refusal import CannotJoin
from unit.sandbox.onboarding.repositories import NODE_SERVER, PYTHON_TEST, git, python_server, repository


def manifest(**fields: object) -> str:
    return json.dumps({"name": "shop", "version": "2.3.0", "scripts": {"test": "node --test"}, **fields})


SHAPES = {
    "a Python file": ({"app.py": python_server(), **PYTHON_TEST}, "python3 app.py", "/healthz"),
    "a Python package": (
        {"src/shop/__init__.py": "", "src/shop/__main__.py": python_server(path="/"), **PYTHON_TEST},
        "python3 -m shop",
        "/",
    ),
    "a Node server": ({"server.js": NODE_SERVER, "package.json": manifest()}, "node server.js", "/"),
    "a Node command": (
        {"bin/serve.js": NODE_SERVER, "package.json": manifest(bin={"serve": "bin/serve.js"})},
        "node bin/serve.js",
        "/",
    ),
}


def looked_at(place: Path, files: dict[str, str], name: str = "shop", ref: str | None = None) -> Looked:
    scratch = place / "scratch"
    scratch.mkdir(exist_ok=True)
    source = place / "repository"
    if not source.exists():
        repository(source, files)
    return look(Wish(str(source), name, ref), scratch, lambda _: None)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_program_is_recognised_and_shown_to_serve_on_its_port(tmp_path: Path, shape: str) -> None:
    files, start, path = SHAPES[shape]
    looked = looked_at(tmp_path, files)
    assert (looked.program.start, looked.served.path) == (start, path)
    pipeline = yaml.safe_load(looked.files[PIPELINE])
    assert f"--start '{start}'" in pipeline["deliver-image"]["script"][0]
    assert all(name.startswith("delivery/") for name in looked.files)


def test_the_team_s_own_pipeline_is_included_and_ours_comes_last(tmp_path: Path) -> None:
    files = {"app.py": python_server(), ".gitlab-ci.yml": "unit:\n  script: [pytest]\n", **PYTHON_TEST}
    pipeline = yaml.safe_load(looked_at(tmp_path, files).files[PIPELINE])
    assert pipeline["include"] == [{"local": ".gitlab-ci.yml"}]
    assert pipeline["deliver-image"]["stage"] == ".post"
    assert pipeline["deliver-image"]["inherit"] == {"default": False}


def test_a_pipeline_that_makes_the_image_itself_is_used_as_it_is(tmp_path: Path) -> None:
    own = "pack:\n  script: [make]\n  artifacts: {paths: [build.json]}\n"
    files = {"app.py": python_server(), ".gitlab-ci.yml": own, **PYTHON_TEST}
    assert PIPELINE not in looked_at(tmp_path, files).files


def test_a_procfile_says_how_to_start(tmp_path: Path) -> None:
    files = {"serving.py": python_server(), "Procfile": "web: python3 serving.py\n", **PYTHON_TEST}
    assert looked_at(tmp_path, files).program.start == "python3 serving.py"


def test_a_version_that_the_team_tagged_already_gets_a_suffix(tmp_path: Path) -> None:
    files, _, _ = SHAPES["a Node server"]
    git(repository(tmp_path / "repository", files), "tag", "v2.3.0")
    assert looked_at(tmp_path, files).files["delivery/VERSION"] == "2.3.0-hb.1\n"


ENDS = 'if __name__ == "__main__":\n    raise SystemExit("no database")\n'
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
NO_SCRIPT = {"server.js": NODE_SERVER, "package.json": manifest(scripts={})}
NODE_LIBRARY = {"package.json": manifest(main="lib.js"), "lib.js": "module.exports = 1;\n"}
PYTHON_LIBRARY = {"pyproject.toml": '[project]\nname = "x"\n', "x/a.py": ""}
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "nothing that we deliver": ({"main.go": "package main\n"}, "found .go"),
    "a Python library": ({**PYTHON_LIBRARY, **PYTHON_TEST}, "pyproject.toml describes a library"),
    "a Node library": (NODE_LIBRARY, "package.json describes a library"),
    "two manifests": ({**NODE_LIBRARY, "setup.py": ""}, "package.json and setup.py describe a library"),
    "a program by another name": (
        {"demo_app.py": FLASK, "requirements.txt": "flask\n", **PYTHON_TEST},
        "demo_app.py looks like a program and is none of those that are tried (app.py, main.py",
    ),
    "modules without a program": (
        {"main.py": "", "test_main.py": ENDS, "requirements.txt": "flask\n", **PYTHON_TEST},
        "no app.py, main.py, server.py, wsgi.py, run.py at the top makes a web application",
    ),
    "Flask without a server": ({"app.py": FLASK, **PYTHON_TEST}, "add gunicorn to requirements.txt"),
    "Django without a server": ({"manage.py": "", "shop/wsgi.py": "", **PYTHON_TEST}, "<project>.wsgi`"),
    "no Python test": ({"app.py": python_server()}, "add a folder tests with test_*.py files"),
    "no Node test": (NO_SCRIPT, 'add `"test": "node --test"`'),
    "a broken manifest": ({"package.json": "{", "server.js": NODE_SERVER}, "package.json: not JSON"),
    "it ends at once": ({"app.py": ENDS, **PYTHON_TEST}, "no database"),
    "no path of health": ({"app.py": python_server(path="/secret"), **PYTHON_TEST}, "add a path /healthz"),
    "only its own machine": ({"app.py": python_server(host="127.0.0.1"), **PYTHON_TEST}, "from outside"),
}


@pytest.mark.parametrize("lack", REFUSED)
def test_what_is_missing_is_told_with_what_to_add(tmp_path: Path, lack: str) -> None:
    files, why = REFUSED[lack]
    with pytest.raises(CannotJoin) as told:
        looked_at(tmp_path, files)
    assert why in str(told.value)


def test_a_fixed_port_is_found_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "START_SECONDS", 4.0)
    port = trial._free_port()
    files = {"app.py": python_server(port=str(port)), **PYTHON_TEST}
    with pytest.raises(CannotJoin, match=rf"listens on port {port} and not on \$PORT; read the port"):
        looked_at(tmp_path, files)


def test_packages_that_do_not_exist_are_told_by_pip_s_own_words(tmp_path: Path) -> None:
    files = {"app.py": python_server(), "requirements.txt": "./no-such-folder\n", **PYTHON_TEST}
    with pytest.raises(CannotJoin, match=r"pip cannot install what requirements asks for: .*no-such-folder"):
        looked_at(tmp_path, files)


@pytest.mark.parametrize("name", ["Shop", "1shop", "shop_2", "a" * 41])
def test_a_name_that_no_service_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotJoin, match="cannot name a service"):
        looked_at(tmp_path, {"app.py": ""}, name)


def test_a_ref_that_is_not_there_is_told_by_git_s_own_words(tmp_path: Path) -> None:
    with pytest.raises(CannotJoin, match="git checkout failed"):
        looked_at(tmp_path, {"app.py": python_server(), **PYTHON_TEST}, ref="nowhere")


REPOSITORIES = os.environ.get("HB_REPOSITORIES", "")


@pytest.mark.long
@pytest.mark.skipif(not REPOSITORIES, reason="HB_REPOSITORIES names no folder of fetched repositories")
@pytest.mark.parametrize("folder", sorted(Path(REPOSITORIES).iterdir()) if REPOSITORIES else [])
def test_a_public_repository_can_join(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "scratch").mkdir()
    looked = look(Wish(str(folder), "public-one"), tmp_path / "scratch", lambda _: None)
    assert looked.served.seconds < trial.START_SECONDS
