"""The schedule of a path, out of the catalogue, read whenever Airflow reads the DAG file."""

from __future__ import annotations

import os
from datetime import timedelta

from airflow.sdk import CronTriggerTimetable

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.schedules import read_schedules


def timetable_of(path: str) -> CronTriggerTimetable | None:
    """When the path starts by itself, None for by hand alone; Invalid makes a DAG import error that says why.

    A path that Airflow meets for the first time waits for its next hour. Hours that passed while Airflow was
    down are made up for by one run.
    """
    schedule = read_schedules(*catalogue_folders(os.environ)).get(path)
    if schedule is None:
        return None
    return CronTriggerTimetable(schedule.cron, timezone=schedule.timezone, run_immediately=timedelta())
