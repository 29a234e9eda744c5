"""Work runs in pods: a job goes in by ticket, its result goes to the notary, XCom carries the job's id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import urllib3
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException, AirflowSkipException
from kubernetes import client as k8s_client
from kubernetes.client import models as k8s
from kubernetes.client.exceptions import ApiException

from hummingbird.clients.translation import error_of, lost, words
from hummingbird.core.environment import Cluster
from hummingbird.core.errors import DeliveryError, Retryable, Unreachable
from hummingbird.core.job import AnyJob, job_id
from hummingbird.core.record import Record
from hummingbird.orchestration import current, outcome, pod_ends, wiring
from hummingbird.orchestration.address import address
from hummingbird.orchestration.reaching import patient, reach
from hummingbird.orchestration.refusal import Ended

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

SECRETS = "/etc/hummingbird/secrets"
SECRET_NAME = "hummingbird-workload"  # noqa: S105 - the name of a Secret, not one
SCRATCH = "/scratch"
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
JOB_LABEL = "hummingbird.dev/job"
USER = 65532
POOL = "pods"
OVER = ("Succeeded", "Failed")
"""Phases of a pod that does nothing any more."""
TRIES_TO_REACH = 2


class Work(Record):
    """What a pod is for: the cluster it runs in and the job it does, or the job that was done already."""

    cluster: Cluster
    job: AnyJob | None = None
    done: str | None = None
    """Id of a finished job whose result serves as well."""
    deadline_seconds: int | None = None
    """Longest life of the pod, the catalogue's `tooling.deadline_seconds` when None."""
    sentence: str


class WorkloadPod(KubernetesPodOperator):
    """One workload in one pod, in the cluster where it belongs, without privileges.

    `work` is asked when the task runs, with this task's part of the mapping, and says cluster and job.
    A cluster that does not answer is waited for as long as its patience says, twice; then the task ends.
    A pod found again must carry this job's label: the stored name alone is not trusted
    (apache/airflow#71743), nor one from another run.
    """

    template_fields: Sequence[str] = (*KubernetesPodOperator.template_fields, "part")

    def __init__(self, *, work: Callable[[str], Work], part: str = "", **kwargs: Any) -> None:
        super().__init__(
            cmds=["python3", "-m", "hummingbird.workloads"],
            startup_check_interval_seconds=1,
            base_container_status_polling_interval=0.5,
            get_logs=True,
            log_events_on_failure=True,
            log_pod_spec_on_failure=False,
            termination_message_policy="FallbackToLogsOnError",
            do_xcom_push=False,
            on_finish_action="delete_pod",
            termination_grace_period=10,
            image_pull_policy="IfNotPresent",
            automount_service_account_token=True,
            **{"pool": POOL, **kwargs},
        )
        self.work = work
        self.part = part
        self._job: str | None = None
        self._seen: dict[str, Any] | None = None
        self._cluster: Cluster | None = None

    @cached_property
    def client(self) -> k8s_client.CoreV1Api:
        """The cluster's API, with an end to waiting for it."""
        api = super().client
        return patient(api, self._cluster) if self._cluster is not None else api

    def execute(self, context: Context) -> None:
        work = self.work(self.part)
        ti = context["ti"]
        if work.job is None:
            ti.xcom_push(key="job", value=work.done)
            outcome.say(work.sentence)
            return
        self._reach(work.cluster, ti.try_number)
        self._job = job_id(current.name(), self._task_name(context), work.job)
        ti.xcom_push(key="job", value=self._job)
        outcome.say(work.sentence)
        self._place(work)
        try:
            if not self._is_to_do(context, work.job):
                return
            super().execute(context)
        except AirflowSkipException:
            raise
        except (AirflowException, ApiException, urllib3.exceptions.HTTPError) as error:
            if self._phase() != "Succeeded":
                raise self._judged(error) from error
            self.log.warning("the pod did its work, following it failed: %s", error)
        if wiring.notary().result(self._job) is None:
            raise Retryable(f"the pod of job {self._job[:12]} ended without posting a result")

    def _is_to_do(self, context: Context, job: AnyJob) -> bool:
        """Whether there is a pod to start or to follow; a pod at work keeps its ticket: a new one ends it."""
        there = self._get_pod_from_task_state_store(context) or self.find_pod(str(self.namespace), context)
        if there is not None and there.status.phase not in OVER:
            self.log.info("pod %s is at work on this job: it is followed", there.metadata.name)
            return True
        ticket = wiring.notary().ticket(current.name(), self._task_name(context), job)
        if ticket.token is not None:
            self.env_vars.append(k8s.V1EnvVar(name="HB_TICKET", value=ticket.token))
            return True
        self.log.info("job %s has its result already: no pod is started", ticket.job[:12])
        if there is not None:
            self.process_pod_deletion(there)
        return False

    def _reach(self, cluster: Cluster, try_number: int) -> None:
        """Whether the cluster answers at all, asked before anything else."""
        self._cluster, self.kubernetes_conn_id = cluster, cluster.connection
        try:
            reach(cluster, self.client)
        except Unreachable as error:
            if try_number < TRIES_TO_REACH:
                raise
            raise Ended(str(error)) from error

    def explain_failure(self, context: Context) -> str | None:
        """The workload's own last word, out of the pod's termination message."""
        return pod_ends.last_word(str(context.get("exception")))

    def cleanup(self, pod: k8s.V1Pod, remote_pod: k8s.V1Pod, *args: Any, **kwargs: Any) -> None:
        """As the operator has it, after a last look: what it knows of a pod that was deleted is old."""
        self._seen = self._look(pod)
        super().cleanup(pod, remote_pod, *args, **kwargs)

    def _look(self, pod: k8s.V1Pod) -> dict[str, Any] | None:
        """The pod as it is now, None when the cluster does not say."""
        name = pod.metadata.name
        try:
            found = self.client.read_namespaced_pod(name, pod.metadata.namespace, _request_timeout=30)
        except ApiException as error:
            if error.status == 404:
                return pod_ends.GONE
            self.log.warning("pod %s could not be looked at: %s", name, error.reason)
            return None
        except urllib3.exceptions.HTTPError as error:
            self.log.warning("pod %s could not be looked at: %s", name, error)
            return None
        document: dict[str, Any] = self.client.api_client.sanitize_for_serialization(found)
        return document

    def _phase(self) -> str:
        return str(((self._seen or {}).get("status") or {}).get("phase") or "")

    def _judged(self, error: Exception) -> DeliveryError:
        """The operator's failure as one of ours: by the pod's end when that is known."""
        if self._seen is not None and self.pod is not None and self._phase() != "Running":
            return pod_ends.failure(self._seen, self.pod.metadata.name, self.base_container_name)
        head = f"cluster of connection {self.kubernetes_conn_id}: pod of job {str(self._job)[:12]}"
        if isinstance(error, ApiException) and error.status:
            return error_of(error.status, head, words((error.body or error.reason or "").encode()))
        if isinstance(error, urllib3.exceptions.HTTPError):
            return lost(head, error)
        return Retryable(f"{head}: {error}")

    def find_pod(self, namespace: str, context: Context, *, exclude_checked: bool = True) -> k8s.V1Pod | None:
        return self._ours(super().find_pod(namespace, context, exclude_checked=exclude_checked))

    def _get_pod_from_task_state_store(self, context: Context) -> k8s.V1Pod | None:
        return self._ours(super()._get_pod_from_task_state_store(context))

    def _ours(self, pod: k8s.V1Pod | None) -> k8s.V1Pod | None:
        if pod is None or (pod.metadata.labels or {}).get(JOB_LABEL) == str(self._job)[:40]:
            return pod
        self.log.warning("pod %s is of another job: left alone", pod.metadata.name)
        return None

    def _task_name(self, context: Context) -> str:
        index = context["ti"].map_index
        return self.task_id if index is None or index < 0 else f"{self.task_id}[{index}]"

    def _place(self, work: Work) -> None:
        cluster, job = work.cluster, work.job
        if job is None:
            return
        tooling = wiring.catalogue().tooling
        settings = Connection.get(cluster.connection).extra_dejson
        notary = Connection.get("notary").extra_dejson.get("pod_url") or address(Connection.get("notary"))
        self.namespace = cluster.namespace
        self.image = settings["toolbox_image"]
        self.arguments = [job.kind]
        self.name = f"hb-{job.kind}-{str(self._job)[:10]}"
        self.random_name_suffix = True
        self.labels = {JOB_LABEL: str(self._job)[:40], "app.kubernetes.io/managed-by": "hummingbird"}
        self.service_account_name = cluster.service_account
        self.image_pull_secrets = [
            k8s.V1LocalObjectReference(name=settings.get("pull_secret", "harbor-pull"))
        ]
        self.active_deadline_seconds = work.deadline_seconds or tooling.deadline_seconds
        self.env_vars = [
            k8s.V1EnvVar(name="HB_NOTARY_URL", value=notary),
            k8s.V1EnvVar(name="HB_SECRETS", value=SECRETS),
            k8s.V1EnvVar(name="HB_SERVICEACCOUNT", value=SERVICE_ACCOUNT),
            k8s.V1EnvVar(name="TMPDIR", value=SCRATCH),
            k8s.V1EnvVar(name="HOME", value=SCRATCH),
        ]
        self.volumes = [
            k8s.V1Volume(
                name="secrets",
                secret=k8s.V1SecretVolumeSource(secret_name=SECRET_NAME, default_mode=0o440),
            ),
            k8s.V1Volume(name="scratch", empty_dir=k8s.V1EmptyDirVolumeSource()),
        ]
        self.volume_mounts = [
            k8s.V1VolumeMount(name="secrets", mount_path=SECRETS, read_only=True),
            k8s.V1VolumeMount(name="scratch", mount_path=SCRATCH),
        ]
        limits = {"cpu": tooling.cpu, "memory": tooling.memory}
        self.container_resources = k8s.V1ResourceRequirements(
            requests={"cpu": "100m", "memory": "128Mi"}, limits=limits
        )
        # What Kubernetes' profile `restricted` asks for: a namespace that enforces it takes these pods.
        self.security_context = {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        self.container_security_context = {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
