"""Bake version and commit into the sources, and the version into the metadata that the SBOM is made of."""

from __future__ import annotations

import json
from pathlib import Path

from release import COMPONENT, DIST, commit, version

stamp = {"commit": commit(), "component": COMPONENT, "version": version()}
Path("src/quote_service/build_info.json").write_text(json.dumps(stamp) + "\n", "utf-8")
metadata = Path("pyproject.toml").read_text("utf-8")
DIST.mkdir(exist_ok=True)
(DIST / "pyproject.toml").write_text(
    metadata.replace('dynamic = ["version"]', f'version = "{version()}"'), "utf-8"
)
print(f"{COMPONENT} {version()} at {commit()}")
