"""What can go wrong, by name: where it takes effect and which settings it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of fault; `settings` are the defaults, whose types the given values must have."""

    where: str
    """`call`: answers to calls. `door`: whether the system is reached at all. `webhook`, `pod`."""
    about: str
    settings: dict[str, Any]


_FOREVER = 0.0

KINDS: dict[str, Kind] = {
    "latency": Kind("call", "the answer begins later", {"seconds": 1.0}),
    "status": Kind(
        "call",
        "an error status; retry_after in seconds, retry_date writes a date; body json, html or empty",
        {"status": 503, "retry_after": -1.0, "retry_date": False, "body": "json", "acting": False},
    ),
    "throttle": Kind("call", "429 with Retry-After", {"retry_after": 1.0, "retry_date": False}),
    "html": Kind("call", "status 200 with a page instead of the answer", {"acting": False}),
    "truncate": Kind("call", "a complete answer whose content stops midway", {"bytes": -1}),
    "drip": Kind("call", "the answer byte by byte", {"bytes_per_second": 1.0}),
    "reset": Kind("call", "the connection is reset after so many bytes of the body", {"bytes": 20}),
    "drop_answer": Kind("call", "acts, then closes without an answer", {}),
    "upload_cut": Kind(
        "call", "reads so many bytes of the request's body, then resets; acts not", {"bytes": 1000}
    ),
    "watch_gone": Kind("call", "a watch answers with one ERROR event, code 410", {}),
    "watch_dropped": Kind("call", "the connection ends after so many seconds", {"seconds": 0.5}),
    "gone": Kind("door", "connections are refused; pods go on; 0 s: until cleared", {"seconds": _FOREVER}),
    "blackhole": Kind("door", "nothing is answered any more; 0 s: until cleared", {"seconds": _FOREVER}),
    "webhook_lost": Kind("webhook", "is never sent", {}),
    "webhook_doubled": Kind("webhook", "is sent twice with the same id", {}),
    "webhook_delayed": Kind("webhook", "is sent later; those behind it overtake", {"seconds": 5.0}),
    "webhook_reordered": Kind("webhook", "is sent after the hook's next one", {}),
    "pod_deleted": Kind("pod", "somebody deletes it", {"seconds": 0.0, "grace": 1}),
    "pod_evicted": Kind("pod", "the node, low on memory, evicts it", {"seconds": 0.0}),
    "pod_oom": Kind("pod", "a container of it is killed, out of memory", {"seconds": 0.0, "container": ""}),
}
"""`seconds` of a pod's fault: after it was seen running."""
