"""The hidden script of a life: what the bank will only see the traces of.

A script is drawn before the life is lived, from dice of its own, so that the truth is known
without living. It covers two years; in a longer plan whoever is still there stays.

Moments are seconds since the midnight that begins the plan's first day (almanac.py); those
before the plan are negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from operate.simulate.almanac import DAY
from operate.simulate.dice import Dice
from operate.simulate.personas import Persona

HORIZON = 730
"""The days that a script covers."""

Entry = Literal["book", "closed_book", "unannounced", "stranger", "walk_in", "prospect"]
"""How the bank comes to know them: in the existing book (still there, or closed long ago), by
a posting without any introduction, by the news of their death only, by walking in, or as a
prospect."""

Why = Literal["moved_bank", "dissatisfied", "died", "silent_drift"]


@dataclass(frozen=True, slots=True)
class Absence:
    """A stretch without any own activity, from `at` (inclusive) until `back` (exclusive)."""

    at: int
    why: Why | None
    """Why they left; None: they did not, they were only quiet for a while."""
    how: Literal["silent", "closed", "died"] = "silent"
    back: int | None = None
    """None: for good."""
    by: Literal["using", "reopening", "opening"] = "using"
    """How they come back: on the account still open, reopened, or on a new one."""
    fade: int = 0
    """Days before `at` over which the habits fade."""
    closes: int | None = None
    """When the account is closed after a while of silence."""
    drains: bool = False
    """Whether the money goes before them."""
    keeps_income: bool = False
    """Whether salary or pension still arrives (and is swept out by a standing order)."""
    foreseen: bool = False
    """Whether the bank's churn model sees it coming."""
    held: bool = False
    """Not absent at all: a legal hold stops everything."""

    @property
    def closed_at(self) -> int | None:
        """When the account was closed, if it was."""
        return self.at if self.how == "closed" else self.closes


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint, and when it will be settled (None: never)."""

    at: int
    settled: int | None


@dataclass(frozen=True, slots=True)
class Contract:
    """A deposit, a wealth product, a loan or an insurance, taken out at `at`."""

    at: int
    kind: Literal["term_deposit", "wealth", "loan", "insurance"]
    days: int
    yuan: int
    renews: bool
    arrears: int | None = None
    """When an instalment is missed."""


@dataclass(slots=True)
class Script:
    """Everything decided about a life before it is lived."""

    number: int
    persona: Persona
    entry: Entry
    opens: int | None = None
    """When the first account is opened; None: never. Years before the plan for the old book."""
    heard: int | None = None
    """When a prospect first turns up."""
    asks_again: int | None = None
    """When a prospect, long forgotten, shows interest once more."""
    habit_from: int = 0
    """When the habits begin."""
    own_days: tuple[int, ...] = ()
    """Moments of postings that do not depend on habit: first steps, returns."""
    first_deposit: bool = True
    absences: tuple[Absence, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    ratings: tuple[tuple[int, int], ...] = ()
    """(moment, score 0 to 10) of satisfaction surveys answered."""
    scare: tuple[int, int] | None = None
    """A stretch in which the bank's model is wrong about a loyal customer."""
    dies: int | None = None
    contracts: tuple[Contract, ...] = ()
    savings_account: bool = False
    changes_employer: int | None = None

    @property
    def customer_id(self) -> str:
        """The customer number as the bank writes it."""
        return f"C{self.number:06d}"

    @property
    def since(self) -> int:
        """The first day of the relationship that the plan can show."""
        return max(0, (self.opens or 0) // DAY)


def office_hours(dice: Dice, day: int) -> int:
    """A moment of that day when branches are open: 9:30 to 16:30."""
    return day * DAY + dice.between(34_200, 59_400)


def any_hour(dice: Dice, day: int) -> int:
    """A moment of that day between eight and half past eight in the evening."""
    return day * DAY + dice.between(28_800, 73_800)
