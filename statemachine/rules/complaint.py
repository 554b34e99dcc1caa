"""Complaint: one stands open, or the customer scored the bank badly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field, field_validator

from schemas.base import rfc3339
from schemas.outputs import ReasonGroup, Value
from statemachine.calendar import Span
from statemachine.customer import Customer, Feedback, Reason
from statemachine.rules.base import AT_ONCE, Bank, PolicySpan, RuleKind, RuleSettings, positive


class ComplaintSettings(RuleSettings):
    """The complaint rule's entry in the policy."""

    score_below: int = Field(default=4, ge=0, le=10, strict=True)
    score_clears_after: PolicySpan = Span.of_days(60)

    _longer = field_validator("score_clears_after")(positive)


@dataclass(frozen=True, slots=True)
class Complaint:
    """The rule, see the top of this file."""

    settings: ComplaintSettings
    bank: Bank

    name: ClassVar[str] = "complaint"
    group: ClassVar[ReasonGroup] = "dissatisfaction"
    reads: ClassVar[frozenset[str]] = frozenset({"feedback"})

    @property
    def hastened_after(self) -> Span | None:
        """It does not look at activity."""
        return None

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """With the first open complaint, or with a bad score that has not worn off."""
        feedback = customer.feedback
        if feedback is None:
            return None
        moments = [filed for _, filed in feedback.open]
        # A score from before this relationship, or one that has already worn off, is history.
        if self._is_bad(feedback) and feedback.score_at >= customer.newcomer_since:
            moments.append(feedback.score_at)
        return min(moments, default=None)

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """When all is resolved and a bad score, if there was one, has worn off."""
        feedback = customer.feedback
        if feedback is None:
            return AT_ONCE
        if feedback.open:
            return None
        if self._is_bad(feedback):
            span = self.settings.score_clears_after
            return self.bank.calendar.after(span, feedback.score_at)
        return AT_ONCE

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """It stands on what was told, not on what was not."""
        return False

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
        """How many complaints are open, since when, and the last score."""
        feedback = customer.feedback or Feedback()
        values: dict[str, Value] = {"open_complaints": len(feedback.open)}
        if feedback.open:
            values["oldest_filed_at"] = rfc3339(feedback.open[0][1])
        if feedback.score is not None:
            values["score"] = feedback.score
        return values

    def thresholds(self) -> Mapping[str, Value]:
        """Which score is bad, and how long it counts."""
        return {
            "score_below": self.settings.score_below,
            "score_clears_after": str(self.settings.score_clears_after),
        }

    def raised(self, values: Mapping[str, Value]) -> str:
        """In one sentence."""
        if values["open_complaints"] == 1:
            return "a complaint stands open"
        if values["open_complaints"]:
            return f"{values['open_complaints']} complaints stand open"
        return f"the customer scored the bank {values.get('score', 'badly')} of 10"

    def unless(self) -> str:
        """In a few words."""
        return "the complaint is resolved"

    def _is_bad(self, feedback: Feedback) -> bool:
        return feedback.score is not None and feedback.score < self.settings.score_below


KIND = RuleKind(ComplaintSettings, Complaint)
