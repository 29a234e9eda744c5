"""Who may answer a prompt: the persons it is assigned to, by user name as well as by FAB's numeric id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager

if TYPE_CHECKING:
    from airflow.providers.fab.auth_manager.models import User


class DeliveryAuthManager(FabAuthManager):
    """FAB, except that a prompt's assigned users are matched on the user name too.

    Airflow compares ids only, which are numbers in FAB's database; the catalogue knows names.
    """

    def is_authorized_hitl_task(self, *, assigned_users: set[str], user: User) -> bool:
        """Whether the user is one of those the prompt was assigned to; administrators get no exception."""
        return bool({str(user.get_id()), user.get_name(), user.username} & assigned_users)
