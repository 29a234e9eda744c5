"""Windows around real trading: break, holiday, make-up Saturday, half day, summer time, midnight, horizon."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from builders import a_calendar, the_catalogue, the_facts
from hummingbird.catalogue.exchanges import last_known_day, trading_of
from hummingbird.core.calendar import Calendar, Freeze, Trading
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.gate import State
from hummingbird.gates import window_open
from hummingbird.gates.windows import HORIZON, Window, open_spans, running_out, told, window_at

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
ALWAYS = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def trading_calendar(**changes: Any) -> Calendar:
    fields: dict[str, Any] = {
        "name": "outside",
        "weekly": ALWAYS,
        "exchanges": ["XSHG"],
        "before_open_minutes": 60,
        "after_close_minutes": 30,
    }
    return a_calendar(**(fields | changes))


def look(calendar: Calendar, now: datetime, catalogue: Catalogue | None = None) -> Window:
    return window_at(calendar, trading_of(catalogue or the_catalogue(), calendar, now, now + HORIZON), now)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 08:29", True),
        ("2026-11-23 08:30", False),  # an hour before the opening at 09:30
        ("2026-11-23 10:00", False),
        ("2026-11-23 12:00", False),  # the break at noon
        ("2026-11-23 15:29", False),
        ("2026-11-23 15:30", True),  # half an hour after the close
        ("2026-11-22 10:00", True),  # a Sunday
    ],
)
def test_nothing_starts_around_a_session_and_in_its_break(moment: str, is_open: bool) -> None:
    assert (look(trading_calendar(), at(moment)).open_until is not None) is is_open


def test_the_break_at_noon_is_a_window_where_the_calendar_says_so_to_the_minute() -> None:
    calendar = trading_calendar(break_is_open=True)
    found = look(calendar, at("2026-11-23 11:30"))
    assert found.open_until == at("2026-11-23 13:00")
    assert look(calendar, at("2026-11-23 11:29")).opens == at("2026-11-23 11:30")
    assert look(calendar, at("2026-11-23 13:00")).open_until is None


def test_a_closed_window_says_who_trades_and_when_it_opens_next() -> None:
    found = look(trading_calendar(), at("2026-11-23 10:00"))
    assert found.why == "XSHG trades on 2026-11-23 from 09:30 to 15:00"
    assert found.opens == at("2026-11-23 15:30")


def test_on_an_exchange_holiday_the_window_is_open() -> None:
    assert look(trading_calendar(), at("2026-10-05 10:00")).open_until == at("2026-10-08 08:30")
    closed_then = trading_calendar(holidays=["18:00-20:00"])
    assert look(closed_then, at("2026-10-05 10:00")).opens == at("2026-10-05 18:00")
    assert look(closed_then, at("2026-10-10 10:00")).open_until is not None, "a Saturday is no holiday"


def test_on_a_make_up_saturday_people_work_and_the_exchange_does_not() -> None:
    make_up = at("2026-10-10 10:00")  # worked for the holiday of October
    assert make_up.weekday() == 5
    assert look(trading_calendar(), make_up).open_until is not None


def test_after_a_half_day_the_window_opens_at_noon() -> None:
    hong_kong = trading_calendar(exchanges=["XHKG"])
    assert look(hong_kong, at("2026-12-24 12:29")).opens == at("2026-12-24 12:30")
    assert look(hong_kong, at("2026-12-23 12:30")).opens == at("2026-12-23 16:30")


def test_the_later_close_of_two_exchanges_counts() -> None:
    both = trading_calendar(exchanges=["XSHG", "XHKG"])
    assert look(both, at("2026-11-23 15:45")).opens == at("2026-11-23 16:30")
    assert look(both, at("2026-10-08 08:00")).open_until == at("2026-10-08 08:30")


def test_the_server_s_zone_and_a_reader_s_make_no_difference() -> None:
    local = at("2026-11-23 15:30")
    assert look(trading_calendar(), local.astimezone(UTC)).open_until is not None
    assert look(trading_calendar(), local.astimezone(NEW_YORK)).open_until is not None
    assert look(trading_calendar(), at("2026-11-23 15:30", ZoneInfo("UTC"))).open_until is not None
    assert look(trading_calendar(), at("2026-11-23 02:00", ZoneInfo("UTC"))).open_until is None
    assert told(local, "Asia/Shanghai") == "2026-11-23 15:30 Asia/Shanghai (2026-11-23 07:30 UTC)"


def test_hours_of_a_zone_with_daylight_saving_follow_its_wall_clock() -> None:
    evening = a_calendar(timezone="America/New_York", weekly={"sat": ["20:00-24:00"], "sun": ["00:00-06:00"]})
    spring = list(open_spans(evening, Trading(), at("2027-03-13 12:00"), at("2027-03-15 12:00")))
    autumn = list(open_spans(evening, Trading(), at("2026-10-31 12:00"), at("2026-11-02 12:00")))
    assert [span.ends - span.begins for span in spring] == [timedelta(hours=9)]
    assert [span.ends - span.begins for span in autumn] == [timedelta(hours=11)]
    assert spring[0].begins == at("2027-03-13 20:00", NEW_YORK)
    assert spring[0].ends == at("2027-03-14 06:00", NEW_YORK)


def test_a_window_that_ends_at_midnight_ends_there_and_one_that_goes_on_does_not() -> None:
    late = a_calendar(weekly={"mon": ["22:00-24:00"]})
    assert look(late, at("2026-11-23 23:59")).open_until == at("2026-11-24 00:00")
    assert look(late, at("2026-11-24 00:00")).opens == at("2026-11-30 22:00")
    through = a_calendar(weekly={"mon": ["22:00-24:00"], "tue": ["00:00-02:00"]})
    assert look(through, at("2026-11-23 23:59")).open_until == at("2026-11-24 02:00")


def test_beyond_what_is_known_of_an_exchange_the_window_is_closed() -> None:
    last = last_known_day("XSHG")
    after = datetime.combine(last + timedelta(days=1), datetime.min.time(), SHANGHAI)
    found = look(trading_calendar(), after)
    assert (found.open_until, found.opens) == (None, None)
    assert found.why == "nobody vouches for the days of XSHG any more"
    before = look(trading_calendar(), after - timedelta(minutes=1))
    assert before.open_until == after
    calendar = trading_calendar()
    trading = trading_of(the_catalogue(), calendar, after, after + HORIZON)
    answer = window_open.check(the_facts("prod", now=after, calendar=calendar, trading=trading))
    assert answer.state is State.REFUSED
    assert "vouch for more of them in exchanges.yaml" in answer.why


def test_weeks_before_the_end_of_what_is_known_people_are_warned() -> None:
    last = last_known_day("XSHG")
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), SHANGHAI)
    trading = trading_of(the_catalogue(), trading_calendar(), end, end)
    assert running_out(trading, end - timedelta(weeks=6, minutes=1)) is None
    warned = running_out(trading, end - timedelta(weeks=5))
    assert warned is not None
    assert f"the days of XSHG are known until {last} only" in warned
    assert running_out(Trading(), end) is None


def test_an_entry_of_exchanges_yaml_vouches_for_days_that_the_library_lacks() -> None:
    known = the_catalogue()
    last = last_known_day("XSHG")
    monday = last + timedelta(days=7 - last.weekday())
    exchange = known.exchanges["XSHG"].model_copy(
        update={
            "known_until": monday + timedelta(days=30),
            "closed": {monday + timedelta(days=1): "春节"},
            "early": {monday + timedelta(days=2): "11:00"},
        }
    )
    extended = known.model_copy(update={"exchanges": {**known.exchanges, "XSHG": exchange}})

    def then(days: int, hour: int) -> Window:
        day = monday + timedelta(days=days)
        return look(
            trading_calendar(),
            datetime.combine(day, datetime.min.time(), SHANGHAI).replace(hour=hour),
            extended,
        )

    assert then(0, 10).why == f"XSHG trades on {monday} from 09:30 to 15:00"
    assert then(0, 12).open_until is None, "the break"
    assert then(1, 10).open_until is not None, "a holiday"
    assert then(2, 12).open_until is not None, "a half day"
    assert then(5, 10).open_until is not None, "a Saturday"
    assert then(31, 10).opens is None


def test_a_closure_and_an_extra_day_that_the_library_does_not_know() -> None:
    known = the_catalogue()
    exchange = known.exchanges["XSHG"].model_copy(
        update={"closed": {date(2026, 11, 24): "台风"}, "added": [date(2026, 11, 28)]}
    )
    changed = known.model_copy(update={"exchanges": {**known.exchanges, "XSHG": exchange}})
    assert look(trading_calendar(), at("2026-11-24 10:00"), changed).open_until is not None
    assert look(trading_calendar(), at("2026-11-28 10:00"), changed).open_until is None


def test_a_blackout_closes_every_calendar_that_it_names() -> None:
    known = the_catalogue()
    blackout = {
        "name": "outage",
        "reason": "机房断电",
        "begins": "2026-11-23T00:00:00+08:00",
        "ends": "2026-11-23T20:00:00+08:00",
        "calendars": ["production"],
    }
    shut = Catalogue.model_validate(known.document() | {"blackouts": {"outage": blackout}})
    prod = shut.environment("prod")
    now = at("2026-11-23 12:00")
    found = look(shut.calendar_of(prod, "deploy"), now)
    assert (found.why, found.opens) == ("frozen: 机房断电", at("2026-11-23 20:00"))
    assert look(shut.calendar_of(prod, "rollback"), now).open_until is not None
    assert look(known.calendar_of(prod, "deploy"), now).open_until is not None


def test_a_freeze_that_begins_in_a_window_ends_it() -> None:
    freeze = Freeze(reason="年终结算", begins=at("2026-11-23 19:00"), ends=at("2026-11-24 19:00"))
    calendar = a_calendar(freezes=[freeze])
    assert look(calendar, at("2026-11-23 18:30")).open_until == at("2026-11-23 19:00")
    assert look(calendar, at("2026-11-23 19:00")).opens == at("2026-11-24 19:00")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"timezone": "Asia/Shangai"}, "no time zone"),
        ({"weekly": {"monday": ["10:00-11:00"]}}, "no day"),
        ({"weekly": {"mon": ["11:00-10:00"]}}, "no span"),
        ({"weekly": {"mon": ["9-10"]}}, "no span"),
        ({"holidays": ["24:00-25:00"]}, "no span"),
    ],
)
def test_a_calendar_that_says_nothing_sensible_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        a_calendar(**changes)


def test_a_freeze_without_a_zone_or_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        Freeze.model_validate({"reason": "x", "begins": "2026-11-23T00:00:00", "ends": "2026-11-24T00:00:00"})
    with pytest.raises(ValueError, match="ends before it begins"):
        Freeze(reason="x", begins=at("2026-11-24 00:00"), ends=at("2026-11-23 00:00"))
