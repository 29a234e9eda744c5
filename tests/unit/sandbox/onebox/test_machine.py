import ast
import importlib.util
import socket
import sys
from pathlib import Path

import pytest

from sandbox.onebox import machine

ONEBOX = Path(machine.__file__).parent
BEFORE_INSTALLATION = ("__init__", "bootstrap", "machine", "environments", "package_index")


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_a_supported_python_is_taken(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", (*version, 1))
    machine.check_python()


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 14)])
def test_another_python_is_refused_with_the_mend(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", (*version, 1))
    with pytest.raises(machine.Lacking, match=rf"Python {version[0]}.{version[1]} is not supported.*PYTHON="):
        machine.check_python()


@pytest.mark.parametrize("name", BEFORE_INSTALLATION)
def test_what_runs_before_the_installation_parses_on_an_old_python(name):
    ast.parse((ONEBOX / f"{name}.py").read_text("utf-8"), feature_version=(3, 8))


def test_a_missing_venv_module_is_named_with_its_package(monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n: None if n == "ensurepip" else there(n))
    with pytest.raises(machine.Lacking, match=r"ensurepip module is missing.*apt install python3\.\d+-venv"):
        machine.check_venv()


def test_a_python_without_ssl_is_one_sentence(monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n: None if n == "_ssl" else there(n))
    with pytest.raises(machine.Lacking, match=r"was built without ssl.*PYTHON="):
        machine.check_venv()


def test_missing_git_is_one_sentence(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(machine.Lacking, match="git is missing; install it"):
        machine.check_git()


def test_too_little_disk_names_the_folder_and_the_variable(tmp_path):
    with pytest.raises(machine.Lacking, match=f"{tmp_path}.*HUMMINGBIRD_HOME"):
        machine.check_disk(tmp_path / "not" / "yet", 1 << 60)


def test_too_little_memory_is_refused_and_enough_is_not():
    machine.check_memory(1)
    with pytest.raises(machine.Lacking, match="of memory are available"):
        machine.check_memory(1 << 60)


def test_a_port_in_use_is_named_with_the_variable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(machine.Lacking, match=f"Port {port} is in use.*HUMMINGBIRD_PORT="):
            machine.check_ports(port)


@pytest.mark.parametrize("text", ["80", "70000", "many", "-5"])
def test_an_impossible_port_is_refused(text):
    with pytest.raises(machine.Lacking, match=f"HUMMINGBIRD_PORT={text}"):
        machine.port_base_from({"HUMMINGBIRD_PORT": text})


def test_home_and_port_have_defaults(tmp_path):
    assert machine.home_from({}, tmp_path) == tmp_path / ".hummingbird"
    assert machine.home_from({"HUMMINGBIRD_HOME": str(tmp_path / "x")}, tmp_path) == tmp_path / "x"
    assert machine.port_base_from({}) == 28080
