"""From a path inside a container to the folder on this machine that stands for it.

A pod here has no file system of its own, so its programs learn paths from environment and arguments, and
those are rewritten: a value (or a member of a colon-separated value) that equals or lies under a mount path,
or that exists in the image's root folder. In scripts given to `-c`, mount paths are replaced where they are.
"""

from __future__ import annotations

import os
import re
from pathlib import Path


class PathMap:
    """The mounts of one container and the root folder of its image."""

    def __init__(self, mounts: list[tuple[str, str]], root: str) -> None:
        self.mounts = sorted(((at.rstrip("/"), to) for at, to in mounts), key=lambda each: -len(each[0]))
        self.root = root
        self._found = re.compile(
            r"(?<![\w./-])(" + "|".join(re.escape(at) for at, _ in self.mounts) + r")(?=/|$|[^\w.-])"
        )

    def path(self, text: str) -> str:
        """One path on this machine; anything else as it is."""
        if not text.startswith("/") or text.startswith("//"):
            return text
        for at, to in self.mounts:
            if text == at or text.startswith(f"{at}/"):
                return to + text[len(at) :]
        if self.root and text != "/":
            inside = f"{self.root}{text}"
            if os.path.lexists(inside):
                return inside
        return text

    def value(self, text: str) -> str:
        """A value of the environment: every member between colons is looked at."""
        return ":".join(self.path(each) for each in text.split(":"))

    def arguments(self, arguments: list[str]) -> list[str]:
        """Arguments, with `--option=PATH` and the script after `-c`."""
        result: list[str] = []
        for number, each in enumerate(arguments):
            if number and arguments[number - 1] == "-c":
                result.append(self.script(each))
            elif each.startswith("-") and "=" in each:
                option, _, value = each.partition("=")
                result.append(f"{option}={self.value(value)}")
            else:
                result.append(self.value(each))
        return result

    def script(self, text: str) -> str:
        """A script with every mount path replaced."""
        if not self.mounts:
            return text
        targets = dict(self.mounts)
        return self._found.sub(lambda match: targets[match[1]], text)

    def program(self, name: str, search: str, folder: str) -> str | None:
        """The executable file that argv[0] names, in the image, on PATH, or among the machine's own."""
        if "/" not in name:
            candidates = [str(Path(each) / name) for each in search.split(":") if each]
        else:
            mapped = self.path(name)
            candidates = [mapped if mapped.startswith("/") else str(Path(folder) / mapped)]
            if mapped == name and Path(name).parent.as_posix() in _PROGRAM_FOLDERS:
                # A base image's own program, which here is the machine's.
                candidates += [str(Path(each) / Path(name).name) for each in search.split(":") if each]
        for each in candidates:
            if Path(each).is_file() and os.access(each, os.X_OK):
                return each
        return None


_PROGRAM_FOLDERS = {"/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin"}
