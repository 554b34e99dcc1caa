"""What the bank learns about a person: wishes, feedback, scores, attributes, status."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import Code, Day, Fraction, Identifier
from schemas.events.base import CustomerEvent
from schemas.timezone import time_zones

Purpose = Literal["profiling", "marketing"]
RISK_APPETITES = ("C1", "C2", "C3", "C4", "C5")
"""From cautious to bold, as Chinese banks grade them."""


class ConsentChanged(CustomerEvent):
    """Consent per purpose and channel, with its legal basis."""

    type: Literal["consent.changed"]
    purpose: Purpose
    channel: Code | None = Field(default=None, description="For which channel; none: for all.")
    granted: bool = Field(description="Given, or withdrawn.")
    legal_basis: Code | None = Field(default=None, description="Such as 'consent' or 'contract'.")


class ObjectionChanged(CustomerEvent):
    """An objection made or withdrawn."""

    type: Literal["objection.changed"]
    purpose: Purpose
    objected: bool = Field(description="Made, or withdrawn.")


class FeedbackReceived(CustomerEvent):
    """A complaint, or a satisfaction score from 0 (worst) to 10."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"kind": {"const": "score"}}},
            "then": {"properties": {"score": {"type": "integer"}}, "required": ["score"]},
        }
    )

    type: Literal["feedback.received"]
    feedback_id: Identifier
    kind: Literal["complaint", "score"]
    score: int | None = Field(
        default=None, ge=0, le=10, description="Needed where the kind is 'score'."
    )

    @model_validator(mode="after")
    def _a_score_has_its_number(self) -> Self:
        return self if self.kind != "score" else self._with("score", "the kind is 'score'")


class FeedbackResolved(CustomerEvent):
    """A complaint is settled."""

    type: Literal["feedback.resolved"]
    feedback_id: Identifier


class CustomerInteracted(CustomerEvent):
    """The customer was here: kind, channel and time, never content."""

    type: Literal["customer.interacted"]
    kind: Literal["login", "branch", "call", "adviser"]
    channel: Code | None = Field(default=None, description="Such as 'mobile' or 'counter'.")


class CustomerScored(CustomerEvent):
    """An external model's opinion of how likely the customer is to leave."""

    type: Literal["customer.scored"]
    model: Code
    model_version: Code | None = None
    score: Fraction = Field(description="0: stays; 1: leaves. A decimal string.")


class CustomerAttributeSet(CustomerEvent):
    """A slow fact: risk appetite (C1 to C5, with expiry), time zone, demographic class."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"attribute": {"const": "risk_appetite"}}},
            "then": {"properties": {"value": {"enum": list(RISK_APPETITES)}}},
        }
    )

    type: Literal["customer.attribute-set"]
    attribute: Literal["risk_appetite", "time_zone", "demographic_class"]
    value: Code = Field(
        description="A risk appetite is 'C1' to 'C5', a time zone one of IANA's such as"
        " 'Asia/Shanghai', a demographic class any code of the bank's."
    )
    expires_on: Day | None = Field(default=None, description="The last day on which it holds.")

    @field_validator("value")
    @classmethod
    def _of_its_kind(cls, value: str, told: ValidationInfo) -> str:
        match told.data.get("attribute"):
            case "risk_appetite" if value not in RISK_APPETITES:
                raise PydanticCustomError(
                    "unknown_risk_appetite", "expected a risk appetite, 'C1' to 'C5'"
                )
            case "time_zone" if value not in time_zones():
                raise PydanticCustomError(
                    "unknown_time_zone", "expected an IANA time zone, such as 'Asia/Shanghai'"
                )
            case _:
                return value


class CustomerStatusChanged(CustomerEvent):
    """Deceased, a legal or fraud hold and its end, a minor until a date, merged into another."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"status": {"const": "minor"}}},
            "then": {"properties": {"until": {"type": "string"}}, "required": ["until"]},
        }
    )

    type: Literal["customer.status-changed"]
    status: Literal["deceased", "hold", "hold_lifted", "minor", "merged"]
    until: Day | None = Field(default=None, description="A minor's day of majority.")
    merged_into: Identifier | None = Field(
        default=None, description="The customer number that stays."
    )

    @model_validator(mode="after")
    def _a_minor_comes_of_age(self) -> Self:
        return self if self.status != "minor" else self._with("until", "the status is 'minor'")
