"""Who may start a path and answer its prompts: by the path's own right, and by the persons a prompt names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager

from hummingbird.orchestration.fab_rights import PROMPT, RUN, resource

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
    from airflow.providers.fab.auth_manager.models import User

_OWN = {
    ("POST", DagAccessEntity.RUN): RUN,
    ("PUT", DagAccessEntity.RUN): RUN,
    ("PUT", DagAccessEntity.HITL_DETAIL): PROMPT,
}
"""What a path has a right of its own for: starting it, writing onto its runs, answering its prompts."""


class DeliveryAuthManager(FabAuthManager):
    """FAB, except for what it cannot tell apart: acting on a path's runs or prompts, and changing the DAG."""

    def is_authorized_dag(
        self,
        *,
        method: Any,
        user: User,
        access_entity: DagAccessEntity | None = None,
        details: DagDetails | None = None,
    ) -> bool:
        """FAB's answer; or yes to who has the path's own right and may read it.

        FAB alone would want `can_edit` on the DAG too, with which approvers could pause what they approve.
        """
        kind = _OWN.get((method, access_entity)) if access_entity else None
        if kind and details and details.id:
            own = resource(kind, details.id)
            if self._is_authorized(method=method, resource_type=own, user=user):
                method = "GET"
        return bool(
            super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)
        )

    def is_authorized_hitl_task(self, *, assigned_users: set[str], user: User) -> bool:
        """Whether the user is one of those the prompt was assigned to; administrators get no exception.

        Airflow compares ids only, which are numbers in FAB's database; the catalogue knows names.
        """
        return bool({str(user.get_id()), user.get_name(), user.username} & assigned_users)
