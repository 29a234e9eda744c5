"""`python -m sandbox.onebox.toolbox HOME PORT_BASE`: build the toolbox image onto the base, push it.

Talks to the registry as any CI job would, and leaves the digest where the connections are made from it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sandbox.onebox.package_sources import package_sources
from sandbox.onebox.place import Place
from sandbox.seed.harbor import base_image_reference


def main(arguments: list[str]) -> int:
    """The builder's exit code."""
    place = Place(Path(arguments[0]), int(arguments[1]))
    include = place.repository / "include"
    command = [sys.executable, "-m", "hummingbird.workloads", "build_image"]
    command += ["--registry", place.world.url("harbor"), "--repository", "platform/toolbox"]
    command += ["--base", base_image_reference(), "--tag", "sandbox"]
    command += ["--add", f"{include / 'hummingbird'}:/opt/hummingbird/hummingbird"]
    command += ["--env", "PYTHONPATH=/opt/hummingbird", "--workdir", "/opt/hummingbird"]
    for name, value in sorted(package_sources(place).items()):
        command += ["--env", f"{name}={value}"]
    command += ["--entrypoint", '["python3", "-m", "hummingbird.workloads"]']
    command += ["--digest-file", str(place.toolbox_digest_file)]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
