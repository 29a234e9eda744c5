"""Airflow's public REST API with one account's own token.

Document: https://airflow.apache.org/docs/apache-airflow/3.3.2/stable-rest-api-ref.html
"""

from __future__ import annotations

from typing import Any, Self

import requests

from sandbox.onebox.place import Place

TIMEOUT_SECONDS = 60
"""A busy machine may take its time over the first question after a start."""


class Refused(Exception):
    """Airflow said no; the message holds its words."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class AirflowApi:
    """One account's view of Airflow."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/api/v2"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    @classmethod
    def login(cls, place: Place, account: str) -> Self:
        """A session of the account, by its password."""
        credentials = {"username": account, "password": place.world.secret(f"airflow.{account}")}
        answer = requests.post(f"{place.airflow_url}/auth/token", json=credentials, timeout=TIMEOUT_SECONDS)
        if not answer.ok:
            words = f"{account} cannot log in to Airflow: {answer.status_code} {answer.text[:300]}"
            raise Refused(words, answer.status_code)
        return cls(place.airflow_url, answer.json()["access_token"])

    @property
    def token(self) -> str:
        """The account's token."""
        return str(self._session.headers["Authorization"]).removeprefix("Bearer ")

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a page; Refused when the answer is an error."""
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Create something."""
        return self._ask("POST", path, json=body)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """Change something."""
        return self._ask("PATCH", path, json=body)

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self._session.request(method, self._url + path, timeout=TIMEOUT_SECONDS, **more)
        if not answer.ok:
            words = f"{method} {path}: {answer.status_code} {answer.text[:500]}"
            raise Refused(words, answer.status_code)
        return answer.json()
