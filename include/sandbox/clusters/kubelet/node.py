"""What every pod on a node shares: the store, the images, file events, ports, where things lie."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.clusters.events import Events
from sandbox.clusters.images.cache import ImageCache
from sandbox.clusters.store import Store
from sandbox.clusters.tokens import Tokens
from sandbox.file_events import FileEvents


@dataclass
class Node:
    """One cluster's only node."""

    store: Store
    events: Events
    tokens: Tokens
    images: ImageCache
    files: FileEvents
    folder: Path
    tools: Path
    authority: bytes
    api_port: int
    ports: set[int] = field(default_factory=set)
    configuration: asyncio.Event = field(default_factory=asyncio.Event)

    async def configuration_change(self, seconds: float) -> None:
        """Wait until a Secret or ConfigMap is written, or for so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self.configuration.wait()
        except TimeoutError:
            return

    def configuration_changed(self) -> None:
        """Wake everyone who waits for a Secret or ConfigMap."""
        self.configuration.set()
        self.configuration = asyncio.Event()
