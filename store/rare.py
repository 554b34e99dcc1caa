"""The part of a row that fewer customers have: reasons, feedback, wishes, attributes, later fields.

Kept apart from rows.py because it may be slow: most rows end before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints

import msgspec

from statemachine.customer import (
    Attribute,
    Consent,
    Customer,
    Feedback,
    Former,
    Objection,
    Reason,
    Score,
)
from store.port import StateTooNew

FIELDS = (
    *("stage", "lost_by", "kind", "since", "effective_at", "changes", "reason_changes"),
    *("first_seen", "newcomer_since", "activation_days", "activated", "been_active", "activity"),
    *("relationships", "reasons", "cleared", "feedback", "score", "interest_at", "unanswered"),
    *("timer", "seen", "sequences", "deceased", "hold", "minor_until", "objections", "attributes"),
    *("consents", "hold_told_at", "minor_told_at", "joint_day", "assets", "owed", "payroll"),
    *("transfers", "paused_at", "pauses", "former"),
)
"""The fields of Customer that have a place of their own in a row, in Customer's order."""
RULES = (
    *("silence", "not_onboarded", "complaint", "churn_score", "decline", "run_off", "outflow"),
    *("payroll_lost", "product_end", "core_dormant"),
)
"""Rules stored as a number, their place here (append only); any other is stored by its name."""
WORDS = (
    *("profiling", "marketing", "risk_appetite", "time_zone", "demographic_class", "consent"),
    *("contract", "legal_obligation", "legitimate_interest", "public_interest", "vital_interest"),
    *("app", "branch", "call", "counter", "email", "mobile", "phone", "post", "push", "sms"),
    *("web", "wechat", "last_sign_of_life", "own_activity_days", "limit_days", "new_since"),
    *("open_complaints", "oldest_filed_at", "score", "last_own_day", "own_days_recently"),
    *("own_days_usually", "mean", "peak", "peak_on", "repaid", "left_out", "transferred"),
    *("last_transfer_on", "mean_before", "last_salary_on", "months_running", "product"),
    *("ended_on", "dormant_accounts", "since"),
)
"""Names of consents, attributes and values of reasons, likewise."""

SECONDS = 1 << 32
"""A stored time below this is in seconds; one from here on is in milliseconds, see below."""
_BEFORE_1970 = 1 << 62
_RULE = {name: number for number, name in enumerate(RULES)}
_WORD = {name: number for number, name in enumerate(WORDS)}

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
        or customer.objections
        or customer.attributes
        or customer.consents
        or customer.hold_told_at is not None
        or customer.minor_told_at is not None
        or customer.joint_day is not None
        or customer.owed
        or customer.paused_at is not None
        or customer.pauses
        or customer.former is not None
        or (_APPENDED and _has_appended(customer))
    )


def _has_appended(customer: Customer) -> bool:
    return any(getattr(customer, name) != default for name, _, default in _APPENDED)


def rare_of(customer: Customer) -> list[Any]:
    """The rare part of a row: the number of a place and its value, for all that are no default."""
    reasons: list[Any] = []
    for rule, reason in customer.reasons.items():
        values = {_WORD.get(name, name): value for name, value in reason.values.items()}
        reasons += (_RULE.get(rule, rule), to_wire(reason.since), values)
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
        None if score is None else [score_to_wire(score.millionths), to_wire(score.at)],
        None if interest_at is None else to_wire(interest_at),
        _short(customer.unanswered),
        customer.minor_until,
        _flat_objections(customer) or None,
        _flat_attributes(customer) or None,
        _flat_consents(customer) or None,
        None if customer.hold_told_at is None else to_wire(customer.hold_told_at),
        None if customer.minor_told_at is None else to_wire(customer.minor_told_at),
        customer.joint_day,
        customer.owed or None,
        None if customer.paused_at is None else to_wire(customer.paused_at),
        [to_wire(at) for pause in customer.pauses for at in pause] or None,
        None if customer.former is None else _former_to_wire(customer.former),
    ]
    for name, _, default in _APPENDED:
        value = getattr(customer, name)
        rare.append(None if value == default else [value])
    return sparse(rare)


def sparse(places: list[Any]) -> list[Any]:
    """The places that are not None, each behind its number."""
    return [
        part for number, place in enumerate(places) if place is not None for part in (number, place)
    ]


def _flat_objections(customer: Customer) -> list[Any]:
    flat: list[Any] = []
    for purpose, one in customer.objections.items():
        flat += (_WORD.get(purpose, purpose), one.made, to_wire(one.told_at))
    return flat


def _flat_attributes(customer: Customer) -> list[Any]:
    flat: list[Any] = []
    for name, one in customer.attributes.items():
        flat += (_WORD.get(name, name), one.value, to_wire(one.told_at), one.expires_on)
    return flat


def _flat_consents(customer: Customer) -> list[Any]:
    flat: list[Any] = []
    for name, one in customer.consents.items():
        purpose, slash, channel = name.partition("/")
        place = _WORD.get(channel, channel) if slash else None
        basis = None if one.basis is None else _WORD.get(one.basis, one.basis)
        flat += (_WORD.get(purpose, purpose), place, one.given, to_wire(one.told_at), basis)
    return flat


def with_rare(customer: Customer, rare: list[Any]) -> Customer:
    """`customer` with what the rare part says.

    Raises StateTooNew for a part with more places than this release knows.
    """
    values = {}
    for number, place in _by(2, rare):
        if number < _PLACES:
            name, read = _READERS[number]
            values[name] = read(place)
        elif number < _PLACES + len(_APPENDED):
            name, hint, _ = _APPENDED[number - _PLACES]
            values[name] = msgspec.convert(place[0], hint)
        else:
            raise StateTooNew(
                "a customer's state has fields that this release does not know: run the release"
                " that wrote it, or a newer one"
            )
    return msgspec.structs.replace(customer, **values)


def _by(size: int, flat: list[Any]) -> zip[tuple[Any, ...]]:
    return zip(*[iter(flat)] * size, strict=True)


def _rule(code: int | str) -> str:
    return RULES[code] if isinstance(code, int) else code


def _word(code: int | str) -> str:
    return WORDS[code] if isinstance(code, int) else code


def _reasons(flat: list[Any]) -> dict[str, Reason]:
    return {
        _rule(code): Reason(to_ms(at), {_word(name): value for name, value in values.items()})
        for code, at, values in _by(3, flat)
    }


def _cleared(flat: list[Any]) -> dict[str, int]:
    return {_rule(code): to_ms(at) for code, at in _by(2, flat)}


def _feedback(told: list[Any]) -> Feedback:
    filed, resolved, score, score_at = told
    reports = tuple((ref, to_ms(at)) for ref, at in _by(2, filed))
    return Feedback(reports, tuple(resolved), score, to_ms(score_at))


def score_to_wire(millionths: int) -> int:
    """Hundredths, as most scores are told; below zero: millionths."""
    hundredths, rest = divmod(millionths, 10_000)
    return -millionths if rest else hundredths


def _score(place: list[int]) -> Score:
    told, at = place
    return Score(-told if told < 0 else told * 10_000, to_ms(at))


def _objections(flat: list[Any]) -> dict[str, Objection]:
    return {_word(code): Objection(made, to_ms(at)) for code, made, at in _by(3, flat)}


def _attributes(flat: list[Any]) -> dict[str, Attribute]:
    return {
        _word(code): Attribute(value, to_ms(at), expires_on)
        for code, value, at, expires_on in _by(4, flat)
    }


def _consents(flat: list[Any]) -> dict[str, Consent]:
    return {
        _word(code) if channel is None else f"{_word(code)}/{_word(channel)}": Consent(
            given, to_ms(at), None if basis is None else _word(basis)
        )
        for code, channel, given, at, basis in _by(5, flat)
    }


def _pauses(flat: list[int]) -> tuple[tuple[int, int], ...]:
    return tuple((to_ms(begun), to_ms(ended)) for begun, ended in _by(2, flat))


def _former_to_wire(former: Former) -> list[Any]:
    flat: list[Any] = [former.ref, former.lost_by]
    for rule, since in former.reasons.items():
        flat += (_RULE.get(rule, rule), to_wire(since))
    return flat


def _former(place: list[Any]) -> Former:
    ref, lost_by, *reasons = place
    return Former(ref, lost_by, _cleared(reasons))


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
    ("objections", _objections),
    ("attributes", _attributes),
    ("consents", _consents),
    ("hold_told_at", to_ms),
    ("minor_told_at", to_ms),
    ("joint_day", _as_is),
    ("owed", _as_is),
    ("paused_at", to_ms),
    ("pauses", _pauses),
    ("former", _former),
)
"""The places of the rare part in order, as `rare_of` writes them."""
_PLACES = len(_READERS)


def rare_name(number: int) -> str:
    """The field of Customer that a place of the rare part is for."""
    if number < _PLACES:
        return _READERS[number][0]
    return _APPENDED[number - _PLACES][0]
