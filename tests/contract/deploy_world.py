"""A development cluster with its registry and Apollo, images that really run, and signed warrants."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from builders import a_component, the_catalogue
from empty_cluster import empty_cluster
from hummingbird.clients.apollo import Apollo
from hummingbird.clients.apollo_config import ApolloConfig
from hummingbird.clients.cluster import Cluster
from hummingbird.core.artifact import Image
from hummingbird.core.bundle import Bundle, Configuration
from hummingbird.core.canonical import canonical_json
from hummingbird.core.deployment import DeployReport
from hummingbird.core.job import DeployJob
from hummingbird.core.story import StoryKey
from hummingbird.core.warrant import Consumption, Operation, SignedWarrant, Warrant
from hummingbird.workloads import build_image, deploy
from sandbox.clusters.authority import certificate_authority
from sandbox_world import SandboxWorld

SOURCE = Path(__file__).parents[2] / "include/sandbox/seed/components/order-gateway/src"
GOOD_ITEMS = {
    "order.lot.size": "100",
    "order.price.tick": "0.01",
    "order.max.quantity": "1000000",
    "order.max.notional": "100000000",
}
NAMESPACE = "trading"


@dataclass
class NotaryDouble:
    """Answers for the notary: grants, or says what a test wants it to say."""

    finished: str | None = None
    consumed: list[str] = field(default_factory=list)

    def consume(self, warrant_id: str, cluster: str) -> Consumption:
        """Grant, or say that the warrant was used up."""
        self.consumed.append(warrant_id)
        state = "finished" if self.finished else "granted"
        at = datetime.now(UTC) if self.finished else None
        return Consumption(
            warrant=warrant_id,
            cluster=cluster,
            job="job-1",
            state=state,
            finished_at=at,
            outcome=self.finished,
        )


class DeployWorld:
    """The world of one test file, its cluster empty at first; each deployment is a call of `deploy`."""

    def __init__(self, sandbox: SandboxWorld, folder: Path, environ: pytest.MonkeyPatch) -> None:
        sandbox.seeded("harbor", "apollo", "clusters")
        empty_cluster(sandbox, "dev")
        self.sandbox = sandbox
        self.folder = folder
        self.key = Ed25519PrivateKey.generate()
        self.catalogue = the_catalogue()
        self._secrets(environ)
        self.cluster = Cluster.in_pod("dev", folder / "serviceaccount")
        self._base = self._base_digest()
        self.numbers = iter(range(1, 100))

    def _secrets(self, environ: pytest.MonkeyPatch) -> None:
        account, secrets = self.folder / "serviceaccount", self.folder / "secrets"
        account.mkdir()
        secrets.mkdir()
        (account / "token").write_text(self.sandbox.secret("cluster.dev.deployer"))
        (account / "ca.crt").write_bytes(certificate_authority(self.sandbox.world))
        (account / "namespace").write_text(NAMESPACE)
        public = base64.b64encode(self.key.public_key().public_bytes_raw()).decode()
        files = {
            "notary": {"url": "http://127.0.0.1:9", "public_key": public},
            "harbor": {
                "url": self.sandbox.url("harbor"),
                "user": "puller",
                "password": self.sandbox.secret("harbor.puller"),
            },
            "apollo": {
                "url": self.sandbox.url("apollo"),
                "token": self.sandbox.secret("apollo.platform"),
                "config_url": f"{self.sandbox.url('apollo-config')}/DEV",
            },
        }
        for name, content in files.items():
            (secrets / f"{name}.json").write_text(json.dumps(content))
        environ.setenv("HB_SECRETS", str(secrets))
        environ.setenv("HB_SERVICEACCOUNT", str(account))
        environ.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        environ.setenv("KUBERNETES_SERVICE_PORT", str(self.sandbox.world.port("dev")))
        environ.setenv("HARBOR_USER", "administrator")
        environ.setenv("HARBOR_PASSWORD", self.sandbox.secret("harbor.administrator"))

    def _base_digest(self) -> str:
        target = self.folder / "base.digest"
        marker = self.folder / "marker"
        marker.write_text("base")
        arguments = ["--base", "scratch", "--registry", self.sandbox.url("harbor")]
        arguments += ["--repository", "platform/base/test", "--add", f"{marker}:/marker"]
        assert build_image.main([*arguments, "--digest-file", str(target)]) == 0
        return f"platform/base/test@{target.read_text().strip()}"

    def image(self, name: str, *, ready: bool = True, starts: bool = True) -> str:
        """Build order-gateway; `ready` False answers its readiness probe with 503, `starts` False crashes."""
        source = self.folder / name
        shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
        (source / "order_gateway" / "named.txt").write_text(name)
        web = source / "order_gateway" / "web.py"
        if not ready:
            text = web.read_text("utf-8")
            assert 'HTTPStatus.OK, {"ready": True}' in text
            web.write_text(
                text.replace('HTTPStatus.OK, {"ready": True}', "HTTPStatus.SERVICE_UNAVAILABLE, {}")
            )
        if not starts:
            web.write_text('raise SystemExit("the ledger of orders is missing")\n')
        target = self.folder / f"{name}.digest"
        arguments = ["--base", self._base, "--registry", self.sandbox.url("harbor")]
        arguments += ["--repository", "trading-dev/order-gateway", "--add", f"{source}:/app"]
        arguments += [
            "--workdir",
            "/app",
            "--env",
            "PYTHONPATH=/app",
            "--cmd",
            '["python3","-m","order_gateway"]',
        ]
        assert build_image.main([*arguments, "--digest-file", str(target)]) == 0
        return target.read_text().strip()

    def bundle(
        self, digest: str, items: dict[str, str] | None = None, commit: str = "1", name: str = "order-gateway"
    ) -> Bundle:
        """A bundle of order-gateway, or of its twin by another name, for dev."""
        configuration = {"dev": Configuration(items=items or GOOD_ITEMS)}
        image = Image(repository="trading-dev/order-gateway", digest=digest)
        carried = a_component(
            name=name, image=image, configuration=configuration, commit=commit * 40, packages=[]
        )
        return Bundle(story=StoryKey("HB-101"), components=[carried])

    def job(self, bundle: Bundle, before: Bundle | None = None, /, **changes: Any) -> DeployJob:
        """A deployment to dev under a warrant; `changes` are of the warrant."""
        component = self.catalogue.component("order-gateway")
        workload = component.workload.model_copy(update={"startup_seconds": 8})
        named = before.sha256 if before else None
        names = [carried.name for carried in bundle.components]
        fields: dict[str, Any] = {
            "id": f"w-{next(self.numbers)}",
            "story": bundle.story,
            "bundle": bundle.sha256,
            "evidence": "e" * 64,
            "environment": "dev",
            "operation": Operation.DEPLOY,
            "clusters": ["dev"],
            "predecessors": {"dev": dict.fromkeys(names, named)},
            "policy_version": "f" * 64,
            "approval": None,
            "issued_at": datetime.now(UTC),
            "expires_at": datetime.now(UTC) + timedelta(minutes=10),
        }
        warrant = Warrant(**{**fields, **changes})
        return DeployJob(
            story=bundle.story,
            bundle=bundle,
            environment=self.catalogue.environment("dev"),
            cluster=self.catalogue.clusters["dev"],
            components=[component.model_copy(update={"name": name, "workload": workload}) for name in names],
            warrant=self.signed(warrant),
            predecessors={before.sha256: before} if before else {},
            registry=self.sandbox.url("harbor").removeprefix("http://"),
        )

    def signed(self, warrant: Warrant) -> SignedWarrant:
        """The warrant as the notary would sign it."""
        payload = canonical_json(warrant.document())
        return SignedWarrant(
            payload=base64.b64encode(payload).decode(),
            signature=base64.b64encode(self.key.sign(payload)).decode(),
            key_id="test",
        )

    def deploy(self, job: DeployJob, notary: NotaryDouble | None = None) -> DeployReport:
        """Run the workload as its pod would."""
        return deploy.deploy(job, notary or NotaryDouble(), self.folder)  # type: ignore[arg-type]

    def running(self, name: str = "order-gateway") -> set[str]:
        """Digests that ready pods run."""
        pods = self.cluster.pods({"app.kubernetes.io/name": name})
        return {str(pod.digests["main"]) for pod in pods if pod.ready and not pod.leaving}

    def generation(self) -> int:
        """The Deployment's generation: it grows with every change of its spec."""
        return int(self.cluster.deployment("order-gateway")["metadata"]["generation"])

    def served(self) -> dict[str, str]:
        """What Apollo's config service serves."""
        config = ApolloConfig(f"{self.sandbox.url('apollo-config')}/DEV")
        served = config.served(self.catalogue.component("order-gateway").apollo)
        config.close()
        return served.configurations if served else {}

    def releases(self) -> int:
        """Id of the latest release."""
        portal = Apollo(self.sandbox.url("apollo"), self.sandbox.secret("apollo.platform"), "platform")
        latest = portal.latest_release("DEV", self.catalogue.component("order-gateway").apollo)
        portal.close()
        return latest.id if latest else 0
