"""The part of a row that fewer customers have: reasons, feedback, a score, later fields.

Kept apart from rows.py because it may be slow: most rows end before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints

import msgspec

from statemachine.customer import Customer, Feedback, Reason, Score
from store.port import StateTooNew

FIELDS = (
    *("stage", "lost_by", "kind", "since", "effective_at", "changes", "reason_changes"),
    *("first_seen", "newcomer_since", "activation_days", "activated", "been_active", "activity"),
    *("relationships", "reasons", "cleared", "feedback", "score", "interest_at", "unanswered"),
    *("timer", "seen", "sequences", "deceased", "hold", "minor_until", "objected", "attributes"),
)
"""The fields of Customer that have a place of their own in a row, in Customer's order."""
RULES = (
    *("silence", "not_onboarded", "complaint", "churn_score", "decline", "run_off", "outflow"),
    *("payroll_lost", "product_end", "core_dormant"),
)
"""Rules stored as a number, their place here (append only); any other is stored by its name."""

SECONDS = 1 << 32
"""A stored time below this is in seconds; one from here on is in milliseconds, see below."""
_BEFORE_1970 = 1 << 62
_RULE = {name: number for number, name in enumerate(RULES)}

if Customer.__struct_fields__[: len(FIELDS)] != FIELDS:
    raise TypeError(
        "the fields of Customer are not those of store/rare.py FIELDS plus appended ones: "
        "append new fields, or change to_row, from_row and FIELDS with a new VERSION"
    )


def appended_to(kind: type[Customer]) -> list[tuple[str, Any, Any]]:
    """The fields of Customer (or a later form of it) beyond FIELDS: name, type, default."""
    hints, default = get_type_hints(kind), kind()
    names = kind.__struct_fields__[len(FIELDS) :]
    return [(name, hints[name], getattr(default, name)) for name in names]


_APPENDED = appended_to(Customer)


def to_wire(ms: int) -> int:
    """A time as stored: whole seconds below SECONDS; else milliseconds moved out of their way."""
    if not ms % 1000 and ms < 1000 * SECONDS:
        return ms // 1000
    return ms + SECONDS if ms >= 0 else ms + _BEFORE_1970


def to_ms(wire: int) -> int:
    """The milliseconds of a stored time."""
    if wire < SECONDS:
        return wire * 1000
    return wire - SECONDS if wire < _BEFORE_1970 >> 1 else wire - _BEFORE_1970


def is_plain(customer: Customer) -> bool:
    """Whether the row needs no rare part."""
    return not (
        customer.reasons
        or customer.cleared
        or customer.feedback is not None
        or customer.score is not None
        or customer.interest_at is not None
        or customer.unanswered
        or customer.minor_until is not None
        or customer.objected
        or customer.attributes
        or (_APPENDED and _has_appended(customer))
    )


def _has_appended(customer: Customer) -> bool:
    return any(getattr(customer, name) != default for name, _, default in _APPENDED)


def rare_of(customer: Customer) -> list[Any]:
    """The rare part of a row, None for every default."""
    reasons: list[Any] = []
    for rule, reason in customer.reasons.items():
        reasons += (_RULE.get(rule, rule), to_wire(reason.since), reason.values)
    cleared: list[Any] = []
    for rule, at in customer.cleared.items():
        cleared += (_RULE.get(rule, rule), to_wire(at))
    feedback, score, interest_at = customer.feedback, customer.score, customer.interest_at
    told: list[Any] | None = None
    if feedback is not None:
        filed = [part for ref, at in feedback.open for part in (ref, to_wire(at))]
        told = [filed, feedback.resolved, feedback.score, to_wire(feedback.score_at)]
    rare = [
        reasons or None,
        cleared or None,
        told,
        None if score is None else [score.millionths, to_wire(score.at)],
        None if interest_at is None else to_wire(interest_at),
        _short(customer.unanswered),
        customer.minor_until,
        customer.objected or None,
        customer.attributes or None,
    ]
    for name, _, default in _APPENDED:
        value = getattr(customer, name)
        rare.append(None if value == default else [value])
    return rare


def with_rare(customer: Customer, rare: list[Any]) -> Customer:
    """`customer` with what the rare part says.

    Raises StateTooNew for a part with more places than this release knows.
    """
    if len(rare) > _PLACES + len(_APPENDED):
        raise StateTooNew(
            "a customer's state has fields that this release does not know: run the release that "
            "wrote it, or a newer one"
        )
    values = {
        name: read(place)
        for place, (name, read) in zip(rare, _READERS, strict=False)
        if place is not None
    }
    for place, (name, hint, _) in zip(rare[_PLACES:], _APPENDED, strict=False):
        if place is not None:
            values[name] = msgspec.convert(place[0], hint)
    return msgspec.structs.replace(customer, **values)


def _by(size: int, flat: list[Any]) -> zip[tuple[Any, ...]]:
    return zip(*[iter(flat)] * size, strict=True)


def _rule(code: int | str) -> str:
    return RULES[code] if isinstance(code, int) else code


def _reasons(flat: list[Any]) -> dict[str, Reason]:
    return {_rule(code): Reason(to_ms(at), values) for code, at, values in _by(3, flat)}


def _cleared(flat: list[Any]) -> dict[str, int]:
    return {_rule(code): to_ms(at) for code, at in _by(2, flat)}


def _feedback(told: list[Any]) -> Feedback:
    filed, resolved, score, score_at = told
    reports = tuple((ref, to_ms(at)) for ref, at in _by(2, filed))
    return Feedback(reports, tuple(resolved), score, to_ms(score_at))


def _score(place: list[int]) -> Score:
    return Score(place[0], to_ms(place[1]))


def _short(output_id: str) -> str | bytes | None:
    """An output's id as 16 bytes, if it is 32 hexadecimal digits as ids are."""
    if len(output_id) != 32:
        return output_id or None
    try:
        short = bytes.fromhex(output_id)
    except ValueError:
        return output_id
    return short if short.hex() == output_id else output_id


def _id(place: str | bytes) -> str:
    return place.hex() if isinstance(place, bytes) else place


def _as_is(place: Any) -> Any:
    return place


_READERS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("reasons", _reasons),
    ("cleared", _cleared),
    ("feedback", _feedback),
    ("score", _score),
    ("interest_at", to_ms),
    ("unanswered", _id),
    ("minor_until", _as_is),
    ("objected", tuple),
    ("attributes", _as_is),
)
"""The places of the rare part in order, as `rare_of` writes them."""
_PLACES = len(_READERS)
