"""A customer's relationships: accounts and products in force as owner or joint owner.

Each is told by events that may arrive in any order: the latest telling by event time wins. A
fact about an account never heard of implies that it is in force; any telling, however old, weighs
more than that. What has ended is remembered for a while, so that a posting that trails behind its
account's closing does not bring the account back.

An opening that the core takes back ends a relationship that never was. Nobody leaves by it: what
decides is what else was there.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from statemachine.customer import Flag, Relationship
from statemachine.products import family_of

MOST = 16
"""Relationships remembered per customer; beyond it those that ended first go first."""
MOST_ENDED = 4


def find(relationships: tuple[Relationship, ...], ref: int) -> Relationship | None:
    """The relationship with this reference, ended or not."""
    for relationship in relationships:
        if relationship.ref == ref:
            return relationship
    return None


def is_told(relationships: tuple[Relationship, ...], ref: int) -> bool:
    """Whether the relationship and what it is were told: a fact that implies it adds nothing."""
    for one in relationships:
        if one.ref == ref:
            return one.as_of > 0 and one.product is not None
    return False


def in_force(relationships: tuple[Relationship, ...]) -> bool:
    """Whether any relationship has no end."""
    return any(one.ends_at is None for one in relationships)


def has_transactional(relationships: tuple[Relationship, ...], contractual: frozenset[int]) -> bool:
    """Whether a product used every day is in force."""
    return any(one.ends_at is None and one.product not in contractual for one in relationships)


def families(relationships: tuple[Relationship, ...], contractual: frozenset[int]) -> set[int]:
    """The product families in force, see products.py."""
    return {family_of(one.product, contractual) for one in relationships if one.ends_at is None}


def protected_until(
    relationships: tuple[Relationship, ...], contractual: frozenset[int]
) -> int | None:
    """When the last loan, deposit, wealth or insurance product ended or will end.

    None while one has no end; 0 when there never was any.
    """
    until = 0
    for one in relationships:
        if one.product in contractual:
            gone_at = _gone_at(one)
            if gone_at is None:
                return None
            until = max(until, gone_at)
    return until


def last_end(relationships: tuple[Relationship, ...]) -> int | None:
    """When the last relationship ended or will end.

    None while one has no end, or when none is known; one whose opening was undone never was.
    """
    if in_force(relationships):
        return None
    ends = (one.ends_at for one in that_were(relationships) if one.ends_at is not None)
    return max(ends, default=None)


def only_undone(relationships: tuple[Relationship, ...]) -> bool:
    """Whether nothing is in force, and the last to go was an opening undone."""
    last = _last_gone(relationships)
    return last is not None and last.undone_at is not None


def that_were(relationships: tuple[Relationship, ...]) -> tuple[Relationship, ...]:
    """Without those whose opening was undone."""
    return tuple(one for one in relationships if one.undone_at is None)


def _gone_at(one: Relationship) -> int | None:
    return one.ends_at if one.undone_at is None else one.undone_at


def _last_gone(relationships: tuple[Relationship, ...]) -> Relationship | None:
    """The last to go; None while one has no end, or none is known."""
    last, latest = None, (0, False)
    for one in relationships:
        gone_at = _gone_at(one)
        if gone_at is None:
            return None
        # At one instant an opening undone weighs more: in doubt nobody left.
        gone = (gone_at, one.undone_at is not None)
        if last is None or gone > latest:
            last, latest = one, gone
    return last


def begin(
    relationships: tuple[Relationship, ...],
    ref: int,
    at: int,
    *,
    product: int | None,
    keeps_flag: bool = False,
) -> tuple[tuple[Relationship, ...], bool]:
    """In force as of `at`: the relationships with it, and whether it came into force just now.

    `product` None keeps what is known of it. A telling older than the last one known of
    the same reference only fills in what nobody has said since. Told to be in force, it is flagged
    no more, unless `keeps_flag`.
    """
    known = find(relationships, ref)
    if known is None:
        fresh = Relationship(ref, product, at, as_of=at)
        return _bounded((*relationships, fresh)), True
    if at < known.as_of:
        if known.ends_at is not None and (known.begun_at is None or at > known.begun_at):
            undone_at = known.undone_at
            is_undone = undone_at is not None and undone_at > at
            known = msgspec.structs.replace(
                known, begun_at=at, undone_at=undone_at if is_undone else None
            )
            relationships = _replaced(relationships, known)
        return _filled(relationships, known, at, product=product), False
    told = msgspec.structs.replace(
        known,
        product=known.product if product is None else product,
        starts_at=_starts_at(known, at),
        ends_at=None,
        as_of=at,
        begun_at=None,
        undone_at=None,
    )
    if not keeps_flag and at >= known.flagged_at:
        told = msgspec.structs.replace(told, flag=None, flagged_at=0)
    return _replaced(relationships, told), known.ends_at is not None


def imply(
    relationships: tuple[Relationship, ...], ref: int, at: int, *, product: int | None
) -> tuple[tuple[Relationship, ...], bool]:
    """A fact about a reference: in force if nobody ever told of it, and whether that is news."""
    known = find(relationships, ref)
    if known is None:
        return _bounded((*relationships, Relationship(ref, product, at))), True
    # When a telling of it is known, an implication adds nothing but what it is.
    at = known.starts_at if known.as_of else at
    return _filled(relationships, known, at, product=product), False


def end(
    relationships: tuple[Relationship, ...], ref: int, at: int, ends_at: int
) -> tuple[Relationship, ...]:
    """Ended at `ends_at` as told at `at`; an unknown reference is remembered as ended.

    What never was does not end: an opening undone stays undone.
    """
    known = find(relationships, ref)
    if known is None:
        return _bounded((*relationships, Relationship(ref, None, at, ends_at, at)))
    if at < known.as_of:
        return _filled(relationships, known, at, product=None)
    told = msgspec.structs.replace(
        known,
        starts_at=_starts_at(known, at),
        ends_at=ends_at,
        as_of=at,
        begun_at=_begun_at(known),
    )
    return _bounded(_replaced(relationships, told))


def undo(relationships: tuple[Relationship, ...], ref: int, at: int) -> tuple[Relationship, ...]:
    """The opening is taken back, as told at `at`, unless it was told to be in force since then."""
    known = find(relationships, ref)
    if known is None:
        return _bounded((*relationships, Relationship(ref, None, at, at, at, undone_at=at)))
    begun_at = _begun_at(known)
    if begun_at is not None and at < begun_at:
        return _filled(relationships, known, at, product=None)
    is_latest = at >= known.as_of
    told = msgspec.structs.replace(
        known,
        starts_at=_starts_at(known, at),
        ends_at=at if is_latest else known.ends_at,
        as_of=at if is_latest else known.as_of,
        begun_at=begun_at,
        undone_at=at if known.undone_at is None else max(known.undone_at, at),
    )
    return _bounded(_replaced(relationships, told))


def flagged(
    relationships: tuple[Relationship, ...], ref: int, at: int, flag: Flag | None
) -> tuple[Relationship, ...]:
    """As the core flags it at `at`, unless a later telling is known; None: neither of them."""
    known = find(relationships, ref)
    if known is None or at < max(known.flagged_at, known.as_of):
        return relationships
    return _replaced(relationships, msgspec.structs.replace(known, flag=flag, flagged_at=at))


def _starts_at(known: Relationship, at: int) -> int:
    # What a fact implied counts for nothing once it is told.
    return min(known.starts_at, at) if known.as_of else at


def _begun_at(known: Relationship) -> int | None:
    """When it was last told to be in force."""
    return known.begun_at if known.ends_at is not None else known.as_of or None


def _filled(
    relationships: tuple[Relationship, ...],
    known: Relationship,
    at: int,
    *,
    product: int | None,
) -> tuple[Relationship, ...]:
    """With what a weaker telling knows that nobody has said: what it is, an earlier beginning."""
    kind = product if known.product is None else known.product
    if kind == known.product and at >= known.starts_at:
        return relationships
    starts_at = min(known.starts_at, at)
    told = msgspec.structs.replace(known, product=kind, starts_at=starts_at)
    return _replaced(relationships, told)


def _replaced(
    relationships: tuple[Relationship, ...], told: Relationship
) -> tuple[Relationship, ...]:
    return tuple(told if one.ref == told.ref else one for one in relationships)


def _bounded(relationships: tuple[Relationship, ...]) -> tuple[Relationship, ...]:
    if len(relationships) <= MOST_ENDED:
        return relationships
    ended = sorted((one.ends_at, one.ref) for one in relationships if one.ends_at is not None)
    surplus = max(len(ended) - MOST_ENDED, len(relationships) - MOST, 0)
    gone = {ref for _, ref in ended[:surplus]}
    kept = tuple(one for one in relationships if one.ref not in gone)
    if len(kept) <= MOST:
        return kept
    # Nobody needs the 17th to be known as a customer, but the only mortgage protects: so one of
    # the kind that there is most of goes, and comes back with the next fact about it.
    counts = Counter(one.product for one in kept)
    dropped = min(kept, key=lambda one: (-counts[one.product], one.as_of, one.ref)).ref
    return tuple(one for one in kept if one.ref != dropped)
