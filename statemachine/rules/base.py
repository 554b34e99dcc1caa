"""What an at-risk rule is: two pure functions of time, and words for what they found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from schemas.outputs import ReasonGroup, Value
from statemachine.calendar import Calendar, Span
from statemachine.customer import Customer, Reason

AT_ONCE = -2_208_988_800_000
"""Due since ever (1900, before any event): what holds now, whenever it began."""


PolicySpan = Annotated[
    Span,
    BeforeValidator(Span.parse),
    PlainSerializer(str, return_type=str),
]
"""A span of time as a policy writes it: '90 days', '48 hours'."""


def positive(span: Span) -> Span:
    """The span, if it is any; for validators of settings."""
    if span.millis <= 0:
        raise ValueError("must be longer than nothing")
    return span


class RuleSettings(BaseModel):
    """A rule's entry in the policy; unknown words in it are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Bank:
    """What a rule may know of the policy beside its own settings."""

    calendar: Calendar
    onboarding_window: Span


class Rule(Protocol):
    """One at-risk rule. Pure: it sees the remembered customer and the policy, and no clock.

    A moment is milliseconds since 1970; AT_ONCE means "as soon as somebody looks"; None means
    "not as things stand". The fold raises and clears when the moment comes (fold.py).
    """

    name: ClassVar[str]
    group: ClassVar[ReasonGroup]

    @property
    def hastened_by_activity(self) -> bool:
        """Whether a sign of life can bring the moment nearer, rather than only put it off."""
        ...

    def raises_at(self, customer: Customer) -> int | None:
        """When the reason will stand, if nothing else happens."""
        ...

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """When the open reason will be over, if nothing else happens."""
        ...

    def values(self, customer: Customer) -> dict[str, Value]:
        """The customer's numbers that the rule looks at, as evidence."""
        ...

    def thresholds(self) -> Mapping[str, Value]:
        """The policy's numbers that they are compared with."""
        ...

    def raised(self, values: Mapping[str, Value]) -> str:
        """What happened, in one sentence that a branch adviser understands."""
        ...

    def unless(self) -> str:
        """What keeps it from being raised (or clears it), in a few words."""
        ...
