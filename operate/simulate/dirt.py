"""Dirt on request: what real feeds do wrong, at known rates, each record labelled with its kind.

Nothing true is lost: a malformed record is one more beside the good one it was made from, under
an event id of its own; a late record arrives, only later. So a consumer that refuses what must
be refused ends where it would have ended on the clean feed, but for what lateness changes.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from heapq import heappop, heappush

from operate.simulate.almanac import DAY_MS, millis_of, stamp
from operate.simulate.dice import Dice
from operate.simulate.personas import Fields
from operate.simulate.records import FeedRecord, to_bytes

RESENT = 100
"""How many records of a topic a re-sent stretch repeats."""
LATENESS_MS = 48 * 3_600_000
"""Where `late` ends and `very_late` begins."""
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Dirt:
    """The share of clean records (0 to 1) at which each kind of dirt strikes."""

    duplicates: float = 0.0
    """The same record again at once: `duplicate`."""
    resends: float = 0.0
    """The topic's last hundred records again, 1..100, 1..100: `resent`."""
    late: float = 0.0
    """Arrives an hour to 47 hours late: `late`."""
    very_late: float = 0.0
    """Arrives more than 48 hours and up to three weeks late: `very_late`."""
    out_of_order: float = 0.0
    """Arrives one to sixty minutes late, behind others that came after: `out_of_order`."""
    malformed: float = 0.0
    """One more record that no contract allows, of each of MALFORMED in turn."""
    future: float = 0.0
    """One more record dated 30 to 400 days ahead: `future`."""

    def __post_init__(self) -> None:
        rates = astuple(self)
        if any(rate < 0 for rate in rates) or sum(rates) > 1:
            raise ValueError("dirt: rates are shares of 0 to 1, together at most 1")

    @property
    def strikes(self) -> bool:
        """Whether there is any dirt at all."""
        return any(rate > 0 for rate in astuple(self))


A_LITTLE = Dirt(
    duplicates=0.005,
    resends=0.00002,
    late=0.002,
    very_late=0.0005,
    out_of_order=0.004,
    malformed=0.002,
    future=0.0005,
)
"""What a decent feed does over two years; a good default for `--dirty`."""
DELAYS = Dirt(late=0.004, very_late=0.003)
"""Nothing wrong, but branches that send their vouchers hours, days and weeks later."""


def soil(
    records: Iterator[FeedRecord], dirt: Dirt, dice: Dice, end_ms: int
) -> Iterator[FeedRecord]:
    """The same feed with dirt; still in arrival order.

    Whatever is late still arrives before the closing watermark at `end_ms`.
    """
    held: list[tuple[int, int, FeedRecord]] = []
    recent: dict[str, deque[FeedRecord]] = {}
    spoil = _spoiler()
    count = 0
    for record in records:
        closing = record.to_every_partition and record.timestamp_ms >= end_ms
        while held and (closing or held[0][0] <= record.timestamp_ms):
            arrives, _, late = heappop(held)
            yield _arriving(late, min(arrives, record.timestamp_ms))
        if record.to_every_partition:
            yield record
            continue
        kind = _strike(dirt, dice)
        delay = _delay(kind, dice)
        if delay:
            count += 1
            heappush(held, (record.timestamp_ms + delay, count, record._replace(dirt=kind)))
            continue
        yield record
        ring = recent.setdefault(record.topic, deque(maxlen=RESENT))
        ring.append(record)
        if kind == "duplicates":
            yield record._replace(dirt="duplicate")
        elif kind == "resends":
            for again in tuple(ring):
                yield again._replace(timestamp_ms=record.timestamp_ms, dirt="resent")
        elif kind == "malformed":
            yield spoil(record)
        elif kind == "future":
            yield _future(record, dice)


def _strike(dirt: Dirt, dice: Dice) -> str | None:
    draw = dice.random()
    for kind in Dirt.__slots__:
        draw -= getattr(dirt, kind)
        if draw < 0:
            return str(kind)
    return None


def _delay(kind: str | None, dice: Dice) -> int:
    if kind == "late":
        return dice.between(_HOUR_MS, 47 * _HOUR_MS)
    if kind == "very_late":
        return LATENESS_MS + dice.between(_HOUR_MS, 19 * DAY_MS)
    if kind == "out_of_order":
        return dice.between(60_000, _HOUR_MS)
    return 0


def _arriving(record: FeedRecord, timestamp_ms: int) -> FeedRecord:
    body: Fields = json.loads(record.value)
    body["received_at"] = stamp(timestamp_ms)
    return record._replace(value=to_bytes(body), timestamp_ms=timestamp_ms)


def _future(record: FeedRecord, dice: Dice) -> FeedRecord:
    body = _copy(record)
    body["occurred_at"] = stamp(record.timestamp_ms + dice.between(30, 400) * DAY_MS)
    return record._replace(value=to_bytes(body), dirt="future")


def _copy(record: FeedRecord) -> Fields:
    body: Fields = json.loads(record.value)
    body["event_id"] = f"{body['event_id']}-x"
    return body


def _with(field: str, value: object) -> Callable[[FeedRecord], FeedRecord]:
    def change(record: FeedRecord) -> FeedRecord:
        return record._replace(value=to_bytes(_copy(record) | {field: value}))

    return change


def _without(field: str) -> Callable[[FeedRecord], FeedRecord]:
    def change(record: FeedRecord) -> FeedRecord:
        body = _copy(record)
        del body[field]
        return record._replace(value=to_bytes(body))

    return change


def _float_amount(record: FeedRecord) -> FeedRecord:
    body = _copy(record)
    field = "amount" if "amount" in body else "balance" if "balance" in body else None
    if field is None:  # no money in it: some other number where text belongs
        return record._replace(value=to_bytes(body | {"source": 17}))
    return record._replace(value=to_bytes(body | {field: float(str(body[field]))}))


def _missing_zone(record: FeedRecord) -> FeedRecord:
    body = _copy(record)
    return record._replace(value=to_bytes(body | {"occurred_at": str(body["occurred_at"])[:19]}))


def _time_as_number(record: FeedRecord) -> FeedRecord:
    body = _copy(record)
    body["occurred_at"] = millis_of(str(body["occurred_at"]))
    return record._replace(value=to_bytes(body))


MALFORMED: dict[str, Callable[[FeedRecord], FeedRecord]] = {
    "not_json": lambda record: record._replace(value=record.value[: len(record.value) // 2]),
    "not_utf8": lambda record: record._replace(value=b"\xff\xfe" + record.value[2:]),
    "not_an_object": lambda record: record._replace(value=b"[" + record.value + b"]"),
    "float_amount": _float_amount,
    "missing_zone": _missing_zone,
    "time_as_number": _time_as_number,
    "unknown_type": _with("type", "account.upgraded"),
    "unknown_version": _with("schema_version", 99),
    "missing_event_id": _without("event_id"),
    "missing_customer": _without("customer_id"),
    "empty_text": _with("event_id", ""),
    "empty_key": lambda record: record._replace(key=b""),
    "no_key": lambda record: record._replace(key=None),
    "other_key": lambda record: record._replace(key=b"C999999"),
}
"""Each kind of malformed record and how it is made from a good one."""

ONLY_THE_KEY = frozenset({"empty_key", "no_key", "other_key"})
"""Malformed only as a record of a topic; a file's line has no key."""


def _spoiler() -> Callable[[FeedRecord], FeedRecord]:
    """Spoils records, each in the next of the ways of MALFORMED, so that none is missing."""
    turns = 0

    def spoil(record: FeedRecord) -> FeedRecord:
        nonlocal turns
        kind = tuple(MALFORMED)[turns % len(MALFORMED)]
        turns += 1
        if kind in ONLY_THE_KEY:
            record = record._replace(value=to_bytes(_copy(record)))
        return MALFORMED[kind](record)._replace(dirt=kind)

    return spoil
