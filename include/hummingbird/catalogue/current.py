"""The catalogue as it lies on disk now: an edit counts from the next decision on."""

from __future__ import annotations

import threading
from pathlib import Path

from hummingbird.catalogue.folders import files_of
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.catalogue import Catalogue

_Signature = tuple[tuple[str, int, int], ...]


class CatalogueFolder:
    """Reads the folders again only when a file of them changed."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._lock = threading.Lock()
        self._known: tuple[_Signature, Catalogue] | None = None

    def current(self) -> Catalogue:
        """The catalogue; Invalid names file, line and field when it is broken: then nothing is decided."""
        with self._lock:
            signature = self._signature()
            if self._known is None or self._known[0] != signature:
                self._known = (signature, load_catalogue(*self._folders))
            return self._known[1]

    def _signature(self) -> _Signature:
        return tuple(
            (str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files_of(self._folders)
        )
