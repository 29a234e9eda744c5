"""What must hold of the roles in Airflow: described, not Airflow's own, and answering apart from pausing."""

from __future__ import annotations

from collections.abc import Iterator

from hummingbird.catalogue.complaint import Complaint
from hummingbird.core.airflow_role import ADMINISTRATORS, STOCK
from hummingbird.core.catalogue import Catalogue


def airflow_role_complaints(catalogue: Catalogue) -> Iterator[Complaint]:
    """Every role has its Airflow role described, and none of these may stop what it answers."""
    known = [*catalogue.airflow_roles, ADMINISTRATORS]
    there_are = ", ".join(sorted(known))
    for name, role in catalogue.roles.items():
        if role.airflow_role not in known:
            why = f"airflow_roles describes no {role.airflow_role}; there are {there_are}"
            yield "roles", (name, "airflow_role"), why
    if catalogue.platform_role not in catalogue.airflow_roles:
        why = f"airflow_roles describes no {catalogue.platform_role}; there are {there_are}"
        yield "platform_role", (), why
    for name, airflow_role in catalogue.airflow_roles.items():
        if name in STOCK:
            why = "Airflow fills this role by itself at every start; give yours another name"
            yield "airflow_roles", (name,), why
        if airflow_role.answers and airflow_role.pauses:
            why = "whoever answers prompts pauses no path: it would stop what it is asked about"
            yield "airflow_roles", (name, "pauses"), why
