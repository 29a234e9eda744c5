"""Airflow connections → clients: every host and credential comes from here and nowhere else."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from airflow.sdk import Connection

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.catalogue import Catalogue
from hummingbird.orchestration.address import address

if TYPE_CHECKING:
    from hummingbird.clients.airflow import AirflowApi
    from hummingbird.clients.apollo import Apollo
    from hummingbird.clients.artifactory import Artifactory
    from hummingbird.clients.git_tags import GitTags
    from hummingbird.clients.gitlab import GitLab
    from hummingbird.clients.harbor import Harbor
    from hummingbird.clients.jira_measures import JiraMeasures
    from hummingbird.clients.notary import NotaryApi


def catalogue() -> Catalogue:
    """The catalogue as it is on disk now: every task reads it afresh."""
    return load_catalogue(*catalogue_folders(os.environ))


@cache
def tracker() -> JiraMeasures:
    """Jira, by connection `jira_default`."""
    from hummingbird.orchestration.jira import DeliveryJiraHook

    return DeliveryJiraHook("jira_default").tracker()


def measures() -> JiraMeasures:
    """What Jira knows for figures, by the same connection."""
    return tracker()


@cache
def code_host() -> GitLab:
    """GitLab, by connection `gitlab_default`."""
    from hummingbird.clients.gitlab import GitLab

    connection = Connection.get("gitlab_default")
    return GitLab(address(connection), connection.password or "")


@cache
def head_host() -> GitTags:
    """Where the ledger's heads are published, by connection `ledger_heads` and its extra `project`."""
    from hummingbird.clients.git_tags import GitTags

    connection = Connection.get("ledger_heads")
    project = str(connection.extra_dejson["project"])
    return GitTags(address(connection), project, connection.login or "", connection.password or "")


@cache
def image_store() -> Harbor:
    """Harbor, by connection `harbor_default`."""
    from hummingbird.clients.harbor import Harbor

    connection = Connection.get("harbor_default")
    return Harbor(address(connection), connection.login or "", connection.password or "")


@cache
def package_store() -> Artifactory:
    """Artifactory, by connection `artifactory_default`."""
    from hummingbird.clients.artifactory import Artifactory

    connection = Connection.get("artifactory_default")
    return Artifactory(address(connection), connection.login or "", connection.password or "")


@cache
def settings_store() -> Apollo:
    """Apollo's portal, by connection `apollo_default`; its login is the user that reads are made as."""
    from hummingbird.clients.apollo import Apollo

    connection = Connection.get("apollo_default")
    return Apollo(address(connection), connection.password or "", connection.login or "")


@cache
def notary() -> NotaryApi:
    """The notary, by connection `notary`, with the tasks' token."""
    from hummingbird.clients.notary import NotaryApi
    from hummingbird.clients.retrying import PATIENT

    connection = Connection.get("notary")
    return NotaryApi(address(connection), connection.password or "", retrying=PATIENT)


@cache
def airflow_api() -> AirflowApi:
    """Airflow's own API as the platform account, by connection `airflow_platform`."""
    from hummingbird.clients.airflow import AirflowApi
    from hummingbird.clients.retrying import PATIENT

    connection = Connection.get("airflow_platform")
    login, password = connection.login or "", connection.password or ""
    return AirflowApi(address(connection), login, password, retrying=PATIENT)


def toolbox_image(catalogue: Catalogue) -> str:
    """The image that work runs in, by digest, as the tooling cluster's connection names it."""
    connection = Connection.get(catalogue.clusters[catalogue.tooling.cluster].connection)
    return str(connection.extra_dejson["toolbox_image"])


def registry_host() -> str:
    """Host and port that clusters pull images from."""
    return address(Connection.get("harbor_default")).split("://", 1)[1]
