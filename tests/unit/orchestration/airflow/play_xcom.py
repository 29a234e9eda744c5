"""Run in Airflow's environment: what becomes of XCom values that name a class or carry a pickle."""

from __future__ import annotations

import base64
import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

from airflow.models.xcom import XComModel
from airflow.sdk.bases.xcom import BaseXCom
from airflow.sdk.serde import deserialize


class Payload:
    """A pickle that makes a file when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def named(classname: str, *arguments: Any) -> dict[str, Any]:
    """A value of Airflow's own form for an object of a class."""
    return {"__classname__": classname, "__version__": 1, "__data__": list(arguments)}


def outcome(value: Any) -> str:
    """What a task that pulls the value gets: an object of which type, or which error."""
    try:
        return f"value of type {type(deserialize(value)).__name__}"
    except (ImportError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def play(mark: Path) -> dict[str, Any]:
    """Every attempt's outcome, and whether any of them did something."""
    pickled = pickle.dumps(Payload(mark))
    classes = {
        "subprocess.Popen": ["touch", str(mark)],
        "os.system": [f"touch {mark}"],
        "posix.system": [f"touch {mark}"],
        "builtins.exec": [f"open({str(mark)!r}, 'w')"],
        "builtins.eval": [f"open({str(mark)!r}, 'w')"],
        "pickle.loads": [base64.b64encode(pickled).decode()],
        "hummingbird.core.person.Person": [],
    }
    told: dict[str, Any] = {name: outcome(named(name, *given)) for name, given in classes.items()}
    text = base64.b64encode(pickled).decode()
    told["a pickle in base64"] = outcome(text)
    told["an old pickle's form"] = outcome({"__type": "pickle", "__var": text})
    stored = XComModel(key="k", dag_id="d", task_id="t", run_id="r", value=json.dumps(text))
    told["a pickle as it is stored"] = f"value of type {type(BaseXCom.deserialize_value(stored)).__name__}"
    told["a document"] = outcome({"job": "0" * 64, "numbers": [1, 2]})
    told["did"] = mark.exists()
    return told


sys.stdout.write("answer " + json.dumps(play(Path(sys.argv[1]))) + "\n")
