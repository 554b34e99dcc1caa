"""The policy: every number as validated data, with a version and a digest.

The file's comments are for bankers and change nothing: the digest is taken of the values.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Self, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from schemas.base import LARGEST_INTEGER, to_millis
from schemas.currency import Currency
from schemas.events.base import ProductType
from statemachine.assets import MEAN_DAYS
from statemachine.calendar import Calendar, Span, day_number
from statemachine.money import Rates
from statemachine.products import numbers_of
from statemachine.rules import Bank, PolicySpan, Rule, Rules, positive
from statemachine.rules.base import in_order
from statemachine.rules.outflow import OutflowSettings
from statemachine.rules.run_off import RunOffSettings
from statemachine.rules.silence import SilenceSettings


class _Section(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, ignored_types=(cached_property,)
    )


def _shortest(rate: str) -> str:
    # 7.1 and 7.10 are one number, and have one digest.
    if not Decimal(rate):
        raise ValueError("a rate of 0 makes money vanish; leave the currency out instead")
    return format(Decimal(rate).normalize(), "f")


Rate = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$"), AfterValidator(_shortest)]
"""What one unit of a currency is worth, as a decimal string."""


class Stream(_Section):
    """How the stream's own dirt is judged."""

    allowed_lateness: PolicySpan = Span.parse("48 hours")
    future_tolerance: PolicySpan = Span.parse("15 minutes")

    @field_validator("allowed_lateness", "future_tolerance")
    @classmethod
    def _exact(cls, span: Span) -> Span:
        if span.days is not None:
            raise ValueError(f"'{span}' must be an exact duration: write it in hours")
        return span


class Adoption(_Section):
    """When a first fact is too old to be news."""

    older_than: PolicySpan = Span.of_days(30)


class Onboarding(_Section):
    """How long a new customer has."""

    window: PolicySpan = Span.of_days(90)

    _longer = field_validator("window")(positive)


class Activation(_Section):
    """What makes a customer active."""

    own_activity_days: int = Field(default=3, ge=1, le=31, strict=True)
    assets_at_least: int | None = Field(default=10_000, ge=1, le=10**12, strict=True)
    product_families: int | None = Field(default=2, ge=2, le=9, strict=True)


class Lost(_Section):
    """When a customer at risk is given up."""

    after_silence: PolicySpan = Span.of_days(180)
    at_least_at_risk: PolicySpan = Span.of_days(30)
    protected_by_assets: int | None = Field(default=10_000, ge=1, le=10**12, strict=True)

    _longer = field_validator("after_silence")(positive)


class Prospects(_Section):
    """How long a prospect is kept."""

    limit: PolicySpan | None = None

    @field_validator("limit")
    @classmethod
    def _longer(cls, span: Span | None) -> Span | None:
        return None if span is None else positive(span)


class Families(_Section):
    """Which product types belong to which family."""

    transactional: tuple[ProductType, ...] = (
        "card",
        "current_account",
        "payment",
        "savings_account",
    )
    contractual: tuple[ProductType, ...] = (
        "insurance",
        "loan",
        "mortgage",
        "term_deposit",
        "wealth",
    )

    # The order of a list says nothing, and so it is not in the digest.
    _in_order = field_validator("transactional", "contractual")(in_order)

    @model_validator(mode="after")
    def _each_in_one(self) -> Self:
        both = set(self.transactional) & set(self.contractual)
        if both:
            raise ValueError(f"{', '.join(sorted(both))} cannot belong to both families")
        neither = set(get_args(ProductType)) - set(self.transactional) - set(self.contractual)
        if neither:
            raise ValueError(f"{', '.join(sorted(neither))} must belong to one of the families")
        return self


class Assets(_Section):
    """Which products' balances are assets, and what foreign money is worth."""

    products: tuple[ProductType, ...] = (
        "card",
        "current_account",
        "insurance",
        "payment",
        "savings_account",
        "term_deposit",
        "wealth",
    )
    currency: Currency = "CNY"
    rates: dict[Currency, dict[date, Rate]] = {}

    _in_order = field_validator("products")(in_order)

    @field_validator("rates")
    @classmethod
    def _by_day(cls, rates: dict[str, dict[date, str]]) -> dict[str, dict[date, str]]:
        return {name: dict(sorted(table.items())) for name, table in rates.items()}

    @model_validator(mode="after")
    def _no_rate_of_its_own(self) -> Self:
        if self.currency in self.rates:
            raise ValueError(
                f"rates.{self.currency}: amounts are in {self.currency}, which needs no rate"
            )
        return self

    @cached_property
    def known_rates(self) -> Rates:
        """The rates, to convert with."""
        return Rates(
            self.currency,
            {
                name: tuple((day_number(day), Decimal(rate)) for day, rate in table.items())
                for name, table in self.rates.items()
            },
        )


class Memory(_Section):
    """How much is remembered per customer."""

    event_ids: int = Field(default=5, ge=1, le=64, strict=True)
    reversible_postings: int = Field(default=5, ge=1, le=32, strict=True)


class Policy(_Section):
    """A validated policy. Equal values have an equal digest, whatever the file looks like."""

    version: int = Field(ge=1, le=LARGEST_INTEGER, strict=True)
    name: str = Field(default="unnamed", min_length=1, max_length=100)
    zone: str = "Asia/Shanghai"
    live_from: AwareDatetime | None = None
    stream: Stream = Stream()
    adoption: Adoption = Adoption()
    onboarding: Onboarding = Onboarding()
    activation: Activation = Activation()
    lost: Lost = Lost()
    prospects: Prospects = Prospects()
    maturity_grace: PolicySpan = Span.of_days(10)
    quiet_period: PolicySpan = Span.of_days(30)
    families: Families = Families()
    assets: Assets = Assets()
    memory: Memory = Memory()
    growing_sequences: tuple[str, ...] = ()
    rules: Rules = Rules()

    # The order of a list says nothing, and so it is not in the digest; nor is a time's offset.
    _in_order = field_validator("growing_sequences")(in_order)

    @field_validator("live_from", mode="before")
    @classmethod
    def _in_utc(cls, value: object) -> datetime | None:
        if value is None:
            return None
        with suppress(ValueError, OverflowError):
            # A file's time is text, or what YAML has already read.
            time = datetime.fromisoformat(value) if isinstance(value, str) else value
            if isinstance(time, datetime) and time.utcoffset() is not None:
                return time.astimezone(UTC)
        raise ValueError(
            f"'{value}' is not a time with an offset, such as 2025-01-01T00:00:00+08:00; null:"
            " everything is live"
        )

    @field_validator("maturity_grace")
    @classmethod
    def _days_or_more(cls, span: Span) -> Span:
        # A product that matured is told from one that was closed by its grace.
        return span if span.days is not None else positive(span)

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        Calendar(zone)
        return zone

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        silence, lost = self.rules.entry("silence"), self.lost.after_silence
        # As long is long enough: `at_least_at_risk` keeps the two apart.
        if isinstance(silence, SilenceSettings) and lost.millis < silence.longest().millis:
            raise ValueError(
                f"lost.after_silence '{lost}' comes before at-risk: silence is raised after up to"
                f" '{silence.longest()}'; make lost.after_silence as long, or longer"
            )
        return self

    @cached_property
    def calendar(self) -> Calendar:
        """The bank's days."""
        return Calendar(self.zone)

    @cached_property
    def active_rules(self) -> tuple[Rule, ...]:
        """The rules switched on, in the order of the product's registry."""
        return self.rules.build(self._bank)

    @cached_property
    def hastened_after(self) -> Span | None:
        """How long after a sign of life anything can be due for it, at the soonest; None: never."""
        spans = (rule.hastened_after for rule in self.active_rules)
        return min((span for span in spans if span is not None), default=None)

    def rules_reading(self, fields: tuple[str, ...]) -> tuple[Rule, ...]:
        """The rules switched on that any of these fields of a customer can bring nearer."""
        found = self._reading.get(fields)
        if found is None:
            found = tuple(rule for rule in self.active_rules if not rule.reads.isdisjoint(fields))
            self._reading[fields] = found
        return found

    @cached_property
    def _reading(self) -> dict[tuple[str, ...], tuple[Rule, ...]]:
        return {}

    @cached_property
    def rules_off(self) -> dict[str, Rule]:
        """The rules switched off, by name."""
        return self.rules.switched_off(self._bank)

    @cached_property
    def _bank(self) -> Bank:
        return Bank(
            self.calendar,
            self.onboarding.window,
            self.activation.own_activity_days,
            self.contractual,
        )

    @cached_property
    def contractual(self) -> frozenset[int]:
        """The numbers (products.py) of the product types of the contractual family."""
        return numbers_of(self.families.contractual)

    @cached_property
    def counts_as_assets(self) -> frozenset[int]:
        """The numbers of the product types whose balances are assets."""
        return numbers_of(self.assets.products)

    @cached_property
    def transfers_told(self) -> OutflowSettings | None:
        """Which transfers to other banks are remembered; None: nobody looks at them."""
        outflow = self.rules.entry("outflow")
        return outflow if isinstance(outflow, OutflowSettings) else None

    @cached_property
    def assets_kept(self) -> tuple[int, int, int]:
        """How many days of changes of the assets are looked back on.

        In all, from which highest total on, and below it. A raise may be told some days late, with
        what the mean was then.
        """
        run_off, transfers = self.rules.entry("run_off"), self.transfers_told
        within = 0 if transfers is None else transfers.within.days or 0
        few = MEAN_DAYS + within + 10
        if not isinstance(run_off, RunOffSettings):
            return few, 0, few
        return MEAN_DAYS + run_off.peak_within_days + 10, run_off.peak_at_least, few

    @cached_property
    def live_from_millis(self) -> int | None:
        """`live_from` in milliseconds since 1970."""
        return None if self.live_from is None else to_millis(self.live_from)

    @cached_property
    def digest(self) -> str:
        """The first 128 bits of the SHA-256 of the policy's values, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()[:32]

    def canonical(self) -> str:
        """The values as canonical JSON: sorted keys, no white space; what the digest is of."""
        values = self.model_dump(mode="json")
        return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_canonical(cls, text: str) -> Policy:
        """The policy again from `canonical()`."""
        return cls.model_validate(json.loads(text))
