"""Configuration files: the plain subset of Java properties that Apollo shows and edits."""

from __future__ import annotations

from hummingbird.core.errors import Invalid


def parse_properties(content: bytes, name: str) -> dict[str, str]:
    """`key = value` lines in UTF-8, `#` comments; raises Invalid naming file and line."""
    items: dict[str, str] = {}
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"{name}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", "!")):
            continue
        key, equals, value = stripped.partition("=")
        if not equals or not key.strip():
            raise Invalid(f"{name}:{number}: expected `key = value`, found {stripped[:60]!r}")
        if key.strip() in items:
            raise Invalid(f"{name}:{number}: {key.strip()} is set twice")
        items[key.strip()] = value.strip()
    return items
