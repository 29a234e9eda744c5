"""Which failures are tried again: machinery is, rules and bad input are not."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.retry_policy import RetryDecision, RetryPolicy

from hummingbird.core.errors import Final, Retryable
from hummingbird.orchestration.refusal import Ended, Refused

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

RETRIES = 3
DELAY_SECONDS = 5.0


class DeliveryRetryPolicy(RetryPolicy):
    """Refusals and final errors fail at once; all else is tried again after 5 s with jitter, or as asked."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002 - Airflow's interface
        max_tries: int,  # noqa: ARG002
        context: Context | None = None,  # noqa: ARG002
    ) -> RetryDecision:
        if isinstance(exception, (Refused, Ended, Final)):
            return RetryDecision.fail(reason=str(exception))
        asked = exception.after if isinstance(exception, Retryable) and exception.after else 0.0
        delay = max(asked, DELAY_SECONDS * random.uniform(0.8, 1.6))  # noqa: S311 - spreads load, guards nothing
        return RetryDecision.retry(delay=timedelta(seconds=delay), reason=str(exception)[:300])

    def serialize(self) -> dict[str, Any]:
        return {"__type": "DeliveryRetryPolicy"}


class NoRetryPolicy(RetryPolicy):
    """For a task that waited for another run: the other run's own retries were the retries."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002 - Airflow's interface
        max_tries: int,  # noqa: ARG002
        context: Context | None = None,  # noqa: ARG002
    ) -> RetryDecision:
        if type(exception).__name__ == "AirflowException" or isinstance(exception, (Refused, Final)):
            return RetryDecision.fail(reason=str(exception))
        return RetryDecision.default()

    def serialize(self) -> dict[str, Any]:
        return {"__type": "NoRetryPolicy"}
