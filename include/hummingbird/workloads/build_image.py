"""`python -m hummingbird.workloads build_image`: an image without a daemon, for a CI job or a bootstrap.

Credentials come from HARBOR_USER and HARBOR_PASSWORD. The same base, files and options give the same digest.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from hummingbird.core.artifact import SBOM_TYPE, Image
from hummingbird.core.errors import Invalid
from hummingbird.workloads.images.build import Recipe, build
from hummingbird.workloads.images.image_config import Settings, pairs, words
from hummingbird.workloads.images.layer import OWNER, Addition
from hummingbird.workloads.images.reference import base_image, repository_name, tag_name
from hummingbird.workloads.images.registry import Registry
from hummingbird.workloads.images.registry_auth import Credentials
from hummingbird.workloads.progress import say


def parser() -> argparse.ArgumentParser:
    """The command line."""
    line = argparse.ArgumentParser(prog="python -m hummingbird.workloads build_image", description=__doc__)
    line.add_argument("--base", required=True, help="repository@sha256:… in the same registry, or `scratch`")
    line.add_argument("--registry", required=True, help="base URL of the registry")
    line.add_argument("--repository", required=True, help="where the image goes: project/name")
    line.add_argument("--add", action="append", default=[], metavar="SRC:DEST", help="one layer each")
    line.add_argument("--workdir")
    line.add_argument("--env", action="append", default=[], metavar="KEY=VALUE")
    line.add_argument("--cmd", help="JSON list of strings")
    line.add_argument("--entrypoint", help="JSON list of strings")
    line.add_argument("--label", action="append", default=[], metavar="KEY=VALUE")
    line.add_argument("--user", default=str(OWNER))
    line.add_argument("--platform", default="linux/amd64", help="which image of a base with several")
    line.add_argument("--tag", help="a name for people; the digest is what counts")
    line.add_argument("--sbom", type=Path, help="CycloneDX JSON to attach to the image")
    line.add_argument("--digest-file", type=Path, help="where the digest is written")
    return line


def recipe(options: argparse.Namespace) -> Recipe:
    """The recipe of a command line; Invalid names the option that is wrong."""
    return Recipe(
        base=None if options.base == "scratch" else base_image(options.base),
        repository=repository_name(options.repository, "--repository"),
        additions=[Addition.parse(text) for text in options.add],
        settings=Settings(
            workdir=options.workdir,
            env=pairs(options.env, "--env"),
            cmd=words(options.cmd, "--cmd"),
            entrypoint=words(options.entrypoint, "--entrypoint"),
            labels=pairs(options.label, "--label"),
            user=options.user,
        ),
        tag=tag_name(options.tag) if options.tag else None,
        platform=options.platform,
    )


def main(arguments: list[str]) -> int:
    """Build, push, write the digest file; 0 when the registry confirmed the digest."""
    options = parser().parse_args(arguments)
    wanted = recipe(options)
    if options.sbom and not options.sbom.is_file():
        raise Invalid(f"--sbom {options.sbom}: no such file")
    credentials = _credentials()
    registry = Registry(options.registry, credentials)
    with tempfile.TemporaryDirectory(prefix="image-") as scratch:
        digest = build(wanted, registry, Path(scratch), say)
    if options.sbom:
        from hummingbird.clients.harbor import Harbor  # noqa: PLC0415 - only a build with an SBOM pays for it

        image = Image(repository=wanted.repository, digest=digest)
        harbor = Harbor(options.registry, credentials.user, credentials.password)
        attached = harbor.attach(image, SBOM_TYPE, SBOM_TYPE, options.sbom.read_bytes())
        say(f"SBOM attached as {attached}")
    if options.digest_file:
        options.digest_file.write_text(f"{digest}\n", "utf-8")
    say(f"{wanted.repository}@{digest}")
    return 0


def _credentials() -> Credentials:
    user, password = os.environ.get("HARBOR_USER"), os.environ.get("HARBOR_PASSWORD")
    if not user or not password:
        raise Invalid("HARBOR_USER and HARBOR_PASSWORD must name an account that may push")
    return Credentials(user, password)
