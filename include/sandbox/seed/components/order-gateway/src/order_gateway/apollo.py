"""The configuration service of Apollo: read a namespace, and wait for its next release."""

from __future__ import annotations

import http.client
import json
import os
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from order_gateway.configuration import Configuration

LONG_POLL_SECONDS = 95.0
"""The service answers a waiting call after 60 s by default, 90 s at most."""
READ_SECONDS = 5.0


class ApolloUnavailableError(Exception):
    """The service gave no usable answer; the message says which."""


@dataclass(frozen=True)
class Apollo:
    """One application's namespace at one configuration service."""

    url: str
    app: str
    cluster: str = "default"
    namespace: str = "application"

    @classmethod
    def from_environment(cls) -> Apollo | None:
        """The namespace named by APOLLO_*; None when no service is named."""
        url = os.environ.get("APOLLO_CONFIG_URL", "")
        if not url:
            return None
        return cls(
            url=url,
            app=os.environ.get("APOLLO_APP_ID", "order-gateway"),
            cluster=os.environ.get("APOLLO_CLUSTER", "default"),
            namespace=os.environ.get("APOLLO_NAMESPACE", "application"),
        )

    def read(self) -> Configuration:
        """The released configuration."""
        path = "/".join(quote(part, safe="") for part in (self.app, self.cluster, self.namespace))
        status, answer = self._get(f"/configs/{path}", READ_SECONDS)
        if status != 200 or not isinstance(answer, dict):
            raise ApolloUnavailableError(f"{self.url}/configs/{path} answered {status}")
        items = {str(key): str(value) for key, value in dict(answer["configurations"]).items()}
        return Configuration(items=items, source="apollo", release_key=str(answer.get("releaseKey", "")))

    def wait(self, notification: int) -> int:
        """Wait for a release after this notification; the same number when there was none."""
        asked = json.dumps([{"namespaceName": self.namespace, "notificationId": notification}])
        query = urlencode({"appId": self.app, "cluster": self.cluster, "notifications": asked})
        status, answer = self._get(f"/notifications/v2?{query}", LONG_POLL_SECONDS)
        if status == 304:
            return notification
        if status != 200 or not isinstance(answer, list) or not answer:
            raise ApolloUnavailableError(f"{self.url}/notifications/v2 answered {status}")
        return int(answer[0]["notificationId"])

    def _get(self, path: str, timeout: float) -> tuple[int, object]:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=timeout)
        try:
            connection.request("GET", parts.path.rstrip("/") + path)
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if response.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ApolloUnavailableError(f"{self.url}{path.partition('?')[0]}: {error}") from error
        finally:
            connection.close()
