"""What pip and npm say about content with another hash, in a sentence with file, package and mend."""

from __future__ import annotations

import re
from pathlib import Path

from hummingbird.scanners.declared.npm_lock import locked_names

_PIP = re.compile(
    r"^\s*(?P<package>[^\s@]+)[^\n]*? from \S+"
    r"(?: \(from -r (?P<file>.+?) \(line (?P<line>\d+)\)\))?[^\n]*:\s+"
    r"Expected \w+ (?P<wanted>\S+)\s+(?:or \S+\s+)*Got\s+(?P<got>[0-9a-f]+)",
    re.MULTILINE,
)
_NPM = re.compile(
    r"integrity checksum failed when using \w+: wanted (?P<wanted>\S+) but got (?P<got>\S+?)\.? "
)
MEND = (
    "What is served is not what was locked: somebody replaced it, or the lock is of another build. Compare "
    "with who publishes it, and make the lock anew only when its change is explained"
)


def pip_mismatch(folder: Path, said: str) -> str | None:
    """The sentence, or None when pip did not end for this reason."""
    found = _PIP.search(said) if "DO NOT MATCH THE HASHES" in said else None
    if found is None:
        return None
    place = f"{_relative(folder, found['file'])}:{found['line']}" if found["file"] else "the requirements"
    return f"{place}: {found['package']} must have hash {found['wanted']} and has {found['got']}. {MEND}"


def npm_mismatch(folder: Path, lock: str | None, said: str) -> str | None:
    """The sentence, or None when npm did not end for this reason."""
    found = _NPM.search(said) if "EINTEGRITY" in said else None
    if found is None:
        return None
    text = (folder / lock).read_text("utf-8", "replace") if lock else ""
    packages = " or ".join(locked_names(text, found["wanted"])) or "a package"
    place = lock or "the registry's own document"
    return f"{place}: {packages} must have integrity {found['wanted']} and has {found['got']}. {MEND}"


def _relative(folder: Path, file: str) -> str:
    return file.removeprefix(f"{folder}/")
