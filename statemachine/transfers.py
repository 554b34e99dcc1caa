"""Own transfers to other banks: the amount of each day, as far back as any rule looks."""

from __future__ import annotations

from functools import lru_cache

from statemachine.packing import pack, unpack

MOST_DAYS = 12
"""Days remembered; of more, the two oldest become one."""


@lru_cache(maxsize=4096)
def transfers_of(packed: bytes) -> tuple[tuple[int, int], ...]:
    """Day and amount, the earliest first."""
    if not packed:
        return ()
    latest, *numbers = unpack(packed)
    return tuple(
        (latest - back, amount) for back, amount in zip(numbers[::2], numbers[1::2], strict=True)
    )


def add_transfer(packed: bytes, day: int, amount: int, *, keep_days: int) -> bytes:
    """With `amount` transferred on `day`; days more than `keep_days` before the latest are gone."""
    amounts = dict(transfers_of(packed))
    amounts[day] = amounts.get(day, 0) + amount
    latest = max(amounts)
    found = sorted(one for one in amounts.items() if one[0] >= latest - keep_days)
    while len(found) > MOST_DAYS:
        (_, first), (second, more) = found[:2]
        found[:2] = [(second, first + more)]
    return _packed(found)


def take_back(packed: bytes, day: int, amount: int) -> bytes:
    """Without `amount` on `day`, if as much was transferred then."""
    amounts = dict(transfers_of(packed))
    if amounts.get(day, 0) < amount:
        return packed
    amounts[day] -= amount
    return _packed(sorted(one for one in amounts.items() if one[1]))


def _packed(found: list[tuple[int, int]]) -> bytes:
    if not found:
        return b""
    latest = found[-1][0]
    return pack([latest, *(part for at, moved in found for part in (latest - at, moved))])
