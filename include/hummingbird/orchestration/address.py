"""Where a connection leads."""

from __future__ import annotations

from airflow.sdk import Connection


def address(connection: Connection) -> str:
    """`scheme://host:port` of a connection, whether its host holds a scheme or not."""
    host = connection.host or ""
    if "://" in host:
        return host.rstrip("/")
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{host}{port}"
