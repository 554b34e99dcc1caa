"""What an at-risk rule is: two pure functions of time, and words for what they found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Protocol, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from schemas.outputs import ReasonGroup, Value
from statemachine.calendar import Calendar, Span
from statemachine.customer import Customer, Reason
from statemachine.pauses import deadline

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


def in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in order: the order of a list says nothing, and so it is not in the digest."""
    return tuple(sorted(set(names)))


def whole_days(span: Span) -> Span:
    """The span, if it is one of days and any; for validators of settings."""
    positive(span)
    if span.days is None:
        raise ValueError(f"'{span}' must be whole days")
    return span


class RuleSettings(BaseModel):
    """A rule's entry in the policy; unknown words in it are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class FallSettings(RuleSettings):
    """The entry of a rule that raises at a share of what was usual, and clears above another."""

    raise_at_percent: int = Field(ge=0, le=99, strict=True)
    clear_above_percent: int = Field(ge=1, le=100, strict=True)

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.clear_above_percent < self.raise_at_percent:
            raise ValueError(
                f"clear_above_percent {self.clear_above_percent} is below raise_at_percent"
                f" {self.raise_at_percent}"
            )
        return self


@dataclass(frozen=True, slots=True)
class Bank:
    """What a rule may know of the policy beside its own settings."""

    calendar: Calendar
    onboarding_window: Span
    activation_days: int
    contractual: frozenset[int]
    """The product types (products.py) of the contractual family."""

    def deadline(self, customer: Customer, span: Span, since: int) -> int | None:
        """When `span` is over, counted from `since` without the pauses (pauses.py)."""
        return deadline(self.calendar, customer, span, since)


class Rule(Protocol):
    """One at-risk rule. Pure: it sees the remembered customer and the policy, and no clock.

    A moment is milliseconds since 1970; AT_ONCE means "as soon as somebody looks"; None means
    "not as things stand". The fold raises and clears when the moment comes (fold.py).
    """

    name: ClassVar[str]
    group: ClassVar[ReasonGroup]
    reads: ClassVar[frozenset[str]]
    """The fields of Customer that can bring the moment nearer when they change; `activity` only as
    `hastened_after` says, and pauses, stage and first sight always may."""

    @property
    def hastened_after(self) -> Span | None:
        """How long after a sign of life the reason can stand for it, at the soonest.

        None: a sign of life never brings the moment nearer, but at most puts it off.
        """
        ...

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """When the reason will stand, if nothing else happens.

        It is of no use before `earliest`. What stands for a while only is looked for from there
        on; what stands until something happens may be answered with a moment before it.
        """
        ...

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """When the open reason will be over, if nothing else happens."""
        ...

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """Whether the event of `at`, which came late and is learnt, shows it should not stand.

        Only asked where `at` is before `reason.since`. What was raised because something did not
        come is undone by what did.
        """
        ...

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
        """The customer's numbers that the rule looks at, as they are at `at`; evidence."""
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


@dataclass(frozen=True, slots=True)
class RuleKind:
    """What a rule's file brings, as its KIND: the settings in the policy, and the rule of them."""

    settings: type[RuleSettings]
    rule: Any
    """Called with the settings and a Bank, it makes the Rule."""
