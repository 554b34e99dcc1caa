"""What the bank is told of the person, beside their accounts: feedback, wishes, attributes, status.

Each fact keeps the time at which it was told, so that of several tellings the latest by event time
counts, in whatever order they arrive; of two told for the same instant, the one that arrives later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    ConsentChanged,
    CustomerAttributeSet,
    CustomerEvent,
    CustomerScored,
    CustomerStatusChanged,
    FeedbackReceived,
    FeedbackResolved,
    ObjectionChanged,
)
from statemachine.activity import ref_hash
from statemachine.calendar import day_number
from statemachine.customer import Attribute, Consent, Customer, Feedback, Objection, Score
from statemachine.rules.churn_score import millionths

_MOST_COMPLAINTS = 8
_MOST_RESOLVED = 4
MOST_CONSENTS = 8
"""Consents remembered per customer; beyond it see `_without_one`."""
_LONGEST = 12
"""A channel or legal basis of more bytes is known by its hash, unless it is one of these."""
WELL_KNOWN = frozenset(
    {
        *("app", "branch", "call", "counter", "email", "mobile", "phone", "post", "push", "sms"),
        *("web", "wechat"),
        *("consent", "contract", "legal_obligation", "legitimate_interest", "public_interest"),
        "vital_interest",
    }
)


def consent_for(purpose: str, channel: str | None) -> str:
    """The name under which a customer's consent is kept: 'marketing', or 'marketing/sms'."""
    return purpose if channel is None else f"{purpose}/{_short(channel)}"


def _short(word: str) -> str:
    kept = word in WELL_KNOWN or len(word.encode()) <= _LONGEST
    return word if kept else f"#{ref_hash(word):08x}"


def _feedback(customer: Customer, event: FeedbackReceived, at: int) -> Customer:
    known = customer.feedback or Feedback()
    if event.score is not None and (known.score is None or at >= known.score_at):
        known = replace(known, score=event.score, score_at=at)
    ref = ref_hash(event.feedback_id)
    if event.kind == "complaint" and ref not in known.resolved:
        opened = dict(known.open)
        opened[ref] = min(at, opened.get(ref, at))
        latest = sorted(opened.items(), key=lambda one: one[1])[-_MOST_COMPLAINTS:]
        known = replace(known, open=tuple(latest))
    return replace(customer, feedback=known)


def _resolved(customer: Customer, event: FeedbackResolved, _: int) -> Customer:
    known = customer.feedback or Feedback()
    ref = ref_hash(event.feedback_id)
    others = tuple(one for one in known.resolved if one != ref)
    known = replace(
        known,
        open=tuple(one for one in known.open if one[0] != ref),
        resolved=(*others, ref)[-_MOST_RESOLVED:],
    )
    return replace(customer, feedback=known)


def _scored(customer: Customer, event: CustomerScored, at: int) -> Customer:
    if customer.score is not None and customer.score.at > at:
        return customer
    return replace(customer, score=Score(millionths(event.score), at))


def _objection(customer: Customer, event: ObjectionChanged, at: int) -> Customer:
    known = customer.objections.get(event.purpose)
    if known is not None and known.told_at > at:
        return customer
    told = Objection(event.objected, at)
    return replace(customer, objections={**customer.objections, event.purpose: told})


def _consent(customer: Customer, event: ConsentChanged, at: int) -> Customer:
    name = consent_for(event.purpose, event.channel)
    known = customer.consents.get(name)
    if known is not None and known.told_at > at:
        return customer
    basis = None if event.legal_basis is None else _short(event.legal_basis)
    consents = {**customer.consents, name: Consent(event.granted, at, basis)}
    if len(consents) > MOST_CONSENTS:
        _without_one(consents)
    return replace(customer, consents=consents)


def _without_one(consents: dict[str, Consent]) -> None:
    """Forget one for a single channel: given rather than withdrawn, the longest untold first.

    Unknown means no, so a consent may be forgotten. With a withdrawal goes the consent for all
    channels, which would else speak for the one withdrawn.
    """
    single = [name for name in consents if "/" in name]
    name = min(single, key=lambda one: (not consents[one].given, consents[one].told_at, one))
    if not consents.pop(name).given:
        general = name.partition("/")[0]
        if general in consents and consents[general].given:
            del consents[general]


def _attribute(customer: Customer, event: CustomerAttributeSet, at: int) -> Customer:
    known = customer.attributes.get(event.attribute)
    if known is not None and known.told_at > at:
        return customer
    expires_on = None if event.expires_on is None else day_number(event.expires_on)
    told = Attribute(event.value, at, expires_on)
    return replace(customer, attributes={**customer.attributes, event.attribute: told})


def _status(customer: Customer, event: CustomerStatusChanged, at: int) -> Customer:
    match event.status:
        case "deceased":
            return replace(customer, deceased=True)
        case "hold" | "hold_lifted" if _is_news(customer.hold_told_at, at):
            return replace(customer, hold=event.status == "hold", hold_told_at=at)
        case "minor" if event.until is not None and _is_news(customer.minor_told_at, at):
            return replace(customer, minor_until=day_number(event.until), minor_told_at=at)
        case _:
            return customer


def _is_news(told_at: int | None, at: int) -> bool:
    return told_at is None or at >= told_at


TELLINGS: dict[type[CustomerEvent], Callable[[Customer, Any, int], Customer]] = {
    FeedbackReceived: _feedback,
    FeedbackResolved: _resolved,
    CustomerScored: _scored,
    ObjectionChanged: _objection,
    ConsentChanged: _consent,
    CustomerAttributeSet: _attribute,
    CustomerStatusChanged: _status,
}
"""What each event adds to what is known of the person."""
