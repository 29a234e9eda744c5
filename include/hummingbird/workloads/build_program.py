"""`python -m hummingbird.workloads build_program`: a team's program as image, package and bill of materials.

For a CI job in a checkout: installs what the program needs into a layer of its own, keeps the sources as a
package, and leaves `build.json`. Reads BASE_IMAGE, HARBOR_URL, HARBOR_USER, HARBOR_PASSWORD, ARTIFACTORY_URL,
ARTIFACTORY_USER and ARTIFACTORY_TOKEN; nothing of it is Git's or one CI system's, but CI_COMMIT_SHA.
"""

from __future__ import annotations

import argparse
import json
import os
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from hummingbird.clients.artifactory import Artifactory
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.errors import Invalid
from hummingbird.workloads.images.build import Recipe, build
from hummingbird.workloads.images.image_config import Settings
from hummingbird.workloads.images.layer import Addition
from hummingbird.workloads.images.reference import base_image, repository_name
from hummingbird.workloads.images.registry import Registry
from hummingbird.workloads.images.registry_auth import Credentials
from hummingbird.workloads.prepare_program import prepare_tree
from hummingbird.workloads.process import clean_environment, run
from hummingbird.workloads.programs.sbom import bill
from hummingbird.workloads.progress import say

APP, PACKAGES = PurePosixPath("/app"), PurePosixPath("/opt/packages")
SBOM = "sbom.json"
RESULT = "build.json"
GIT_SECONDS = 120.0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    line = argparse.ArgumentParser(prog="python -m hummingbird.workloads build_program", description=__doc__)
    line.add_argument("--component", required=True)
    line.add_argument("--language", required=True, choices=("python", "javascript"))
    line.add_argument("--start", required=True, help="shell command that listens on $PORT")
    line.add_argument("--prepare", help="shell command to run once everything is installed")
    line.add_argument("--version-file", type=Path, required=True)
    line.add_argument("--repository", required=True, help="where the image goes: project/name")
    line.add_argument("--packages", required=True, help="Artifactory repository of the source package")
    return line


def main(arguments: list[str]) -> int:
    """Install, push, upload, describe; 0 when everything was read back."""
    options = parser().parse_args(arguments)
    commit = _needed("CI_COMMIT_SHA")
    version = options.version_file.read_text("utf-8").strip()
    with tempfile.TemporaryDirectory(prefix="program-") as folder:
        scratch = Path(folder)
        sources, tree = scratch / "sources.tar.gz", scratch / "app"
        _export(commit, sources, tree)
        prepare_tree(tree, options.language, scratch, options.prepare)
        digest = _image(options, commit, tree, scratch)
        sbom = bill(options.component, version, scratch / "packages", tree)
        package = _package(options, version, commit, sources.read_bytes())
    Path(SBOM).write_bytes(sbom)
    described = {
        "component": options.component,
        "version": version,
        "commit": commit,
        "image": {"repository": options.repository, "digest": digest},
        "packages": [package],
        "sbom": {"path": SBOM, "sha256": sha256_hex(sbom)},
    }
    Path(RESULT).write_text(json.dumps(described, indent=2) + "\n", "utf-8")
    say(f"{options.component} {version} at {commit[:12]}: {options.repository}@{digest}")
    return 0


def _export(commit: str, sources: Path, tree: Path) -> None:
    """The commit's files alone: what earlier jobs left in the checkout does not travel."""
    tree.mkdir()
    argv = ["git", "archive", "--format=tar.gz", f"--output={sources}", commit]
    ended = run(argv, cwd=Path.cwd(), env=clean_environment(sources.parent), seconds=GIT_SECONDS)
    if ended.code != 0 or not ended.in_time:
        raise Invalid(f"git archive of {commit[:12]} failed: {ended.err.strip()[-300:]}")
    with tarfile.open(sources) as archive:
        archive.extractall(tree, filter="data")


def _image(options: argparse.Namespace, commit: str, tree: Path, scratch: Path) -> str:
    packages = scratch / "packages"
    additions = [Addition(packages, PACKAGES)] if packages.is_dir() else []
    path = f"{PACKAGES}/bin:{APP}/node_modules/.bin:/usr/local/bin:/usr/bin:/bin"
    env = {"PATH": path, "HOME": "/tmp"}  # noqa: S108 - the only folder that a pod may write to
    if options.language == "python":
        env["PYTHONPATH"] = f"{APP}/src:{APP}:{PACKAGES}"
    recipe = Recipe(
        base=base_image(_needed("BASE_IMAGE")),
        repository=repository_name(options.repository, "--repository"),
        additions=[*additions, Addition(tree, APP)],
        settings=Settings(
            workdir=str(APP),
            env=env,
            cmd=["sh", "-c", shell_line(options.start)],
            labels={"org.opencontainers.image.revision": commit},
        ),
        tag=commit,
    )
    registry = Registry(
        _needed("HARBOR_URL"), Credentials(_needed("HARBOR_USER"), _needed("HARBOR_PASSWORD"))
    )
    return build(recipe, registry, scratch, say)


def shell_line(start: str) -> str:
    """The start command so that signals reach the program itself, where it is one plain command."""
    if any(mark in start for mark in ("&", ";", "|", "\n")):
        return start
    first = start.split(maxsplit=1)[0] if start.split() else ""
    return f"exec env {start}" if "=" in first else f"exec {start}"


def _package(options: argparse.Namespace, version: str, commit: str, content: bytes) -> dict[str, str]:
    store = Artifactory(_needed("ARTIFACTORY_URL"), _needed("ARTIFACTORY_USER"), _needed("ARTIFACTORY_TOKEN"))
    path = f"{options.component}/{version}/{commit}/{options.component}-{version}.tar.gz"
    address = store.put(options.packages, path, content, "application/gzip")
    say(f"sources kept as {address}")
    return {"repository": options.packages, "path": path, "sha256": sha256_hex(content)}


def _needed(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise Invalid(f"{name} is not set; the CI project's variables must give it")
    return value
