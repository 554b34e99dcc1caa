"""Silence: nothing done by the customer for a long time.

Counted from the last sign of life: own activity, an interaction, a posting of unknown initiator,
or becoming a customer. Only for customers with a transactional product in force: a mortgage paid
by standing order is a living relationship. It clears by own activity only, and more than once.

The limit is fixed, or follows the customer's own rhythm: a multiple of the mean pause between
two activity days, shrunk towards the population's mean while few pauses are known. That is the
posterior mean of a rate with a conjugate prior worth `population_weight` pauses; it is bounded,
so that neither a busy week nor a rare habit decides alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from schemas.outputs import ReasonGroup, Value
from statemachine.activity import days_since, is_sign, last_sign
from statemachine.calendar import Span, day_text
from statemachine.customer import Customer, Reason
from statemachine.relationships import has_transactional
from statemachine.rules.base import AT_ONCE, Bank, PolicySpan, RuleKind, RuleSettings, positive


class OwnRhythm(RuleSettings):
    """How a customer's own rhythm becomes a limit, in days."""

    times_the_usual_pause: int = Field(default=6, ge=1, le=50, strict=True)
    population_pause_days: int = Field(default=15, ge=1, le=365, strict=True)
    population_weight: int = Field(default=4, ge=0, le=1000, strict=True)
    at_least_days: int = Field(default=45, ge=1, le=3650, strict=True)
    at_most_days: int = Field(default=180, ge=1, le=3650, strict=True)

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.at_least_days > self.at_most_days:
            raise ValueError(
                f"at_least_days {self.at_least_days} is above at_most_days {self.at_most_days}"
            )
        return self


class SilenceSettings(RuleSettings):
    """The silence rule's entry in the policy."""

    limit: Literal["fixed", "own_rhythm"] = "fixed"
    after: PolicySpan = Span.of_days(90)
    own_rhythm: OwnRhythm = OwnRhythm()
    clears_after_days: Literal[1, 2] = 2
    clears_within_days: int = Field(default=60, ge=1, le=200, strict=True)

    _longer = field_validator("after")(positive)

    def longest(self) -> Span:
        """The longest limit that any customer can have."""
        if self.limit == "own_rhythm":
            return Span.of_days(self.own_rhythm.at_most_days)
        return self.after


@dataclass(frozen=True, slots=True)
class Silence:
    """The rule, see the top of this file."""

    settings: SilenceSettings
    bank: Bank

    name: ClassVar[str] = "silence"
    group: ClassVar[ReasonGroup] = "inactivity"
    reads: ClassVar[frozenset[str]] = frozenset({"activity", "relationships"})

    @property
    def hastened_after(self) -> Span | None:
        """A quicker rhythm is a shorter limit, but never below its bound."""
        if self.settings.limit == "own_rhythm":
            return Span.of_days(self.settings.own_rhythm.at_least_days)
        return None

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """When the limit is over, counted from the last sign of life."""
        if not has_transactional(customer.relationships, self.bank.contractual):
            return None
        return self.bank.deadline(customer, self._limit(customer), silent_since(customer))

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """At once, when enough own activity days lie close together since it was raised.

        The day on which it was raised counts if the customer was active after that.
        """
        latest = customer.activity.last_at
        if latest is None or latest < reason.since:
            return None
        days = days_since(customer.activity, self.bank.calendar.day_of(reason.since))
        if self.settings.clears_after_days == 1:
            return AT_ONCE if days else None
        near = self.settings.clears_within_days
        close = any(b - a <= near for a, b in pairwise(days))
        return AT_ONCE if close else None

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """By a sign of life within the limit before it."""
        if not is_sign(customer.activity, self.bank.calendar, at):
            return False
        due = self.bank.deadline(customer, self._limit(customer), at)
        return due is not None and due > reason.since

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
        """The day of the last sign of life, and what the rhythm is made of."""
        silent = self.bank.calendar.day_of(silent_since(customer))
        values: dict[str, Value] = {
            "last_sign_of_life": day_text(silent),
            "own_activity_days": customer.activity.days,
        }
        if self.settings.limit == "own_rhythm":
            values["limit_days"] = self._limit(customer).days or 0
        return values

    def thresholds(self) -> Mapping[str, Value]:
        """The fixed limit, or what bounds the own one."""
        rhythm = self.settings.own_rhythm
        if self.settings.limit == "own_rhythm":
            return {
                "limit": "own_rhythm",
                "times_the_usual_pause": rhythm.times_the_usual_pause,
                "at_least_days": rhythm.at_least_days,
                "at_most_days": rhythm.at_most_days,
            }
        return {"limit": "fixed", "after": str(self.settings.after)}

    def raised(self, values: Mapping[str, Value]) -> str:
        """In one sentence."""
        return f"nothing was done by the customer since {values['last_sign_of_life']}"

    def unless(self) -> str:
        """In a few words."""
        return "the customer does something"

    def _limit(self, customer: Customer) -> Span:
        if self.settings.limit == "fixed":
            return self.settings.after
        rhythm = self.settings.own_rhythm
        activity = customer.activity
        pauses = max(activity.days - 1, 0)
        spent = activity.last_day - activity.first_day if pauses else 0
        weight = rhythm.population_weight
        if weight + pauses == 0:
            weight = 1
        # Whole days, rounded up, in integers: the same on every machine.
        total = rhythm.times_the_usual_pause * (weight * rhythm.population_pause_days + spent)
        days = -(-total // (weight + pauses))
        return Span.of_days(min(max(days, rhythm.at_least_days), rhythm.at_most_days))


def silent_since(customer: Customer) -> int:
    """The instant that silence is counted from."""
    sign = last_sign(customer.activity)
    begins = max(customer.newcomer_since, customer.first_seen)
    return begins if sign is None else max(begins, sign)


KIND = RuleKind(SilenceSettings, Silence)
