"""Loads the configuration at start: Apollo's release, else property files.

Another configuration means another pod: nothing changes under a running one.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
from pathlib import Path
from urllib.parse import quote, urlsplit

from quote_service.book import Book
from quote_service.configuration import Configuration, ConfigurationError, read_files

log = logging.getLogger(__name__)
READ_SECONDS = 5.0


class ApolloUnavailableError(Exception):
    """The configuration service gave no usable answer; the message says which."""


def load(book: Book) -> None:
    """Give the book its configuration, or the reason why there is none."""
    try:
        configuration = _read()
    except ConfigurationError as error:
        book.reject(str(error))
        log.error("not ready: %s", error)
        return
    taken = book.take(configuration)
    outcome = "taken" if taken else f"refused, {book.rejection}"
    log.info("configuration %s from %s: %s", configuration.sha256, configuration.source, outcome)


def fallback_files() -> list[Path]:
    """The property files named by QUOTE_SERVICE_CONFIG, separated as PATH is."""
    names = os.environ.get("QUOTE_SERVICE_CONFIG", "")
    return [Path(name) for name in names.split(os.pathsep) if name]


def _read() -> Configuration:
    url = os.environ.get("APOLLO_CONFIG_URL", "")
    why = "no configuration service is named"
    if url:
        try:
            return read_release(url)
        except ApolloUnavailableError as error:
            why = str(error)
    files = fallback_files()
    if not files:
        raise ConfigurationError(f"{why}, and QUOTE_SERVICE_CONFIG names no file")
    log.info("taking the configuration from files: %s", why)
    return read_files(files)


def read_release(url: str) -> Configuration:
    """The released configuration of the namespace that APOLLO_* name."""
    names = (
        os.environ.get("APOLLO_APP_ID", "quote-service"),
        os.environ.get("APOLLO_CLUSTER", "default"),
        os.environ.get("APOLLO_NAMESPACE", "application"),
    )
    parts = urlsplit(url)
    path = f"{parts.path.rstrip('/')}/configs/{'/'.join(quote(name, safe='') for name in names)}"
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=READ_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise ApolloUnavailableError(f"{url} answered {response.status}")
        answer = json.loads(text)
        items = {str(key): str(value) for key, value in dict(answer["configurations"]).items()}
        return Configuration(items=items, source="apollo", release_key=str(answer.get("releaseKey", "")))
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise ApolloUnavailableError(f"{url}: {error}") from error
    finally:
        connection.close()
