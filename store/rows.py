"""A customer as a row of plain values, and back: the shape of what is stored.

A row differs from the fields of Customer in ways that together save a third of its bytes:

- stage, kind, way of losing and the flags are bits of one number, the head;
- a time is whole seconds when it is (5 bytes; milliseconds take 9), and None when it equals the
  one that it usually equals;
- the instant of the last own activity is counted from its day (5 bytes again);
- what fewer customers have (rare.py) comes last, each with the number of its place;
- None at the end is not written at all.

Every event reads one row and writes one, so both functions are written for speed: fields are
unpacked at once, and a time that is whole seconds is converted in place.

Any change of shape, that of a nested struct included, needs a new VERSION and a migration
(codec.py): a release must never read a row as something that it is not. Only a field that is
appended to Customer needs nothing: it is stored after the rest, when it is not its default.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import astuple

from statemachine.customer import Activity, Customer, Relationship
from statemachine.products import PRODUCTS
from store.features import (
    FLAGS,
    payroll_of_wire,
    payroll_to_wire,
)
from store.rare import SECONDS, is_plain, rare_of, score_to_wire, sparse, to_ms, to_wire, with_rare

VERSION = 3
"""The version of this shape."""

# Append to these tables, never reorder: a name's place is its number in stored rows.
STAGES = (None, "potential", "new", "active", "at_risk", "lost")
LOST_BY = (None, "closure", "silence", "expired", "deceased")
KINDS = (
    *(None, "entered", "adopted", "progressed", "expired", "activated", "warned", "recovered"),
    *("activated_late", "left", "won_back", "corrected"),
)
_STAGE = {name: number for number, name in enumerate(STAGES)}
_LOST_BY = {name: number << 3 for number, name in enumerate(LOST_BY)}
_KIND = {name: number << 6 for number, name in enumerate(KINDS)}
_ACTIVATED, _BEEN_ACTIVE, _DECEASED, _HOLD = 1 << 11, 1 << 12, 1 << 13, 1 << 14

_PLACES = 22
"""The places of every customer; those after them are rare.py's."""
_NOTHING: list[Any] = [None] * _PLACES
_V2_PLACES, _V2_RELATIONSHIPS, _V2_STRIDE = 19, 15, 5
"""Of versions 1 and 2: the places of every customer, and that of the relationships, flat."""
_V2_SCORE = 3
"""The place of the score in their rare part: [millionths, when]."""
_V1_OBJECTED, _V1_RARE = 7, 9
"""Of version 1: the place of `objected` in the rare part (`attributes` follows), and its length."""
_DAY_MS = 86_400_000
_MS = 1000 * SECONDS


def to_row(customer: Customer) -> list[Any]:
    """The row of `customer` in VERSION, without the None at its end."""
    days, first_day, last_day, bits, last_at, sign_at, ring = astuple(customer.activity)
    head = _STAGE[customer.stage] | _LOST_BY[customer.lost_by] | _KIND[customer.kind]
    if customer.activated:
        head |= _ACTIVATED
    if customer.been_active:
        head |= _BEEN_ACTIVE
    if customer.deceased:
        head |= _DECEASED
    if customer.hold:
        head |= _HOLD
    since, effective_at = customer.since, customer.effective_at
    first_seen, newcomer_since = customer.first_seen, customer.newcomer_since
    timer = customer.timer
    relationships: list[Any] = []
    for one in customer.relationships:
        ref, product, starts, ends, as_of, begun, undone, flag, flagged_at = astuple(one)
        relationships += (
            ref,
            product,
            starts // 1000 if not starts % 1000 and starts < _MS else to_wire(starts),
            (None if ends is None else to_wire(ends))
            if begun is None and undone is None and flag is None and not flagged_at
            else _end_of(one),
            None if as_of == starts else to_wire(as_of),
        )
    row = [
        head,
        since // 1000 if not since % 1000 and since < _MS else to_wire(since),
        None if effective_at == since else to_wire(effective_at),
        customer.changes,
        customer.reason_changes,
        first_seen // 1000 if not first_seen % 1000 and first_seen < _MS else to_wire(first_seen),
        None if newcomer_since == first_seen else to_wire(newcomer_since),
        customer.activation_days,
        days,
        first_day,
        last_day,
        bits or None,
        None if last_at is None else last_at - last_day * _DAY_MS,
        None if sign_at is None else to_wire(sign_at),
        ring or None,
        relationships or None,
        None if timer is None else to_wire(timer),
        customer.seen or None,
        customer.sequences or None,
        customer.assets or None,
        None if customer.payroll is None else payroll_to_wire(customer.payroll),
        customer.transfers or None,
    ]
    if not is_plain(customer):
        row += rare_of(customer)
    while row[-1] is None:
        row.pop()
    return row


def _end_of(one: Relationship) -> list[Any]:
    """The end of a relationship that was told more than its end; True: as it usually is.

    Its flag, if there ever was one, comes last.
    """
    ends, begun, undone = one.ends_at, one.begun_at, one.undone_at
    place = [
        None if ends is None else to_wire(ends),
        begun == one.starts_at or (None if begun is None else to_wire(begun)),
    ]
    is_flagged = one.flag is not None or one.flagged_at != 0
    if undone is not None or is_flagged:
        place.append(None if undone is None else undone == ends or to_wire(undone))
    if is_flagged:
        place += (FLAGS.index(one.flag), to_wire(one.flagged_at))
    return place


def from_version_1(row: list[Any]) -> list[Any]:
    """A row of version 1, which kept no time of telling: anything told since then is later.

    Objections were the purposes objected to, attributes values by name.
    """
    rare = row[_V2_PLACES:]
    objected, attributes = (rare + [None] * _V1_RARE)[_V1_OBJECTED:_V1_RARE]
    if objected:
        rare[_V1_OBJECTED] = [part for purpose in objected for part in (purpose, True, 0)]
    if attributes:
        flat = [part for name, value in attributes.items() for part in (name, value, 0, None)]
        rare[_V1_OBJECTED + 1] = flat
    return row[:_V2_PLACES] + rare


def from_version_2(row: list[Any]) -> list[Any]:
    """A row of version 2, which kept the family of a product, and no assets or payroll.

    Its rare part had a place for everything.

    Which product of its family it was is not known: a current account, or a loan.
    """
    relationships = row[_V2_RELATIONSHIPS] if len(row) > _V2_RELATIONSHIPS else None
    if relationships:
        products = {False: 0, True: PRODUCTS.index("loan"), None: None}
        flat = list(relationships)
        flat[1::_V2_STRIDE] = [products[known] for known in flat[1::_V2_STRIDE]]
        row = [*row[:_V2_RELATIONSHIPS], flat, *row[_V2_RELATIONSHIPS + 1 :]]
    if len(row) <= _V2_PLACES:
        return row
    rare = list(row[_V2_PLACES:])
    if len(rare) > _V2_SCORE and rare[_V2_SCORE] is not None:
        millionths, at = rare[_V2_SCORE]
        rare[_V2_SCORE] = [score_to_wire(millionths), at]
    return [*row[:_V2_PLACES], None, None, None, *sparse(rare)]


class _Heads(dict[int, tuple[Any, ...]]):
    """Head -> (stage, lost_by, kind, activated, been_active, deceased, hold)."""

    def __missing__(self, head: int) -> tuple[Any, ...]:
        flags = (_ACTIVATED, _BEEN_ACTIVE, _DECEASED, _HOLD)
        self[head] = (
            STAGES[head & 7],
            LOST_BY[head >> 3 & 7],
            KINDS[head >> 6 & 31],
            *(bool(head & flag) for flag in flags),
        )
        return self[head]


_heads = _Heads()


def from_row(row: list[Any]) -> Customer:
    """The customer of a row of VERSION.

    Raises StateTooNew for a row with more places than this release knows.
    """
    rare = row[_PLACES:]
    (
        head,
        since,
        effective_at,
        changes,
        reason_changes,
        first_seen,
        newcomer_since,
        activation_days,
        days,
        first_day,
        last_day,
        bits,
        last_at,
        sign_at,
        ring,
        relationships,
        timer,
        seen,
        sequences,
        assets,
        payroll,
        transfers,
    ) = row[:_PLACES] if rare else row + _NOTHING[len(row) :]
    stage, lost_by, kind, activated, been_active, deceased, hold = _heads[head]
    since = since * 1000 if since < SECONDS else to_ms(since)
    first_seen = first_seen * 1000 if first_seen < SECONDS else to_ms(first_seen)
    customer = Customer(
        stage,
        lost_by,
        kind,
        since,
        since if effective_at is None else to_ms(effective_at),
        changes,
        reason_changes,
        first_seen,
        first_seen if newcomer_since is None else to_ms(newcomer_since),
        activation_days,
        activated,
        been_active,
        Activity(
            days,
            first_day,
            last_day,
            bits or b"",
            None if last_at is None else last_at + last_day * _DAY_MS,
            None if sign_at is None else to_ms(sign_at),
            ring or b"",
        ),
        _relationships(relationships) if relationships else (),
        {},
        {},
        None,
        None,
        None,
        "",
        None if timer is None else to_ms(timer),
        seen or b"",
        sequences or {},
        deceased,
        hold,
        assets=assets or b"",
        payroll=None if payroll is None else payroll_of_wire(payroll),
        transfers=transfers or b"",
    )
    return with_rare(customer, rare) if rare else customer


def _relationships(flat: list[Any]) -> tuple[Relationship, ...]:
    found = []
    places = iter(flat)
    for ref, product, starts, ends, as_of in zip(*[places] * 5, strict=True):
        starts_ms = starts * 1000 if starts < SECONDS else to_ms(starts)
        as_of_ms = starts_ms if as_of is None else to_ms(as_of)
        if type(ends) is list:
            ends_ms, *more = _ended(starts_ms, *ends)
            found.append(Relationship(ref, product, starts_ms, ends_ms, as_of_ms, *more))
        else:
            ends_ms = None if ends is None else to_ms(ends)
            found.append(Relationship(ref, product, starts_ms, ends_ms, as_of_ms))
    return tuple(found)


def _ended(
    starts_ms: int,
    ends: int | None,
    begun: int | None,
    undone: int | None = None,
    flag: int = 0,
    flagged: int = 0,
) -> tuple[Any, ...]:
    ends_ms = None if ends is None else to_ms(ends)
    return (
        ends_ms,
        starts_ms if begun is True else None if begun is None else to_ms(begun),
        ends_ms if undone is True else None if undone is None else to_ms(undone),
        FLAGS[flag],
        to_ms(flagged),
    )
