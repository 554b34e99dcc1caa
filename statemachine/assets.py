"""Assets: what the customer has at the bank, as the mean of the last thirty days.

Banks look at the mean of the days (月日均), never at a balance of one moment. What is remembered
is not the days but the changes of the total from one day to another: few for most customers, and
sums, so that reports give the same total in whatever order they come. Of each holding the last
report is carried forward; the reports of its last days are kept, so that one that comes late is
put in its place.

Amounts are this customer's share in whole units of the policy's currency, rounded down.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

import msgspec
from msgspec.structs import replace

from schemas.outputs import Value
from statemachine.packing import pack, unpack

MEAN_DAYS = 30
MOST_HOLDINGS = 16
"""Holdings remembered per customer; beyond it the one reported longest ago goes, as if emptied."""
_EMPTY_DAYS = 20
"""An emptied holding is forgotten so many days later: a renewal may still refill it before."""
MOST_CHANGES = 60
"""Changes remembered; of more, those that are no part of the mean are put on every tenth day, and
then the oldest are taken to have been since ever."""
_RECENT_DAYS = 40
_COARSE_DAYS = 10
_LATE_DAYS = 8
"""A holding's reports of so many days before its last one are remembered, to put late ones in."""
_MOST_REPORTS = 9
_CODE = 3
"""Letters of a currency."""


class Holding(msgspec.Struct, frozen=True, gc=False):
    """What one account or product was last reported to hold."""

    ref: int
    """32-bit hash of the account or product reference."""
    reports: tuple[int, ...]
    """Day, amount, day, amount, ... ascending: the latest, and those that may still be overtaken
    by a late one."""
    cut: bool = False
    """Whether older reports were forgotten."""


class Assets(msgspec.Struct, frozen=True, gc=False):
    """A total over holdings, day by day, as the changes of its last days (assets.py)."""

    holdings: tuple[Holding, ...] = ()
    base: int = 0
    """The total before the first change, in whole units of the policy's currency."""
    changes: tuple[int, ...] = ()
    """Day, difference, day, difference, ... ascending."""
    left_out: tuple[str, ...] = ()
    """Currencies of which the policy has no rate."""


NOTHING = Assets()


def pack_assets(assets: Assets) -> bytes:
    """As they are remembered: numbers, and the currencies left out behind them."""
    latest = assets.changes[-2] if assets.changes else 0
    numbers = [len(assets.left_out), assets.base, len(assets.changes) // 2, latest]
    for day, change in _pairs(assets.changes):
        numbers += (latest - day, change)
    for one in assets.holdings:
        numbers += (one.ref, len(one.reports) if one.cut else -len(one.reports))
        for day, amount in _pairs(one.reports):
            numbers += (latest - day, amount)
    return pack(numbers) + "".join(assets.left_out).encode()


@lru_cache(maxsize=4096)
def assets_of(packed: bytes) -> Assets | None:
    """The assets again; None if nothing was ever reported."""
    if not packed:
        return None
    left_out, base, count, latest, *_ = unpack(packed)
    text = packed[len(packed) - _CODE * left_out :].decode()
    numbers = iter(unpack(packed[: len(packed) - len(text)])[4:])
    changes = tuple(_days_of(numbers, 2 * count, latest))
    holdings = []
    for ref in numbers:
        size = next(numbers)
        reports = tuple(_days_of(numbers, abs(size), latest))
        holdings.append(Holding(ref, reports, cut=size > 0))
    codes = tuple(text[at : at + _CODE] for at in range(0, len(text), _CODE))
    return Assets(tuple(holdings), base, changes, codes)


def _days_of(numbers: Iterator[int], count: int, latest: int) -> Iterator[int]:
    for _ in range(count // 2):
        yield latest - next(numbers)
        yield next(numbers)


def report(
    assets: Assets, ref: int, day: int, amount: int, *, kept: tuple[int, int, int]
) -> Assets:
    """With the report that holding `ref` had `amount` at the end of `day`.

    Of two reports for one day the one that is told later counts. One that is older than all that
    are remembered of its holding, when some were forgotten, changes nothing. `kept` is for how many
    days before the latest changes are kept (of older ones only the sum is), from which highest
    total on, and for how many below it.
    """
    known = find_holding(assets, ref)
    reports = [] if known is None else list(_pairs(known.reports))
    at = bisect_right(reports, day, key=lambda one: one[0])
    if at == 0 and known is not None and known.cut:
        return assets
    before = reports[at - 1][1] if at else 0
    if at and reports[at - 1] == (day, amount):
        return assets
    changes = dict(_pairs(assets.changes))
    changes[day] = changes.get(day, 0) + amount - before
    if at < len(reports):
        # The next report now says what came after this one.
        following = reports[at][0]
        changes[following] = changes.get(following, 0) - (amount - before)
    if at and reports[at - 1][0] == day:
        reports[at - 1] = (day, amount)
    else:
        reports.insert(at, (day, amount))
    holding = _bounded_holding(ref, reports, cut=known is not None and known.cut)
    others = tuple(one for one in assets.holdings if one.ref != ref)
    after = replace(assets, holdings=(*others, holding))
    return _bounded(after, changes, kept)


def find_holding(assets: Assets, ref: int) -> Holding | None:
    """What is remembered of one account or product."""
    return next((one for one in assets.holdings if one.ref == ref), None)


def held(assets: Assets, ref: int) -> int:
    """What a holding was last reported to have before it was emptied; 0 if never anything."""
    one = find_holding(assets, ref)
    return 0 if one is None else next((amount for amount in one.reports[::-2] if amount), 0)


def without_rate(assets: Assets, currency: str) -> Assets:
    """Noting that there are holdings in a currency of which the policy has no rate."""
    if currency in assets.left_out:
        return assets
    return replace(assets, left_out=tuple(sorted((*assets.left_out, currency))))


def anew(assets: Assets, day: int) -> Assets:
    """A new life begins on `day`: what there is now is all there ever was, and came that day."""
    total = assets.base + sum(assets.changes[1::2])
    return replace(assets, base=0, changes=(day, total) if total else ())


def left_out(assets: Assets | None) -> dict[str, Value]:
    """The evidence that some holdings are not counted: they are in currencies without a rate."""
    return {"left_out": ", ".join(assets.left_out)} if assets and assets.left_out else {}


def sums(assets: Assets, first: int, last: int) -> list[int]:
    """For the midnights that begin days `first` to `last`: the sum of the thirty days before.

    A mean is a thirtieth of it. Sums are compared, so that nothing is rounded.
    """
    begin = first - MEAN_DAYS
    total = assets.base
    steps = [0] * (last - begin)
    for day, change in _pairs(assets.changes):
        if day <= begin:
            total += change
        elif day < last:
            steps[day - begin] = change
    if steps:
        steps[0] += total
    until = [0, *accumulate(accumulate(steps))]
    return [until[at + MEAN_DAYS] - until[at] for at in range(last - first + 1)]


def levels(assets: Assets, since: int) -> tuple[int, int]:
    """The highest total that is remembered, and the lowest from day `since` on."""
    total = highest = assets.base
    lowest = None
    for day, change in _pairs(assets.changes):
        if day > since and lowest is None:
            lowest = total
        total += change
        highest = max(highest, total)
        if day >= since:
            lowest = total if lowest is None else min(lowest, total)
    return highest, total if lowest is None else lowest


def mean(assets: Assets | None, day: int) -> int:
    """The mean of the thirty days before `day`, rounded down."""
    return 0 if assets is None else sums(assets, day, day)[0] // MEAN_DAYS


def steady_from(assets: Assets) -> int:
    """The midnight from which the mean is the same, if nothing is reported any more."""
    return assets.changes[-2] + MEAN_DAYS if assets.changes else 0


def first_with_mean(assets: Assets | None, limit: int, first: int, *, below: bool) -> int | None:
    """The first day from `first` on that begins with a mean of `limit` or more, or below it."""
    if assets is None:
        return first if below and limit > 0 else None
    last = max(first, steady_from(assets))
    wanted = limit * MEAN_DAYS
    for day, found in enumerate(sums(assets, first, last), first):
        if (found < wanted) is below:
            return day
    return None


def _pairs(flat: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    return zip(flat[::2], flat[1::2], strict=True)


def _flat(pairs: list[tuple[int, int]]) -> tuple[int, ...]:
    return tuple(part for pair in pairs for part in pair)


def _bounded_holding(ref: int, reports: list[tuple[int, int]], *, cut: bool) -> Holding:
    oldest = reports[-1][0] - _LATE_DAYS
    while len(reports) > 1 and (reports[1][0] <= oldest or len(reports) > _MOST_REPORTS):
        del reports[0]
        cut = True
    return Holding(ref, _flat(reports), cut)


def _bounded(assets: Assets, changes: dict[int, int], kept: tuple[int, int, int]) -> Assets:
    found = sorted((day, change) for day, change in changes.items() if change)
    base = assets.base
    latest = max(one.reports[-2] for one in assets.holdings)
    holdings = tuple(
        one for one in assets.holdings if one.reports[-1] or one.reports[-2] > latest - _EMPTY_DAYS
    )
    if len(holdings) > MOST_HOLDINGS:
        dropped = min(holdings, key=lambda one: (one.reports[-2], one.ref))
        holdings = tuple(one for one in holdings if one is not dropped)
        latest = max(one.reports[-2] for one in holdings)
        return _bounded(
            replace(assets, holdings=holdings),
            {**changes, latest: changes.get(latest, 0) - dropped.reports[-1]},
            kept,
        )
    keep_days, keep_from, few_days = kept
    base += _cut(found, keep_days)
    # Asked of what is left: looked at once more, the same is kept.
    if max(accumulate((change for _, change in found), initial=base)) < keep_from:
        base += _cut(found, few_days)
    if len(found) > MOST_CHANGES:
        found = _thinned(found)
    while len(found) > MOST_CHANGES:
        base += found.pop(0)[1]
    return replace(assets, holdings=holdings, base=base, changes=_flat(found))


def _cut(changes: list[tuple[int, int]], days: int) -> int:
    """Take out the changes so many days before the latest, or more; their sum."""
    total = 0
    while changes and changes[0][0] <= changes[-1][0] - days:
        total += changes.pop(0)[1]
    return total


def _thinned(changes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those before the last days put together on every tenth day: the levels there are exact."""
    recent = changes[-1][0] - _RECENT_DAYS
    thinned: dict[int, int] = {}
    for day, change in changes:
        on = day if day > recent else day + -day % _COARSE_DAYS
        thinned[on] = thinned.get(on, 0) + change
    return sorted(thinned.items())
