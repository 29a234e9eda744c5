"""Where npm would take packages from: the configured registry, by hash, and no place of the checkout's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hummingbird.scanners.declared.npm_lock import lock_problems, locked_names
from hummingbird.scanners.declared.npm_manifest import manifest_problems
from hummingbird.scanners.declared.npm_registry import NpmRegistry, registry_of
from hummingbird.scanners.declared.npmrc import npmrc_problems
from hummingbird.scanners.declared.problem import (
    DIRECT,
    NO_INTEGRITY,
    NOT_READ,
    OTHER_SOURCE,
    OUTSIDE,
    RESOLVED_ELSEWHERE,
    UNVERIFIED_HOST,
)

OURS = NpmRegistry("https://npm.example/all/")
PUBLIC = "https://registry.npmjs.org"
TARBALL = "left/-/left-1.0.0.tgz"
HASH = "sha512-AAAA"


def flat(entry: dict[str, Any], **root: Any) -> str:
    return json.dumps({"lockfileVersion": 3, "packages": {"": root, "node_modules/left": entry}}, indent=1)


def nested(entry: dict[str, Any]) -> str:
    right = {"version": "1.0.0", "integrity": HASH, "dependencies": {"left": entry}}
    return json.dumps({"lockfileVersion": 1, "dependencies": {"right": right}}, indent=1)


@pytest.mark.parametrize("written", [flat, nested])
@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ({"resolved": f"https://npm.example/all/{TARBALL}", "integrity": HASH}, None),
        ({"resolved": f"{PUBLIC}/{TARBALL}", "integrity": HASH}, None),
        ({"version": "1.0.0", "integrity": HASH}, None),
        ({"resolved": "file:vendor/left.tgz"}, None),
        ({"version": "1.0.0"}, NO_INTEGRITY),
        ({"resolved": f"{PUBLIC}/{TARBALL}"}, NO_INTEGRITY),
        ({"resolved": f"https://evil.example/{TARBALL}", "integrity": HASH}, RESOLVED_ELSEWHERE),
        ({"resolved": f"http://npm.example/all/{TARBALL}", "integrity": HASH}, RESOLVED_ELSEWHERE),
        ({"resolved": f"https://npm.example.evil.example/{TARBALL}", "integrity": HASH}, RESOLVED_ELSEWHERE),
        ({"resolved": f"https://npm.example@evil.example/{TARBALL}", "integrity": HASH}, RESOLVED_ELSEWHERE),
        ({"resolved": "git+ssh://git@a.example/left.git#abc", "integrity": HASH}, DIRECT),
        ({"resolved": "file:../left"}, OUTSIDE),
    ],
)
def test_a_lock_holds_every_package_to_a_hash_and_the_registry(
    written: Any, entry: dict[str, Any], rule: str | None
) -> None:
    problems = lock_problems("package-lock.json", written(entry), OURS)
    assert [one.rule for one in problems] == ([rule] if rule else [])
    assert all("left" in one.says and one.line > 1 for one in problems)


def test_old_locks_say_repository_and_address_as_the_version() -> None:
    git = nested({"version": "github:a/left#abc", "from": "github:a/left"})
    assert [one.rule for one in lock_problems("package-lock.json", git, OURS)] == [DIRECT]
    address = nested({"version": f"https://evil.example/{TARBALL}", "integrity": HASH})
    assert [one.rule for one in lock_problems("package-lock.json", address, OURS)] == [RESOLVED_ELSEWHERE]
    assert lock_problems("package-lock.json", nested({"version": "1.0.0", "bundled": True}), OURS) == []


def test_an_address_that_package_json_names_stands_with_a_hash() -> None:
    address = f"https://evil.example/{TARBALL}"
    wants = {"dependencies": {"left": address}}
    assert lock_problems("l", flat({"resolved": address, "integrity": HASH}, **wants), OURS) == []
    assert [one.rule for one in lock_problems("l", flat({"resolved": address}, **wants), OURS)] == [
        NO_INTEGRITY
    ]


def test_workspaces_and_what_came_inside_a_package_have_no_source() -> None:
    packages = {
        "": {"workspaces": ["lib"]},
        "lib": {"version": "1.0.0"},
        "node_modules/lib": {"resolved": "lib", "link": True},
        "node_modules/left/node_modules/inner": {"version": "1.0.0", "inBundle": True},
    }
    assert lock_problems("l", json.dumps({"packages": packages}), OURS) == []
    outside = {"": {}, "node_modules/lib": {"resolved": "../lib", "link": True}}
    assert [one.rule for one in lock_problems("l", json.dumps({"packages": outside}), OURS)] == [OUTSIDE]


def test_npm_swaps_the_host_that_it_is_told_to_swap() -> None:
    assert NpmRegistry("https://npm.example").serves(f"{PUBLIC}/{TARBALL}")
    assert not NpmRegistry("https://npm.example", "never").serves(f"{PUBLIC}/{TARBALL}")
    assert NpmRegistry("https://npm.example", "always").serves(f"https://other.example/{TARBALL}")
    assert NpmRegistry("https://npm.example", "other.example").serves(f"https://other.example/{TARBALL}")
    assert not NpmRegistry("https://npm.example", "other.example").serves(f"{PUBLIC}/{TARBALL}")
    told = {
        "NPM_CONFIG_REGISTRY": "https://npm.example",
        "npm_config_replace_registry_host": "never",
        "X": "y",
    }
    assert registry_of(told) == NpmRegistry("https://npm.example", "never")
    assert registry_of({}) == NpmRegistry()


@pytest.mark.parametrize(
    ("spec", "unlocked", "locked"),
    [
        ("^1.0.0", None, None),
        ("latest", None, None),
        ("npm:@acme/left@1", None, None),
        ("file:./lib", None, None),
        ("workspace:*", None, None),
        ("https://a.example/left.tgz", DIRECT, None),
        ("a/left", DIRECT, DIRECT),
        ("github:a/left#v1", DIRECT, DIRECT),
        ("git@a.example:b/left.git", DIRECT, DIRECT),
        ("git+https://a.example/left.git#abc", DIRECT, DIRECT),
        ("https://a.example/left.git", DIRECT, DIRECT),
        ("file:../left", OUTSIDE, OUTSIDE),
    ],
)
def test_a_manifest_asks_for_versions_and_for_addresses_where_a_lock_holds_the_hash(
    spec: str, unlocked: str | None, locked: str | None
) -> None:
    for group in ({"devDependencies": {"left": spec}}, {"overrides": {"right": {"left": spec}}}):
        text = json.dumps(group, indent=1)
        for rule, is_locked in ((unlocked, False), (locked, True)):
            found = manifest_problems("package.json", text, locked=is_locked)
            assert [one.rule for one in found] == ([rule] if rule else []), (spec, is_locked)
            assert all(text.splitlines()[one.line - 1].strip().startswith('"left"') for one in found)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("save-exact=true", None),
        ("; registry=https://a.example", None),
        ("//npm.example/:_authToken=${TOKEN}", None),
        ("registry=https://a.example", OTHER_SOURCE),
        (" Registry = https://a.example", OTHER_SOURCE),
        ("@acme:registry=https://a.example", OTHER_SOURCE),
        ('"\\u0072egistry"=https://a.example', OTHER_SOURCE),
        ("'registry'=https://a.example", OTHER_SOURCE),
        ("replace-registry-host=never", OTHER_SOURCE),
        ("strict-ssl=false", UNVERIFIED_HOST),
        ("cafile=./ca.pem", UNVERIFIED_HOST),
        ("${WHAT}=https://a.example", NOT_READ),
    ],
)
def test_settings_of_a_checkout_choose_no_source(line: str, rule: str | None) -> None:
    found = npmrc_problems(".npmrc", f"fund=false\n{line}\n")
    assert [(one.line, one.rule) for one in found] == ([(2, rule)] if rule else [])


def test_what_is_no_json_is_not_clean() -> None:
    for text in ("{", "[]"):
        assert [one.rule for one in lock_problems("l", text, OURS)] == [NOT_READ]
        assert [one.rule for one in manifest_problems("p", text, locked=True)] == [NOT_READ]


def test_packages_are_found_by_their_hash() -> None:
    for text in (flat({"integrity": f"sha1-BB {HASH}"}), nested({"integrity": HASH})):
        assert "left" in locked_names(text, HASH)
    assert locked_names(flat({"integrity": HASH}), "sha512-BBBB") == []
