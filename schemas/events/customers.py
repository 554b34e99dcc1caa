"""What the bank learns about a person: wishes, feedback, scores, attributes, status."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from schemas.base import Code, Fraction, Identifier
from schemas.events.base import CustomerEvent

Purpose = Literal["profiling", "marketing"]


class ConsentChanged(CustomerEvent):
    """Consent per purpose and channel, with its legal basis."""

    type: Literal["consent.changed"]
    purpose: Purpose
    channel: Code | None = None
    granted: bool
    legal_basis: Code | None = None


class ObjectionChanged(CustomerEvent):
    """An objection made or withdrawn."""

    type: Literal["objection.changed"]
    purpose: Purpose
    objected: bool


class FeedbackReceived(CustomerEvent):
    """A complaint, or a satisfaction score from 0 (worst) to 10."""

    type: Literal["feedback.received"]
    feedback_id: Identifier
    kind: Literal["complaint", "score"]
    score: int | None = Field(default=None, ge=0, le=10)


class FeedbackResolved(CustomerEvent):
    """A complaint is settled."""

    type: Literal["feedback.resolved"]
    feedback_id: Identifier


class CustomerInteracted(CustomerEvent):
    """The customer was here: kind, channel and time, never content."""

    type: Literal["customer.interacted"]
    kind: Literal["login", "branch", "call", "adviser"]
    channel: Code | None = None


class CustomerScored(CustomerEvent):
    """An external model's opinion of how likely the customer is to leave."""

    type: Literal["customer.scored"]
    model: Code
    model_version: Code | None = None
    score: Fraction


class CustomerAttributeSet(CustomerEvent):
    """A slow fact: risk appetite (C1 to C5, with expiry), time zone, demographic class."""

    type: Literal["customer.attribute-set"]
    attribute: Literal["risk_appetite", "time_zone", "demographic_class"]
    value: Code
    expires_on: date | None = None


class CustomerStatusChanged(CustomerEvent):
    """Deceased, a legal or fraud hold and its end, a minor until a date, merged into another."""

    type: Literal["customer.status-changed"]
    status: Literal["deceased", "hold", "hold_lifted", "minor", "merged"]
    until: date | None = Field(default=None, description="A minor's day of majority.")
    merged_into: Identifier | None = None
