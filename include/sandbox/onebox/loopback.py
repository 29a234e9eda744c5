"""`python -m sandbox.onebox.loopback COMPONENT…`: an Airflow component that serves this machine only.

Airflow 3.3.2 serves task logs on every interface (airflow/utils/serve_logs/core.py passes uvicorn an empty
host) and has no setting for it. Here an empty host means the loopback address.
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

LOOPBACK = "127.0.0.1"


def host_name() -> str:
    """What Airflow calls this machine: the address its log servers listen on."""
    return LOOPBACK


def main(arguments: list[str]) -> None:
    """Run the `airflow` command line, with every server on the loopback address."""
    listen = uvicorn.run

    def on_loopback(app: Any, *, host: str = LOOPBACK, **settings: Any) -> None:
        listen(app, host=host or LOOPBACK, **settings)

    # Its processes are forks of this one, so they inherit this.
    uvicorn.run = on_loopback
    from airflow.__main__ import main as airflow  # noqa: PLC0415 - after the line above, which it must see

    sys.argv = ["airflow", *arguments]
    airflow()


if __name__ == "__main__":
    main(sys.argv[1:])
