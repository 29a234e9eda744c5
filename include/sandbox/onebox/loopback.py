"""Airflow's log servers on the loopback address.

Airflow 3.3.2 serves task logs on every interface (airflow/utils/serve_logs/core.py passes uvicorn an empty
host) and has no setting for it. Here an empty host means the loopback address.
"""

from __future__ import annotations

from typing import Any

import uvicorn

LOOPBACK = "127.0.0.1"


def host_name() -> str:
    """What Airflow calls this machine: the address its log servers listen on."""
    return LOOPBACK


def serve_on_loopback() -> None:
    """From now on a server of this process, and of its forks, that names no host listens on loopback."""
    listen = uvicorn.run

    def on_loopback(app: Any, *, host: str = LOOPBACK, **settings: Any) -> None:
        listen(app, host=host or LOOPBACK, **settings)

    uvicorn.run = on_loopback
