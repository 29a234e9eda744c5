"""`python -m sandbox.onebox.await_dags HOME PORT_BASE`: wait until every delivery path is parsed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from sandbox.onebox.airflow_api import AirflowApi
from sandbox.onebox.place import Place

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.5


def main(arguments: list[str]) -> int:
    """0 when every file of dags/ has its DAG; 1 with the import error, or the names that are missing."""
    place = Place(Path(arguments[0]), int(arguments[1]))
    wanted = {path.stem for path in Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]).glob("*.py")}
    api = AirflowApi.login(place, "administrator")
    until = time.monotonic() + PATIENCE_SECONDS
    missing = wanted
    while time.monotonic() < until:
        errors = api.get("/importErrors")["import_errors"]
        if errors:
            last = [line for line in errors[0]["stack_trace"].splitlines() if line.strip()][-1]
            print(f"{errors[0]['filename']} does not parse: {last}")
            return 1
        missing = wanted - {dag["dag_id"] for dag in api.get("/dags?limit=100")["dags"]}
        if not missing:
            return 0
        time.sleep(PAUSE_SECONDS)
    print(f"not parsed within {PATIENCE_SECONDS:.0f} s: {', '.join(sorted(missing))}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
