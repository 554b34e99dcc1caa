"""The hidden script of a life: what the bank will only see the traces of.

A script is drawn before the life is lived, from dice of its own, so that the truth is known
without living. It covers two years; in a longer plan whoever is still there stays.

Moments are seconds since the midnight that begins the plan's first day (almanac.py); those
before the plan are negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from operate.simulate.almanac import DAY
from operate.simulate.dice import Dice
from operate.simulate.personas import Persona

HORIZON = 730
"""The days that a script covers."""

Entry = Literal["book", "closed_book", "unannounced", "stranger", "walk_in", "prospect", "partner"]
"""How the bank comes to know them: in the existing book (still there, or closed long ago), by
a posting without any introduction, by the news of their death only, by walking in, as a
prospect, or as the joint owner of an account that somebody else's script tells of."""

Why = Literal["moved_bank", "dissatisfied", "died", "silent_drift", "moved_payroll", "matured"]


@dataclass(frozen=True, slots=True)
class Absence:
    """A stretch without any own activity, from `at` (inclusive) until `back` (exclusive)."""

    at: int
    why: Why | None
    """Why they left; None: they did not, they were only quiet for a while."""
    how: Literal["silent", "closed", "died", "undone", "matured"] = "silent"
    """`undone`: the core takes the opening back, and whoever opened has never been there;
    `matured`: the only product came to its end."""
    back: int | None = None
    """None: for good."""
    by: Literal["using", "reopening", "opening", "undone"] = "using"
    """How they come back: on the account still open, reopened, on a new one, or because the
    core takes the closing back."""
    began: int | None = None
    """When the leaving began, if it was before the habits faded."""
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
    frozen: bool = False
    """Likewise, but only the accounts are frozen."""

    @property
    def leaving_since(self) -> int:
        """When the leaving began: with its first visible act, or with the last one of all."""
        if self.began is not None:
            return self.began
        return self.at - max(self.fade, 1 if self.drains else 0) * DAY

    @property
    def closed_at(self) -> int | None:
        """When the account was closed, if it was."""
        return self.at if self.how == "closed" else self.closes


class Leaning(NamedTuple):
    """Somebody was really leaving and has not left: they turned back, or still hang on."""

    began: int
    back: int | None
    """When they turned back; None: not yet."""
    why: Why


class Drain(NamedTuple):
    """The customer moves a share of the money, all at once."""

    at: int
    percent: int
    to: Literal["bank", "wallet", "back"]
    """Another bank, or a payment institution's money fund; `back`: the share of what they once
    had comes back from there."""


class Tie(NamedTuple):
    """Two customers who share accounts (kin.py)."""

    role: Literal["owner", "joint", "guardian", "child"]
    """What this one is in it: the first or the second of a couple, a parent or a child."""
    other: str
    """The other one's customer number, as the bank writes it."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint, and when it will be settled (None: never)."""

    at: int
    settled: int | None


@dataclass(frozen=True, slots=True)
class Contract:
    """A deposit, a wealth product, a loan, a mortgage or an insurance, taken out at `at`."""

    at: int
    kind: Literal["term_deposit", "wealth", "loan", "mortgage", "insurance"]
    days: int
    yuan: int
    renews: bool
    arrears: int | None = None
    """The day on which an instalment is missed."""
    most_percent: int = 50
    """How much of the money on the account it may take."""
    repaid: int | None = None
    """When a loan is paid back at once, before its time."""


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
    settles_again: bool = True
    """Whether the habits come back with them after an absence."""
    everyday: bool = True
    """Whether they have an account for every day, or nothing but a mortgage or deposits."""
    wealth: int = 0
    """Yuan on the account at first; 0: what is usual for the persona."""
    drains: tuple[Drain, ...] = ()
    moods: tuple[tuple[int, float], ...] = ()
    """(from when, share of their habits that they follow)."""
    payroll: tuple[tuple[int, bool], ...] = ()
    """(from when, whether the salary comes to this bank)."""
    leanings: tuple[Leaning, ...] = ()
    tie: Tie | None = None
    of_age: int | None = None
    """A child's day of majority."""

    @property
    def customer_id(self) -> str:
        """The customer number as the bank writes it."""
        return id_of(self.number)

    @property
    def since(self) -> int:
        """The first day of the relationship that the plan can show."""
        return max(0, (self.opens or 0) // DAY)


def id_of(number: int) -> str:
    """A customer number as the bank writes it."""
    return f"C{number:06d}"


def office_hours(dice: Dice, day: int) -> int:
    """A moment of that day when branches are open: 9:30 to 16:30."""
    return day * DAY + dice.between(34_200, 59_400)


def any_hour(dice: Dice, day: int) -> int:
    """A moment of that day between eight and half past eight in the evening."""
    return day * DAY + dice.between(28_800, 73_800)
