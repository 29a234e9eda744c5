"""People are told once and reminded once, by every way there is; nobody waits for what is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from hummingbird.clients.chat import Chat
from hummingbird.clients.mail import Mail
from hummingbird.core.approval_rule import ApprovalRule
from hummingbird.core.errors import Invalid
from hummingbird.core.story import StoryKey
from hummingbird.ledger.engine import database_url
from hummingbird.notary.messengers import Messengers
from hummingbird.notary.ways import ways_of
from mail_sink import MailSink, mail_sink
from postgres import LedgerDatabase
from unit.notary.chat_room import ChatRoom, chat_room
from unit.notary.delivery_samples import FINDING, a_bundle
from unit.notary.scene import Scene
from unit.notary.test_notary_approval_policy import TEST_RULE, asked, edit, ready
from waiting import until

__all__ = ["ready"]
TWO = "approval: {roles: [test_lead, compliance], valid_hours: 24}"
WAITS = "HB-101 → test: deploy waits for your answer"


class Story:
    """A tracker that keeps comments as Jira does: one for each marker."""

    def __init__(self) -> None:
        self.comments: dict[str, str] = {}

    def comment_once(self, key: StoryKey, marker: str, text: str) -> None:
        self.comments.setdefault(f"{key} {marker}", text)


@pytest.fixture
def mail() -> Iterator[MailSink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture
def room() -> Iterator[ChatRoom]:
    with chat_room() as made:
        yield made


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def messengers(mail: MailSink, room: ChatRoom, story: Story) -> Iterator[Messengers]:
    """Every way there is, over real sockets where there are any."""
    chat = Chat(f"{room.url}/hooks/secret")
    sender = Mail("127.0.0.1", mail.port, "hummingbird@firm.example", tls=False)
    yield Messengers(mail=sender, chat=chat, tracker=story)
    chat.close()


def make_due(database: LedgerDatabase, key: str) -> None:
    """Let the time of an errand have come."""
    owner = create_engine(database_url(database.owner))
    with owner.begin() as connection:
        statement = "UPDATE ledger.errand SET next_at = clock_timestamp() WHERE key = :key"
        assert connection.execute(text(statement), {"key": key}).rowcount == 1
    owner.dispose()


def subjects(mail: MailSink) -> list[tuple[str, str]]:
    return sorted((str(one["To"]).partition("@")[0], str(one["Subject"])) for one in mail.messages)


def test_whoever_is_waited_for_is_told_once_and_whoever_still_is_reminded_once(
    ready: Scene, ledger_database: LedgerDatabase, mail: MailSink, room: ChatRoom, story: Story
) -> None:
    mail.busy = 1
    edit(ready, "environments.yaml", TEST_RULE, TWO)
    identity = asked(ready)["id"]
    until(lambda: len(mail.messages) == 2 and len(room.said) == 1 and story.comments)
    assert subjects(mail) == [("compliance", WAITS), ("test_lead", WAITS)]
    content = mail.messages[0].get_content().replace("\r\n", "\n")
    assert "What could hurt: first deployment" in content
    assert "/required_actions?response_received=false\nThe link gives no right by itself" in content
    assert room.said[0].startswith(f"{WAITS} (赵敏, 吴桐)")
    assert room.paths == {"/hooks/secret"}
    (comment,) = story.comments.values()
    assert comment.startswith("[~test_lead] [~compliance] HB-101")
    assert ready.ask(a_bundle(), "test", "test_deploy/HB-101.1").status_code == 200
    ready.sign(identity, 1, "test_lead")
    make_due(ledger_database, f"remind:{identity}")
    ready.sign(identity, 2, "test_lead")  # refused; the notary looks at what is due whenever somebody answers
    until(lambda: len(mail.messages) == 3 and len(room.said) == 2 and len(story.comments) == 2)
    assert subjects(mail)[0] == ("compliance", "HB-101 → test: deploy still waits for your answer")
    ready.sign(identity, 2, "compliance")
    assert len(mail.messages) == 3


def test_a_rejection_reaches_the_requester_and_the_authors(ready: Scene, mail: MailSink) -> None:
    identity = asked(ready)["id"]
    until(lambda: len(mail.messages) == 1)
    ready.sign(identity, 1, "test_lead", "Reject", reason="收盘前不上线")
    until(lambda: len(mail.messages) == 3)
    heard = [one for one in mail.messages if "was rejected" in str(one["Subject"])]
    assert {str(one["To"]).partition("@")[0] for one in heard} == {"release_manager", "developer"}
    assert "test_lead (test_lead) rejected: 收盘前不上线" in heard[0].get_content()


def test_whoever_signed_or_was_waited_for_hears_that_it_was_withdrawn(
    ready: Scene, mail: MailSink, story: Story
) -> None:
    edit(ready, "environments.yaml", TEST_RULE, TWO)
    identity = asked(ready)["id"]
    ready.sign(identity, 1, "test_lead")
    ready.take_back("release_manager", conf={"reason": "wrong <limit>"})
    until(lambda: len(mail.messages) == 6 and len(story.comments) == 2)
    heard = [one for one in mail.messages if "was withdrawn" in str(one["Subject"])]
    people = {str(one["To"]).partition("@")[0] for one in heard}
    assert people == {"release_manager", "developer", "test_lead", "compliance"}
    assert "release_manager withdrew the question: wrong ‹limit›" in heard[0].get_content()


def test_a_question_whose_time_is_over_is_closed_and_its_buttons_with_it(
    ready: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ApprovalRule, "validity", property(lambda _: timedelta(seconds=1)))
    identity = asked(ready)["id"]
    ready.airflow.prompt(identity, 1)
    until(lambda: ready.kinds(subject=identity)[-1] == "APPROVAL_CLOSED")
    until(lambda: not ready.airflow.open_prompts("approval"))
    (prompt,) = ready.airflow.prompts.values()
    assert prompt["chosen_options"] == ["Reject"]
    assert "nobody answered for test_lead in time" in prompt["params_input"]["reason"]
    (closed,) = ready.get("/events", subject=identity, kind=CLOSED).json()
    assert closed["event"]["data"]["state"] == "expired"


def test_a_question_that_changed_is_closed_before_somebody_answers(
    ready: Scene, ledger_database: LedgerDatabase
) -> None:
    identity = asked(ready)["id"]
    ready.airflow.prompt(identity, 1)
    report = ready.scan_report(a_bundle(), findings=(FINDING,))
    ready.work(ready.scan_job(a_bundle()), report, run="scan/HB-101.9")
    make_due(ledger_database, f"watch:{identity}")
    place = {"number": 1, "dag_id": "approval", "run_id": "none", "task_id": "sign", "map_index": 0}
    assert ready.post(f"/approvals/{identity}/answers", place).status_code == 409
    until(lambda: ready.get(f"/approvals/{identity}").json()["state"] == "void")
    until(lambda: not ready.airflow.open_prompts("approval"))


CLOSED = "dev.cdeventsx.hummingbird-approval.closed.0.1.0"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "cannot be read"),
        ('{"mail": {"host": "mail.firm.example"}}', "mail.sender: Field required"),
        ('{"mail": {"host": "mail.firm.example", "sender": "h@firm.example", "tls": false}}', "mail.tls"),
        ('{"pager": {}}', "pager: Extra inputs"),
        ('{"chat": {"url": "ftp://room"}}', "https://host"),
    ],
)
def test_a_file_of_ways_that_is_wrong_is_refused_by_name(
    tmp_path: Path, content: str, complaint: str
) -> None:
    file = tmp_path / "notices.json"
    file.write_text(content, "utf-8")
    file.chmod(0o600)
    with pytest.raises(Invalid, match=complaint):
        ways_of({"HB_NOTICES_FILE": str(file)})
    file.chmod(0o644)
    with pytest.raises(Invalid):
        ways_of({"HB_NOTICES_FILE": str(file)})


def test_a_file_of_ways_sets_up_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "notices.json"
    ways: dict[str, Any] = {
        "mail": {"host": "mail.firm.example", "sender": "h@firm.example", "user": "u", "password": "s3cret"},
        "chat": {"url": "https://chat.firm.example/hooks/s3cret"},
        "tracker": {"url": "https://jira.firm.example", "password": "s3cret"},
    }
    file.write_text(json.dumps(ways), "utf-8")
    file.chmod(0o600)
    found = ways_of({"HB_NOTICES_FILE": str(file)}).messengers
    assert [way.value for way in found.ways] == ["mail", "chat", "tracker"]
    assert "s3cret" not in repr(found)
    assert ways_of({}).messengers.ways == []
