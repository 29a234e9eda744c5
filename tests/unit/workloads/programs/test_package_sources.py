"""The indexes and the registry that count are those that pip and npm themselves name."""

from __future__ import annotations

from pathlib import Path

from hummingbird.scanners.declared.npm_registry import NpmRegistry
from hummingbird.workloads.process import clean_environment
from hummingbird.workloads.programs.installing import npm_shims
from hummingbird.workloads.programs.package_sources import PIP_DEFAULT, npm_registry, pip_indexes


def test_indexes_are_those_that_pip_itself_would_ask(tmp_path: Path) -> None:
    def told(**settings: str) -> list[str]:
        environment = clean_environment(tmp_path, {"PIP_CONFIG_FILE": "/dev/null", **settings})
        return pip_indexes(tmp_path, environment)

    assert told() == [PIP_DEFAULT]
    assert told(PIP_INDEX_URL="https://a.example/simple") == ["https://a.example/simple"]
    both = told(
        PIP_INDEX_URL="https://a.example/s/", PIP_EXTRA_INDEX_URL="https://a.example/s https://b.example"
    )
    assert both == ["https://a.example/s", "https://b.example"]
    assert told(PIP_FIND_LINKS="https://c.example/wheels") == [PIP_DEFAULT, "https://c.example/wheels"]
    assert told(PIP_NO_INDEX="1", PIP_FIND_LINKS="/wheels") == []
    assert told(PIP_EXTRA_INDEX_URL="file:///srv/simple", PIP_FIND_LINKS="/wheels") == [PIP_DEFAULT]
    settings = tmp_path / "pip.conf"
    settings.write_text(
        "[global]\nindex-url = https://a.example\n[install]\nextra-index-url =\n  https://b.example\n"
    )
    assert told(PIP_CONFIG_FILE=str(settings)) == ["https://a.example", "https://b.example"]


def test_the_registry_is_npm_s_own_and_no_checkout_s(tmp_path: Path) -> None:
    npm = npm_shims(tmp_path) / "npm"
    assert npm_registry(npm, tmp_path, clean_environment(tmp_path)) == NpmRegistry()
    more = {"NPM_CONFIG_REGISTRY": "https://npm.example/", "npm_config_replace_registry_host": "never"}
    told = npm_registry(npm, tmp_path, clean_environment(tmp_path, more))
    assert told == NpmRegistry("https://npm.example/", "never")
