"""Churn score: the bank's own model expects the customer to leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

from pydantic import field_validator, model_validator

from schemas.base import Fraction
from schemas.outputs import ReasonGroup, Value
from statemachine.calendar import Span
from statemachine.customer import Customer, Reason
from statemachine.rules.base import AT_ONCE, Bank, RuleKind, RuleSettings


def millionths(fraction: str) -> int:
    """'0.83' as 830000."""
    return int(Decimal(fraction) * 1_000_000)


class ChurnScoreSettings(RuleSettings):
    """The churn score rule's entry in the policy."""

    raise_at: Fraction = "0.8"
    clear_below: Fraction = "0.6"

    @field_validator("raise_at", "clear_below")
    @classmethod
    def _shortest(cls, fraction: str) -> str:
        # 0.8 and 0.80 are one number, and have one digest.
        return format(Decimal(fraction).normalize(), "f")

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if millionths(self.clear_below) > millionths(self.raise_at):
            raise ValueError(f"clear_below {self.clear_below} is above raise_at {self.raise_at}")
        return self


@dataclass(frozen=True, slots=True)
class ChurnScore:
    """The rule, see the top of this file."""

    settings: ChurnScoreSettings
    bank: Bank

    name: ClassVar[str] = "churn_score"
    group: ClassVar[ReasonGroup] = "competitor"
    reads: ClassVar[frozenset[str]] = frozenset({"score"})

    @property
    def hastened_after(self) -> Span | None:
        """It does not look at activity."""
        return None

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """With the score that reaches the limit."""
        score = customer.score
        if score is None or score.millionths < millionths(self.settings.raise_at):
            return None
        # A score from before this relationship says nothing about it.
        return score.at if score.at >= customer.newcomer_since else None

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """With a score below the lower limit."""
        score = customer.score
        if score is None or score.millionths < millionths(self.settings.clear_below):
            return AT_ONCE
        return None

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """It stands on what was told, not on what was not."""
        return False

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
        """The latest score."""
        score = customer.score
        return {} if score is None else {"score": str(Decimal(score.millionths) / 1_000_000)}

    def thresholds(self) -> Mapping[str, Value]:
        """Both limits."""
        return {"raise_at": self.settings.raise_at, "clear_below": self.settings.clear_below}

    def raised(self, values: Mapping[str, Value]) -> str:
        """In one sentence."""
        return f"the bank's model scored the risk of leaving {values.get('score', 'high')}"

    def unless(self) -> str:
        """In a few words."""
        return f"a score below {self.settings.clear_below}"


KIND = RuleKind(ChurnScoreSettings, ChurnScore)
