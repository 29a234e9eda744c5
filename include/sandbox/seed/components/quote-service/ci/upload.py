"""Put the package into Artifactory by its REST API, with the checksum that it must arrive with."""

from __future__ import annotations

import base64
import http.client
import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from release import REPOSITORY, archive, archive_path, sha256

UPLOAD_SECONDS = 60


def upload(content: bytes, checksum: str) -> tuple[int, str]:
    """Status and text of Artifactory's answer."""
    parts = urlsplit(os.environ["ARTIFACTORY_URL"])
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    account = f"{os.environ['ARTIFACTORY_USER']}:{os.environ['ARTIFACTORY_TOKEN']}"
    headers = {
        "Authorization": "Basic " + base64.b64encode(account.encode("utf-8")).decode("ascii"),
        "Content-Type": "application/gzip",
        "X-Checksum-Sha256": checksum,
    }
    connection = kind(parts.netloc, timeout=UPLOAD_SECONDS)
    try:
        path = f"{parts.path.rstrip('/')}/{REPOSITORY}/{archive_path()}"
        connection.request("PUT", path, content, headers)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    finally:
        connection.close()


def main() -> int:
    """Upload, compare checksums, and leave package.json for the description of the build."""
    checksum = sha256(archive())
    status, text = upload(archive().read_bytes(), checksum)
    if status not in (200, 201):
        print(f"Artifactory answered {status}: {text[:500]}", file=sys.stderr)
        return 1
    arrived = json.loads(text)["checksums"]["sha256"]
    if arrived != checksum:
        print(f"sent sha256:{checksum}, Artifactory has sha256:{arrived}", file=sys.stderr)
        return 1
    package = {"repository": REPOSITORY, "path": archive_path(), "sha256": checksum}
    Path("package.json").write_text(json.dumps(package, indent=2) + "\n", "utf-8")
    print(f"{REPOSITORY}/{archive_path()} sha256:{checksum}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
