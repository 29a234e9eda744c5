"""When people work: trading days, office hours without the lunch break, Asia/Shanghai."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_MORNING, _NOON, _AFTER_LUNCH, _EVENING = time(9), time(11, 30), time(13), time(18, 30)
_CLOSE_HOUR = 15.0
_SATURDAY = 5


class WorkingTime:
    """The trading days of a span, and what falls into office hours."""

    def __init__(self, days: list[date]) -> None:
        self.days = days
        """Trading days in order."""

    def at(self, day: date, hour: float) -> datetime:
        """A moment of a day by the clock in Shanghai; 20.5 is half past eight in the evening."""
        begin = datetime.combine(day, time(), SHANGHAI)
        return (begin + timedelta(hours=hour)).astimezone(UTC)

    def in_office(self, moment: datetime) -> datetime:
        """The moment itself in office hours, else when the office opens next."""
        local = moment.astimezone(SHANGHAI)
        day, clock = local.date(), local.time()
        if self._works(day):
            if clock < _MORNING:
                return self._of(day, _MORNING)
            if _NOON <= clock < _AFTER_LUNCH:
                return self._of(day, _AFTER_LUNCH)
            if clock < _EVENING:
                return moment
        return self._of(self._next(day), _MORNING)

    def after_work(self, moment: datetime, seconds: float) -> datetime:
        """When that much office time has passed since a moment."""
        now, left = self.in_office(moment), timedelta(seconds=seconds)
        while True:
            local = now.astimezone(SHANGHAI)
            closes = self._of(local.date(), _NOON if local.time() < _NOON else _EVENING)
            if now + left < closes:
                return now + left
            left -= closes - now
            now = self.in_office(closes)

    def after_close(self, moment: datetime, hours: float) -> datetime:
        """That long after the exchange has closed: on the moment's own day, or at once when it is later."""
        local = self.in_office(moment).astimezone(SHANGHAI)
        return max(moment, self.at(local.date(), _CLOSE_HOUR + hours))

    def _works(self, day: date) -> bool:
        if day > self.days[-1]:  # beyond the span every weekday will do
            return day.weekday() < _SATURDAY
        place = bisect_left(self.days, day)
        return self.days[place] == day

    def _next(self, day: date) -> date:
        following = day + timedelta(days=1)
        while not self._works(following):
            following += timedelta(days=1)
        return following

    @staticmethod
    def _of(day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, SHANGHAI).astimezone(UTC)
