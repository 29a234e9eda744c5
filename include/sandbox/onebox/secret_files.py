"""Files of mode 0600 that programs are pointed at: tokens for the notary, passwords for people."""

from __future__ import annotations

import json

from sandbox.onebox.place import Place, write_private
from sandbox.world import ACCOUNTS


def passwords(place: Place) -> dict[str, str]:
    """Airflow's accounts and their generated passwords."""
    return {account: place.world.secret(f"airflow.{account}") for account in ACCOUNTS}


def write_secret_files(place: Place) -> None:
    """Write all of them; the same secrets again on every start."""
    world = place.world
    tokens = {role: world.secret(f"notary.{role}") for role in ("tasks", "reader")}
    write_private(place.secrets / "notary-tokens.json", json.dumps(tokens))
    write_private(place.secrets / "gitlab-webhook.token", world.secret("gitlab.webhook"))
    platform = {"user": "platform", "password": world.secret("airflow.platform")}
    write_private(place.secrets / "airflow-platform.json", json.dumps(platform))
    _let_people_answer_in_jira(place)
    lines = [f"Accounts of {place.airflow_url} (this machine only; generated, change nothing here)", ""]
    lines += [f"{account:<20} {password}" for account, password in passwords(place).items()]
    lines += [
        "",
        f"Jira {world.url('jira')} and GitLab {world.url('gitlab')} have accounts of the same names:",
        "",
    ]
    for account in ACCOUNTS:
        jira, gitlab = world.secret(f"jira.{account}"), world.secret(f"gitlab.{account}")
        lines.append(f"{account:<20} jira {jira}  gitlab {gitlab}")
    write_private(place.accounts_file, "\n".join(lines) + "\n")


def _let_people_answer_in_jira(place: Place) -> None:
    """The notary's account there, which also reads incidents, and the webhook back, with one secret."""
    world = place.world
    secret = world.secret("jira.webhook")
    tracker = {
        "url": world.url("jira"),
        "user": "platform",
        "password": world.secret("jira.platform"),
        "webhook_secret": secret,
        "tell": False,
    }
    write_private(place.secrets / "notices.json", json.dumps({"tracker": tracker}))
    hook = {"url": f"{place.notary_url}/webhooks/jira", "secret": secret}
    write_private(world.folder("jira") / "webhooks.json", json.dumps([hook]))
