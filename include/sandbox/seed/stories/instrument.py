"""Stories without end: each lists one more security, some of them to be quoted too, with their tests."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sandbox.seed.stories.edits import BumpMinor, Edit, JsonEntry, Write
from sandbox.seed.stories.work import Commit, StoryWork

SECURITIES = {
    "601318": ("中国平安", "58.41"),
    "600030": ("中信证券", "29.87"),
    "601688": ("华泰证券", None),
    "601211": ("国泰海通", "19.36"),
    "600276": ("恒瑞医药", None),
    "600887": ("伊利股份", "27.92"),
    "601012": ("隆基绿能", None),
    "600309": ("万华化学", "64.25"),
    "601888": ("中国中免", None),
    "600900": ("长江电力", "28.77"),
    "000858": ("五粮液", None),
    "000651": ("格力电器", "40.15"),
    "002415": ("海康威视", None),
    "002594": ("比亚迪", "104.60"),
    "300750": ("宁德时代", None),
    "300059": ("东方财富", "24.73"),
    "601398": ("工商银行", None),
    "601288": ("农业银行", "7.05"),
    "601857": ("中国石油", None),
    "600028": ("中国石化", "5.64"),
    "601668": ("中国建筑", None),
    "600585": ("海螺水泥", "23.48"),
    "600104": ("上汽集团", None),
    "601166": ("兴业银行", "21.90"),
}
"""Code → name, and the previous close where quote-service is to quote it as well: invented."""
_TITLE = re.compile(r"新增可交易证券 (\d{6}) (\S+)")


@dataclass(frozen=True)
class NewStory:
    """What to create in Jira."""

    title: str
    description: str


def next_story(titles: Collection[str]) -> NewStory:
    """The next story to create, given the titles of those that exist."""
    listed = {match.group(1) for title in titles if (match := _TITLE.search(title))}
    code, name = next(
        ((code, name) for code, name in _securities(len(listed)) if code not in listed),
    )
    return NewStory(
        title=f"新增可交易证券 {code} {name}",
        description=f"{name}（{code}）进入可交易证券名单，委托校验随版本发布。",
    )


def listing_works(story: str, title: str) -> list[StoryWork]:
    """The work for a story with such a title, one a component; LookupError for any other title."""
    match = _TITLE.search(title)
    if match is None:
        raise LookupError(
            f"{story} {title!r}: no work is known for it; titles like 新增可交易证券 601318 中国平安 are"
        )
    code, name = match.groups()
    _, close = SECURITIES.get(code, (name, None))
    by_component = {"order-gateway": _listing(code, name, close or "6.50")}
    if close is not None:
        by_component = {"quote-service": _quoting(code, name, close), **by_component}
    return [
        StoryWork(
            key=story,
            title=title,
            description=f"{name}（{code}）进入可交易证券名单。",
            component=component,
            branch=f"feature/{story}-list-{code}",
            commits=[Commit(f"{story} {title}", edits)],
        )
        for component, edits in by_component.items()
    ]


def _listing(code: str, name: str, price: str) -> list[Edit]:
    return [
        JsonEntry("src/order_gateway/instruments.json", code, name),
        Write(f"tests/test_listing_{code}.py", _UNIT.format(code=code, name=name)),
        Write(f"tests_functional/test_listing_{code}.py", _FUNCTIONAL.format(code=code, price=price)),
        BumpMinor(),
    ]


def _quoting(code: str, name: str, close: str) -> list[Edit]:
    return [
        JsonEntry("src/quote_service/securities.json", code, f"{name} {close}"),
        Write(f"tests/test_quoted_{code}.py", _QUOTED.format(code=code, name=name, close=close)),
        BumpMinor(),
    ]


def _securities(listed: int) -> list[tuple[str, str]]:
    """The known securities, then as many invented ones as are needed to go on."""
    invented = [(f"688{number:03}", f"演示证券{number}") for number in range(900, 900 + listed + 1)]
    known = [(code, name) for code, (name, _) in SECURITIES.items()]
    return [*known, *invented]


_UNIT = """\
import unittest

from order_gateway.instruments import read_instruments
from order_gateway.rules.instrument import InstrumentRule

from .orders import a_configuration, an_order


class Listing(unittest.TestCase):
    def test_it_is_listed_under_its_name(self):
        self.assertEqual(read_instruments()["{code}"], "{name}")

    def test_it_may_be_traded(self):
        rule = InstrumentRule.configured(a_configuration())
        self.assertIsNone(rule.check(an_order("{code}")))
"""

_FUNCTIONAL = '''\
"""Orders for {code}."""

from .gateway import GatewayCase


class Listing(GatewayCase):
    def test_an_order_is_taken(self):
        status, order = self.place(symbol="{code}", price="{price}")
        self.assertEqual((status, order["symbol"]), (201, "{code}"))
'''

_QUOTED = """\
import unittest

from .books import a_book


class Quoted(unittest.TestCase):
    def test_it_is_quoted_under_its_name(self):
        quote = a_book().quote("{code}")
        self.assertEqual((quote["name"], quote["previous_close"]), ("{name}", "{close}"))
"""
