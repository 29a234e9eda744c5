"""Webhooks about changed issues, signed as Jira Cloud signs them.

https://developer.atlassian.com/cloud/jira/platform/webhooks/: `X-Hub-Signature: sha256=…` over the body with
the hook's secret; five tries while the other end does not answer 2xx. Hooks are set up in
`jira/webhooks.json`: `[{"url": …, "secret": …}]`, as an administrator would on Jira's page.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

Json = dict[str, Any]
TRIES = 5
PAUSE_SECONDS = 2.0
log = logging.getLogger("sandbox.jira.access")


class Webhooks:
    """Tells every hook of the file about a change, each in a thread of its own."""

    def __init__(self, file: Path, describe: Callable[[str], Json], person: Callable[[str], Json]) -> None:
        self._file = file
        self._describe = describe
        self._person = person

    def tell(self, key: str, user: str, items: list[Json]) -> None:
        """One delivery to each hook."""
        if not self._file.exists():
            return
        document = {
            "timestamp": int(time.time() * 1000),
            "webhookEvent": "jira:issue_updated",
            "issue_event_type_name": "issue_generic",
            "user": self._person(user),
            "issue": self._describe(key),
            "changelog": {"id": str(time.time_ns()), "items": items},
        }
        body = json.dumps(document).encode("utf-8")
        for hook in json.loads(self._file.read_text("utf-8")):
            threading.Thread(target=_deliver, args=(hook, body), daemon=True).start()


def _deliver(hook: Json, body: bytes) -> None:
    signature = hmac.new(hook["secret"].encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Hub-Signature": f"sha256={signature}",
        "X-Atlassian-Webhook-Identifier": uuid.uuid4().hex,
    }
    for number in range(1, TRIES + 1):
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.post(hook["url"], body, headers=headers, timeout=10)
                answer.raise_for_status()
            log.info("webhook %s %s", hook["url"], answer.status_code)
            return
        except requests.RequestException as error:
            log.info("webhook %s: %s (try %s)", hook["url"], error, number)
        if number < TRIES:
            time.sleep(PAUSE_SECONDS)
