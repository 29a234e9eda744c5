"""Where each component stands while its history is invented: what is under development, what runs where."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from hummingbird.core.bundle import BundleComponent
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.observation import ObservedCommit
from hummingbird.core.story import Story, StoryKey
from hummingbird.history.chance import Chance
from hummingbird.history.firm import PROJECT, Made, holders
from hummingbird.history.sealed import Sealed

_ACTS = ("校验", "查询", "撤单", "对账", "导出", "限额", "重试", "推送", "归档", "权限", "报表", "缓存")
_THINGS = (
    "冰山委托", "融资融券", "科创板申报", "大宗交易", "可转债申购", "国债逆回购", "两融担保品", "港股通额度",
    "盘后定价", "客户适当性", "资金划转", "持仓成本", "行情快照", "清算文件", "场内基金", "期权保证金",
)  # fmt: skip


_REMEMBERED = 6
"""More than one delivery brings to one cluster."""


@dataclass(eq=False)
class Change:
    """What one story brought to one component since its last release."""

    story: Story
    commits: list[ObservedCommit]
    authors: set[str]


@dataclass(eq=False)
class Lane:
    """One component's way through the history."""

    made: Made
    free_at: datetime
    """Until then it is busy with the delivery before."""
    minor: int = 0
    patch: int = 0
    pipelines: count[int] = field(default_factory=lambda: count(1))
    requests: count[int] = field(default_factory=lambda: count(1))
    released: str | None = None
    """The commit that runs in production."""
    head: str | None = None
    """Develop's head."""
    under_way: list[Change] = field(default_factory=list)
    running: dict[str, str] = field(default_factory=dict)
    """Cluster → the bundle that serves there."""
    brought: dict[str, deque[tuple[datetime, Sealed]]] = field(default_factory=dict)
    """Cluster → the last bundles that came to serve there, and when."""
    lines: int = 0
    """Lines written since the history began."""

    @property
    def name(self) -> str:
        """The component's name."""
        return self.made.name

    def next_version(self, *, hotfix: bool) -> str:
        """The version of the next release, or of its mend."""
        if hotfix:
            self.patch += 1
        else:
            self.minor, self.patch = self.minor + 1, 0
        return f"1.{self.minor}.{self.patch}"

    def serves(self, cluster: str, bundle: Sealed, at: datetime) -> None:
        """A bundle came to serve in a cluster."""
        self.running[cluster] = bundle.sha256
        self.brought.setdefault(cluster, deque(maxlen=_REMEMBERED)).append((at, bundle))

    def served(self, cluster: str, at: datetime) -> Sealed | None:
        """What had come to serve in a cluster by then; rollbacks are for production alone."""
        return next((one for when, one in reversed(self.brought.get(cluster, ())) if when <= at), None)

    def goes_back(self, cluster: str, before: str | None) -> None:
        """What ran before serves there again, or nothing does."""
        if before is None:
            self.running.pop(cluster, None)
        else:
            self.running[cluster] = before


class Stories:
    """Hands out the invented stories, one number after the other."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self, chance: Chance) -> Story:
        """A story that somebody works on."""
        key = StoryKey(f"{PROJECT}-{next(self._numbers)}")
        return Story(
            key=key,
            project=PROJECT,
            title=f"{chance.one_of(_THINGS)}{chance.one_of(_ACTS)}",
            status="In Progress",
            closed=False,
            url=f"https://synthetic.example/tracker/browse/{key}",
            reporter=chance.one_of(holders("release_manager")),
            assignee=chance.one_of(holders("developer")),
        )


def digest_of(commit: str) -> str:
    """The digest of what a commit was built to."""
    return f"sha256:{sha256_hex(commit.encode())}"


def settings_of(component: BundleComponent | Lane) -> dict[str, str]:
    """The component's configuration."""
    return {"trade.limit": str(100_000 + len(component.name) * 1000)}
