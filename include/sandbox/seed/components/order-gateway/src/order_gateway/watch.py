"""Keeps the gateway's configuration current: Apollo first, files while Apollo gives no answer."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from order_gateway.apollo import Apollo, ApolloUnavailableError
from order_gateway.configuration import ConfigurationError, read_files
from order_gateway.gateway import Gateway

log = logging.getLogger(__name__)
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


def fallback_files() -> list[Path]:
    """The property files named by ORDER_GATEWAY_CONFIG, separated as PATH is."""
    names = os.environ.get("ORDER_GATEWAY_CONFIG", "")
    return [Path(name) for name in names.split(os.pathsep) if name]


class ConfigurationWatch:
    """One thread that waits for releases until it is stopped."""

    def __init__(self, gateway: Gateway, apollo: Apollo | None, files: list[Path]) -> None:
        self._gateway = gateway
        self._apollo = apollo
        self._files = files
        self._stopped = threading.Event()

    def start(self) -> None:
        """Load a first configuration, then follow Apollo's releases in the background."""
        if self._apollo is None:
            self.load_files("no configuration service is named")
            return
        threading.Thread(target=self._follow, args=(self._apollo,), name="apollo", daemon=True).start()

    def stop(self) -> None:
        """Follow no more; a waiting call ends with the process."""
        self._stopped.set()

    def load_files(self, why: str) -> None:
        """Take the fallback files, unless a configuration is in force already."""
        if self._gateway.configuration is not None:
            return
        if not self._files:
            self._gateway.reject(f"{why}, and ORDER_GATEWAY_CONFIG names no file")
            return
        try:
            configuration = read_files(self._files)
        except ConfigurationError as error:
            self._gateway.reject(f"{why}, and {error}")
            return
        log.info("taking the configuration from files: %s", why)
        self._gateway.take(configuration)

    def load_release(self, apollo: Apollo) -> None:
        """Take the released configuration."""
        configuration = apollo.read()
        taken = self._gateway.take(configuration)
        outcome = "taken" if taken else f"refused, {self._gateway.rejection}"
        log.info("release %s, configuration %s: %s", configuration.release_key, configuration.sha256, outcome)

    def _follow(self, apollo: Apollo) -> None:
        notification, pause = -1, FIRST_PAUSE_SECONDS
        while not self._stopped.is_set():
            try:
                if notification == -1:
                    self.load_release(apollo)
                latest = apollo.wait(notification)
                if latest != notification:
                    self.load_release(apollo)
                notification, pause = latest, FIRST_PAUSE_SECONDS
            except ApolloUnavailableError as error:
                log.warning("%s; asking again in %.0f s", error, pause)
                self.load_files(str(error))
                self._stopped.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
