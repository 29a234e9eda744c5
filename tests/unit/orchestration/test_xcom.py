"""An XCom builds no object of a class, and unpacks no pickle: Airflow's refusal, with our settings."""

from __future__ import annotations

from pathlib import Path

from unit.orchestration.airflow.scene import airflow_environment, played

REFUSED = (
    "subprocess.Popen",
    "os.system",
    "posix.system",
    "builtins.exec",
    "builtins.eval",
    "pickle.loads",
    "hummingbird.core.person.Person",
)


def test_an_xcom_that_names_a_class_or_carries_a_pickle_does_nothing(tmp_path: Path) -> None:
    database = "postgresql://nobody@/nowhere"  # nothing here asks a database
    environment = airflow_environment(tmp_path, database, tmp_path / "none.json")
    told = played(environment, "play_xcom.py", str(tmp_path / "mark"))
    for name in REFUSED:
        assert told[name].startswith(f"ImportError: {name} was not found in allow list"), told[name]
    assert told["a pickle in base64"] == told["a pickle as it is stored"] == "value of type str"
    assert told["an old pickle's form"].startswith("ImportError: pickle was not found in allow list")
    assert told["a document"] == "value of type dict"
    assert told["did"] is False
