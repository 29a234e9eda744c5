"""A ledger with stories in every state, and the pages over it as Airflow serves them: mounted, framed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, insert
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from builders import CATALOGUE_FOLDER, HASH, a_bundle, a_component, a_story, the_catalogue
from hummingbird.catalogue.current import CatalogueFolder
from hummingbird.cockpit.app import create_app
from hummingbird.cockpit.ledger_reader import LedgerReader
from hummingbird.core.approval import Approval, ApprovalRequest, Brief, Decision, Signature
from hummingbird.core.bundle import Bundle
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.plan import Plan
from hummingbird.core.story import story_key
from hummingbird.core.visitor import NotAllowed, SignInNeeded, Visitor
from hummingbird.ledger.append import append
from hummingbird.ledger.metrics_schema import fact, figure, publication
from hummingbird.metrics.registry import METRICS
from ports import free_port_base
from waiting import until

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
FRAME = "allow-scripts allow-same-origin allow-forms allow-downloads"
"""What Airflow 3.3.2 lets the pages do in its frame (ExternalView)."""


def now() -> datetime:
    """Questions are open by the database's clock."""
    return datetime.now(UTC)


class Teller:
    """Writes what happens to a story."""

    def __init__(self, connection: Connection, key: str, title: str) -> None:
        self.connection = connection
        self.key = story_key(key)
        self.story = a_story(key).model_copy(update={"title": title})
        self._count = 0

    def tell(self, kind: EventKind, key: str = "", **fields: Any) -> None:
        self._count += 1
        event = DeliveryEvent(
            kind=kind,
            key=key or f"{self.key}:{self._count}:{kind.name}",
            subject=fields.pop("subject", "x"),
            story=self.key,
            actor=fields.pop("actor", "platform"),
            **fields,
        )
        append(self.connection, event)

    def begin(self, path: str, attempt: int = 1, travelling: dict[str, str] | None = None) -> str:
        run = f"{path}/{self.key}.{attempt}__{path}"
        plan = Plan(
            dag_id=path,
            run_id=run.partition("/")[2],
            story=self.story,
            requester="release_manager",
            travelling=[
                a_story(key).model_copy(update={"title": title}) for key, title in (travelling or {}).items()
            ],
            policy_version=HASH,
        )
        self.tell(EventKind.RUN_ADMITTED, subject=run, run=run, data={"plan": plan.document()})
        return run

    def end(self, run: str, line: str) -> None:
        data = {"line": line, "started_at": (now() - timedelta(minutes=9)).isoformat(), "parent": None}
        self.tell(EventKind.RUN_FINISHED, subject=run, run=run, data=data)

    def seal(self, *names: str, also: tuple[str, ...] = ()) -> Bundle:
        stories = [self.key, *(story_key(each) for each in also)]
        components = [a_component(name=name, stories=stories) for name in names or ("order-gateway",)]
        bundle = a_bundle(*components, story=self.key)
        self.tell(
            EventKind.BUNDLE_SEALED, key=f"bundle:{bundle.sha256}", subject=bundle.sha256,
            bundle=bundle.sha256, data={"bundle": bundle.document()},
        )  # fmt: skip
        return bundle

    def deploy(
        self, bundle: Bundle, environment: str, run: str, *clusters: str,
        kind: EventKind = EventKind.DEPLOYMENT_FINISHED,
    ) -> None:  # fmt: skip
        words = {
            EventKind.DEPLOYMENT_FINISHED: "deployed",
            EventKind.DEPLOYMENT_ROLLED_BACK: "rolled_back",
            EventKind.DEPLOYMENT_FAILED: "failed",
        }
        for cluster in clusters:
            report = {
                "bundle": bundle.sha256, "environment": environment, "cluster": cluster, "warrant": "w",
                "outcome": words[kind], "reason": "the new version serves",
                "started_at": now().isoformat(), "finished_at": now().isoformat(),
            }  # fmt: skip
            self.tell(
                kind, subject=bundle.sha256, bundle=bundle.sha256, environment=environment,
                cluster=cluster, run=run, data={"report": report},
            )  # fmt: skip

    def ask(self, bundle: Bundle, environment: str, run: str, **changes: Any) -> ApprovalRequest:
        roles = the_catalogue().environment(environment).approval.roles
        fields: dict[str, Any] = {
            "story": self.key, "bundle": bundle.sha256, "evidence": HASH, "environment": environment,
            "operation": "deploy", "policy_version": HASH, "requester": "release_manager", "asked_by": run,
            "asked_at": now() - timedelta(hours=2, minutes=5), "expires_at": now() + timedelta(hours=22),
            "signatures": [Signature(number=n, role=role) for n, role in enumerate(roles, start=1)],
            "brief": Brief(
                changes=f"{self.key} {self.story.title}: order-gateway 1.1.0 (commit 11111111, 3 commits)",
                different="prod-private: order-gateway 1.0.4 → 1.1.0, configuration limit",
                risk="rollback leads to bundle 000000000000, which served until now", details=[],
            ),
        }  # fmt: skip
        request = ApprovalRequest(**{**fields, **changes})
        self.tell(
            EventKind.APPROVAL_ASKED, key=f"approval:{request.id}", subject=request.id,
            bundle=bundle.sha256, environment=environment, run=run, data={"request": request.document()},
        )  # fmt: skip
        return request

    def answer(
        self, request: ApprovalRequest, number: int, person: str, decision: Decision = Decision.APPROVED
    ) -> None:
        given = Approval(
            request=request.id, number=number, role=request.signatures[number - 1].role, person=person,
            decision=decision, reason="", answered_at=now(), source="approval/x/sign",
        )  # fmt: skip
        self.tell(
            EventKind.APPROVAL_ANSWERED, key=f"approval:{request.id}:{number}", subject=request.id,
            actor=person, data={"approval": given.document()},
        )  # fmt: skip


def tell_stories(connection: Connection) -> None:
    """Delivered, waiting, under way, rolled back, partly there, travelling."""
    clouds = ("prod-private", "prod-huawei", "prod-industry")
    done = Teller(connection, "HB-101", "涨跌停校验：超出当日涨跌停价格的委托在网关拒绝")
    run = done.begin("prod_deploy", travelling={"HB-107": "委托回报字段补全"})
    bundle = done.seal("order-gateway", "quote-service", also=("HB-107",))
    done.deploy(bundle, "dev", run, "dev")
    done.deploy(bundle, "test", run, "test")
    done.deploy(bundle, "prod", run, *clouds)
    done.end(run, "DONE: HB-101 涨跌停校验: prod deploy is complete")

    back = Teller(connection, "HB-103", "行情快照增量推送")
    run = back.begin("prod_deploy")
    bundle = back.seal("quote-service")
    back.deploy(bundle, "dev", run, "dev")
    back.deploy(bundle, "test", run, "test")
    back.deploy(bundle, "prod", run, "prod-private", kind=EventKind.DEPLOYMENT_ROLLED_BACK)
    back.end(run, "REFUSED: prod-private: rolled back, readiness was not reached in 60 s")

    partial = Teller(connection, "HB-104", "行业云专线切换")
    run = partial.begin("prod_deploy")
    bundle = partial.seal("trade-web")
    partial.deploy(bundle, "test", run, "test")
    partial.deploy(bundle, "prod", run, *clouds[:2])
    partial.end(run, "BROKEN: partial: prod-private ok; prod-huawei ok; prod-industry unknown (no report)")

    flying = Teller(connection, "HB-105", "Order book depth in the web client")
    flying.begin("test_deploy")

    waiting = Teller(connection, "HB-106", "冰山委托校验")
    run = waiting.begin("prod_deploy")
    bundle = waiting.seal()
    waiting.deploy(bundle, "dev", run, "dev")
    waiting.deploy(bundle, "test", run, "test")
    waiting.answer(waiting.ask(bundle, "prod", run), 1, "release_approver")


def tell_hostile(connection: Connection) -> None:
    """A story whose title and refusal are what an attacker would type."""
    hostile = Teller(connection, "HB-108", HOSTILE)
    run = hostile.begin("test_deploy")
    hostile.tell(EventKind.RUN_REFUSED, subject=run, run=run, data={"why": f"HB-108 is closed {HOSTILE}"})


def tell_many(connection: Connection, count: int) -> None:
    """So many stories, each deployed somewhere."""
    for number in range(1000, 1000 + count):
        teller = Teller(connection, f"HB-{number}", f"第 {number - 1000} 号需求：委托与行情")
        run = teller.begin("dev_deploy")
        teller.deploy(teller.seal(), "dev", run, "dev")
        teller.end(run, f"DONE: HB-{number}: dev deploy is complete")


def publish(
    connection: Connection, *, components: tuple[str, ...] = ("order-gateway", "quote-service"),
    state: str = "published", why: str = "", synthetic: bool = False, months: int = 6,
) -> int:  # fmt: skip
    """Figures of every metric by month and week, with facts behind the newest; the publication's id."""
    today = now().date()
    values = {
        "mode": "full", "state": state, "why": why, "height": 1, "head": HASH, "first_day": date(2026, 1, 1),
        "last_day": today, "synthetic": synthetic, "run": "metric_rollup/scheduled__x", "seconds": 1.5,
    }  # fmt: skip
    made: int = connection.execute(
        insert(publication).values(**values).returning(publication.c.id)
    ).scalar_one()
    if state != "published":
        return made
    rows = [
        row
        for name in METRICS
        for place, component in enumerate(("", *components))
        for row in _figures(name, component, place, today, months, made)
    ]
    connection.execute(insert(figure), rows)
    connection.execute(insert(fact), [_fact(number, components[0], today) for number in range(130)])
    return made


def _figures(
    name: str, component: str, place: int, today: date, months: int, made: int
) -> Iterator[dict[str, Any]]:
    for back in range(months):
        month = (today.year * 12 + today.month - 1 - back) // 12, (today.month - 1 - back) % 12 + 1
        base = {"seconds": 5400.0, "share": 0.12, "count": 40.0}.get(METRICS[name].unit.value, 3.2)
        known = not (back == 3 and name == "lead_time") and name != "cost_per_value"
        value = base * (1 + 0.13 * ((back * 7 + place * 3) % 5)) if known else None
        yield {
            "metric": name, "component": component, "period": "month", "starts": date(*month, 1),
            "value": value, "p50": value, "p85": value * 1.9 if value else None, "n": 12 + back,
            "numerator": None, "denominator": None, "publication": made,
        }  # fmt: skip


def _fact(number: int, component: str, today: date) -> dict[str, Any]:
    return {
        "kind": "lead_time", "key": f"lead_time:{number}", "component": component, "together": True,
        "environment": "prod", "at": now() - timedelta(seconds=number), "day": today,
        "value": 3600.0 + number, "story": "HB-101", "run": "prod_deploy/HB-101.1__prod_deploy",
        "sequence": 1, "detail": {}, "origin": "ledger",
    }  # fmt: skip


async def by_cookie(request: Request) -> Visitor:
    """Whoever the cookie names; `visitor` may not read."""
    name = request.cookies.get("_token")
    if not name:
        raise SignInNeeded("/auth/login/?next=" + str(request.url.path))
    if name == "visitor":
        raise NotAllowed("visitor may not read these pages")
    return Visitor(name=name)


def outer_app(pages: FastAPI) -> FastAPI:
    """What Airflow is around the pages: a sign-in, a navigation with a frame, pages of runs."""
    app = FastAPI(openapi_url=None)
    app.mount("/delivery", pages)

    @app.get("/auth/login/")
    def sign_in(next: str = "/") -> Response:
        return HTMLResponse(f"<title>Sign in</title><a href='/enter?next={next}'>Sign in</a>")

    @app.get("/enter")
    def enter(next: str) -> Response:
        answer = RedirectResponse(next, status_code=303)
        answer.set_cookie("_token", "release_manager", httponly=True, samesite="lax")
        return answer

    @app.get("/plugin/{route}")
    def framed(route: str, theme: str = "light") -> Response:
        return HTMLResponse(
            f"<!doctype html><html class={theme}><title>Airflow</title>"
            "<style>iframe{width:100%;height:90vh}</style>"
            f"<iframe sandbox='{FRAME}' src='/delivery/{route}' title='{route}'></iframe></html>"
        )

    @app.get("/favicon.ico")
    def sign() -> Response:
        return Response(status_code=204)

    @app.get("/dags/{rest:path}")
    def run_page(rest: str) -> Response:
        return HTMLResponse(f"<title>Run {rest}</title>")

    return app


@contextmanager
def served(dsn: str) -> Iterator[str]:
    """The pages over a ledger, on a port of their own; the address."""
    reader = LedgerReader(dsn)
    port = free_port_base((0,))
    settings = uvicorn.Config(
        outer_app(create_app(reader, CatalogueFolder(CATALOGUE_FOLDER).current, by_cookie)),
        host="127.0.0.1",
        port=port,
        log_level="warning",
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until(lambda: server.started)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        reader.close()


def told(writer: Engine) -> None:
    """The stories, written."""
    with writer.begin() as connection:
        tell_stories(connection)
