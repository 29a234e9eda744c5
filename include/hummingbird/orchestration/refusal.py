"""A rule said no: the task fails at once, without a retry and without a traceback."""

from __future__ import annotations


class Refused(SystemExit):
    """Ends a task as refused; a SystemExit, because Airflow logs every other exception with a traceback."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"refused: {sentence}")
        self.sentence = sentence


class Ended(SystemExit):
    """Ends a run's last task when an earlier one broke: nothing here is worth another try."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"ended: {sentence}")
        self.sentence = sentence
