"""One chat room's incoming webhook (Slack, Mattermost, Rocket.Chat and others take `{"text": …}`)."""

from __future__ import annotations

from urllib.parse import urlsplit

from hummingbird.clients.http import Site


class Chat:
    """A room; the address is the secret."""

    def __init__(self, url: str, *, verify: bool | str = True) -> None:
        parts = urlsplit(url)
        self._path = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
        self._site = Site("chat", f"{parts.scheme}://{parts.netloc}", verify=verify)

    def close(self) -> None:
        """Close all connections."""
        self._site.close()

    def say(self, text: str) -> None:
        """Post a message to the room."""
        self._site.call("POST", self._path, about="a message to the room", document={"text": text})
