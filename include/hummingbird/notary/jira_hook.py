"""Who sent a webhook of Jira, and about which issue: a hint alone, what it says is read back from Jira.

`X-Hub-Signature: sha256=<hex>` over the body, keyed with the hook's secret:
https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks
"""

from __future__ import annotations

import hashlib
import hmac

from hummingbird.core.story import StoryKey, story_key
from hummingbird.notary.strict_json import parse
from hummingbird.notary.tokens import Unauthorised


def issue_of(signature: str | None, body: bytes, secret: str) -> StoryKey:
    """The issue that changed; Unauthorised where the body is not signed, Invalid where it names none."""
    right = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    told = (signature or "").encode("utf-8", "surrogateescape")
    if not secret or not hmac.compare_digest(told, right.encode()):
        raise Unauthorised("the header X-Hub-Signature is missing or wrong")
    issue = parse(body, "webhook").get("issue")
    return story_key(issue.get("key") if isinstance(issue, dict) else None)
