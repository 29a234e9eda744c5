"""Write build.json: all that this pipeline made, by digest."""

from __future__ import annotations

import json
from pathlib import Path

from release import COMPONENT, commit, sha256, version

SBOM = Path("sbom.json")

build = {
    "component": COMPONENT,
    "version": version(),
    "commit": commit(),
    "image": {
        "repository": "trading-dev/quote-service",
        "digest": Path("image-digest.txt").read_text("utf-8").strip(),
    },
    "packages": [json.loads(Path("package.json").read_text("utf-8"))],
    "sbom": {"path": SBOM.name, "sha256": sha256(SBOM)},
}
Path("build.json").write_text(json.dumps(build, indent=2) + "\n", "utf-8")
print(f"{COMPONENT} {version()} {build['image']}")
