"""Files of secrets: nobody may read them but the notary."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from hummingbird.core.errors import Invalid


def require_private(path: Path) -> None:
    """Invalid when others may read the file; OSError when it is missing.

    Kubernetes mounts a Secret as root's file of mode 0440, readable through the pod's own group: the group
    may read what is not our file. A file of ours needs no group.
    """
    found = path.stat()
    group = stat.S_IRWXG if found.st_uid == os.geteuid() else stat.S_IWGRP | stat.S_IXGRP
    if found.st_mode & (group | stat.S_IRWXO):
        raise Invalid(f"{path}: others may read this secret; run chmod 600 on it")
