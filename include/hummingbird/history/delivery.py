"""What is needed to tell one delivery."""

from __future__ import annotations

from dataclasses import dataclass

from hummingbird.core.catalogue import Catalogue
from hummingbird.history.chance import Chance
from hummingbird.history.observing import Unseen
from hummingbird.history.runs import Door
from hummingbird.history.told import Told
from hummingbird.history.working_time import WorkingTime


@dataclass(frozen=True)
class Delivery:
    """Where its events go, what decides it, and by which rules."""

    told: Told
    door: Door
    chance: Chance
    office: WorkingTime
    catalogue: Catalogue
    unseen: Unseen
