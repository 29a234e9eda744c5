"""Finding secrets where none may be: plain, base64 at any offset, URL-encoded, in hexadecimal, split up."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

SHORTEST = 12
"""What is shorter is found by accident too."""
_SPLIT = re.compile(rb"[\"']\s+[\"']|\\n|\\\s|\s+")


def forms(secret: str) -> dict[str, bytes]:
    """Every form in which the secret is looked for, by name."""
    raw = secret.encode()
    found = {"plain": raw, "url": quote(secret, safe="").encode(), "hex": raw.hex().encode()}
    for offset in range(3):
        # What stands before and after decides the edges: only the characters that are the secret's own count.
        encoded = base64.b64encode(b"\0" * offset + raw)
        own = encoded[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]
        found[f"base64+{offset}"] = own
        found[f"base64url+{offset}"] = own.translate(bytes.maketrans(b"+/", b"-_"))
    return found


class Hunt:
    """Secrets by name, and the places where a form of one was found."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        short = [name for name, secret in secrets.items() if len(secret) < SHORTEST]
        assert not short, f"too short to be looked for: {short}"
        needles: dict[bytes, str] = {}
        for name, secret in secrets.items():
            for form, needle in forms(secret).items():
                needles.setdefault(needle, f"{name} ({form})")
        self._needles = needles

    def in_text(self, text: bytes) -> set[str]:
        """Names and forms of what is in a text, as it is or split over lines."""
        joined = _SPLIT.sub(b"", text)
        return {name for needle, name in self._needles.items() if needle in text or needle in joined}

    def in_files(self, files: Iterable[Path]) -> Iterator[str]:
        """A line for every file with something in it."""
        for file in files:
            if found := self.in_text(file.read_bytes()):
                yield f"{file}: {', '.join(sorted(found))}"
