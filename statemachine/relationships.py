"""A customer's relationships: accounts and products in force as owner or joint owner.

Each is told by events that may arrive in any order: the latest telling by event time wins. What
has ended is remembered for a while, so that a posting that trails behind its account's closing
does not bring the account back.
"""

from __future__ import annotations

import msgspec

from statemachine.customer import Relationship

MOST = 24
"""Relationships remembered per customer; beyond it the oldest ended ones go first."""
MOST_ENDED = 4


def find(relationships: tuple[Relationship, ...], ref: int) -> Relationship | None:
    """The relationship with this reference, ended or not."""
    for relationship in relationships:
        if relationship.ref == ref:
            return relationship
    return None


def in_force(relationships: tuple[Relationship, ...]) -> bool:
    """Whether any relationship has no end."""
    return any(one.ends_at is None for one in relationships)


def has_transactional(relationships: tuple[Relationship, ...]) -> bool:
    """Whether a product used every day is in force."""
    return any(one.ends_at is None and not one.contractual for one in relationships)


def has_contractual(relationships: tuple[Relationship, ...]) -> bool:
    """Whether a loan, deposit, wealth or insurance product is in force."""
    return any(one.ends_at is None and one.contractual for one in relationships)


def last_end(relationships: tuple[Relationship, ...]) -> int | None:
    """When the last relationship ended or will end; None while one has no end, or none is known."""
    if not relationships or in_force(relationships):
        return None
    return max(one.ends_at for one in relationships if one.ends_at is not None)


def begin(
    relationships: tuple[Relationship, ...], ref: int, at: int, *, contractual: bool | None
) -> tuple[tuple[Relationship, ...], bool]:
    """In force as of `at`: the relationships with it, and whether it came into force just now.

    `contractual` None keeps the family known before. A telling older than the last one known of
    the same reference changes nothing.
    """
    known = find(relationships, ref)
    if known is None:
        fresh = Relationship(ref, bool(contractual), at, None, at)
        return _bounded((*relationships, fresh)), True
    if at < known.as_of:
        return relationships, False
    told = msgspec.structs.replace(
        known,
        contractual=known.contractual if contractual is None else contractual,
        starts_at=known.starts_at if known.ends_at is None else at,
        ends_at=None,
        as_of=at,
    )
    return _replaced(relationships, told), known.ends_at is not None


def end(
    relationships: tuple[Relationship, ...], ref: int, at: int, ends_at: int
) -> tuple[Relationship, ...]:
    """Ended at `ends_at` as told at `at`; an unknown reference is remembered as ended."""
    known = find(relationships, ref)
    if known is None:
        return _bounded(
            (
                *relationships,
                Relationship(ref, contractual=False, starts_at=at, ends_at=ends_at, as_of=at),
            )
        )
    if at < known.as_of:
        return relationships
    return _bounded(
        _replaced(relationships, msgspec.structs.replace(known, ends_at=ends_at, as_of=at))
    )


def remove(relationships: tuple[Relationship, ...], ref: int) -> tuple[Relationship, ...]:
    """Without this reference: it never was."""
    return tuple(one for one in relationships if one.ref != ref)


def _replaced(
    relationships: tuple[Relationship, ...], told: Relationship
) -> tuple[Relationship, ...]:
    return tuple(told if one.ref == told.ref else one for one in relationships)


def _bounded(relationships: tuple[Relationship, ...]) -> tuple[Relationship, ...]:
    ended = sorted(
        (one for one in relationships if one.ends_at is not None), key=lambda one: one.as_of
    )
    surplus = max(len(ended) - MOST_ENDED, len(relationships) - MOST)
    if surplus <= 0:
        return relationships
    gone = {one.ref for one in ended[:surplus]}
    return tuple(one for one in relationships if one.ref not in gone)
