"""A customer as the fold remembers them: bounded, and blind to the order within the lateness.

Every value here is small and has a bound, because millions of them are kept. Times are
milliseconds since 1970 (UTC), days are days since 1970 in the bank's time zone, identifiers are
kept as stable hashes. What is due is not stored: it follows from these facts and the policy
(due.py), so the two can never disagree; only `timer`, the entry in the timer index, is. The
structs hold no cycles, so the garbage collector is told to pass them by.

The order of fields is the order on the wire of the store: append, never reorder
(store/codec.py keeps the version and the migrations).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from schemas.outputs import Kind, LostBy, Stage

Flag = Literal["dormant", "frozen", "blocked", "in_arrears"]
"""How a core flags an account that is in force."""


class Activity(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The customer's own activity days, and the last sign of life of any kind."""

    days: int = 0
    """How many distinct own activity days there ever were."""
    first_day: int = 0
    last_day: int = 0
    """The latest own activity day; 0 with `days` = 0."""
    bits: bytes = b""
    """The last 256 days up to `last_day`, little end first: bit k is day last_day - k."""
    last_at: int | None = None
    """The instant of the latest own activity, for limits in hours and seconds."""
    sign_at: int | None = None
    """The latest sign of life that is not own activity: an interaction, an unknown initiator."""
    ring: bytes = b""
    """The latest own postings that can be reversed: (posting hash 32 bit, seconds 32 bit)."""


class Relationship(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One account or product: in force until `ends_at`."""

    ref: int
    """32-bit hash of the account or product reference."""
    product: int | None
    """What it is, as a number of products.py; None: nobody has said, and it counts as used every
    day."""
    starts_at: int
    """When it was first told of."""
    ends_at: int | None = None
    as_of: int = 0
    """When this was last told; an older telling changes nothing. 0: only implied by a fact."""
    begun_at: int | None = None
    """Of one that ended: when it was last told to be in force, if it ever was."""
    undone_at: int | None = None
    """When its opening was taken back: it never was, so its end is nobody's leaving."""
    flag: Flag | None = None
    """How the core flags it, if it is neither active nor closed."""
    flagged_at: int = 0
    """When that was last told."""


class Reason(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One open at-risk reason."""

    since: int
    values: dict[str, str | int]
    """The feature values that raised it, kept as evidence."""


class Feedback(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Open complaints, and the last bad satisfaction score."""

    open: tuple[tuple[int, int], ...] = ()
    """(32-bit hash of the feedback id, filed at), the oldest first, at most 8."""
    resolved: tuple[int, ...] = ()
    """Hashes of the last resolved ids, so that a late complaint is not opened again; at most 4."""
    score: int | None = None
    score_at: int = 0


class Score(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The latest score of the external churn model, in millionths."""

    millionths: int
    at: int


class Attribute(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A slow fact, as last told."""

    value: str
    told_at: int
    expires_on: int | None = None
    """The last day on which it holds; None: until told otherwise."""


class Objection(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An objection to a purpose, made or withdrawn, as last told."""

    made: bool
    told_at: int


class Consent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A consent, given or withdrawn, as last told."""

    given: bool
    told_at: int
    basis: str | None = None
    """The legal basis, where the feed names one."""


class Payroll(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Salaries paid in by an employer."""

    months: int = 0
    """The last twelve months up to the latest salary's: bit k is k months earlier."""
    last_day: int = 0
    """The day of the latest salary."""
    ended_day: int = 0
    """The day on which it was known to have ended; salaries up to it count no more."""


class Former(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the last coming or going replaced, in case the core takes that back."""

    ref: int = 0
    """The account or product by which the customer was won back, as in Relationship."""
    lost_by: LostBy | None = None
    """How they had been lost until then."""
    reasons: dict[str, int] = {}
    """The rules whose reasons stood open when they left, and since when."""


class Customer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Everything Tenure remembers of one customer."""

    stage: Stage | None = None
    lost_by: LostBy | None = None
    kind: Kind | None = None
    """The kind of the last move."""
    since: int = 0
    """When the present stage took effect."""
    effective_at: int = 0
    """The latest effective time of any output; the next is never before it."""
    changes: int = 0
    """Sequence of the last stage change."""
    reason_changes: int = 0
    """Sequence of the last risk-reasons change."""
    first_seen: int = 0
    newcomer_since: int = 0
    """When the customer last became new: onboarding and activation count from here."""
    activation_days: int = 0
    """Own activity days since `newcomer_since` or since lost by silence."""
    activated: bool = False
    """Whether the activation rule was met since `newcomer_since`."""
    been_active: bool = False
    """Whether the stage was `active` since `newcomer_since`."""
    activity: Activity = Activity()
    relationships: tuple[Relationship, ...] = ()
    reasons: dict[str, Reason] = {}
    cleared: dict[str, int] = {}
    """When a rule last cleared, while its quiet period lasts."""
    feedback: Feedback | None = None
    score: Score | None = None
    interest_at: int | None = None
    """The last interest of a potential customer."""
    unanswered: str = ""
    """The id of a stage change made by a due time since the customer's last event."""
    timer: int | None = None
    """The customer's entry in the timer index; never later than the true next due time."""
    seen: bytes = b""
    """The last event ids as 64-bit hashes, the latest last."""
    sequences: dict[str, int] = {}
    """The last sequence per source that declares one that only grows."""
    deceased: bool = False
    hold: bool = False
    minor_until: int | None = None
    """The day of majority."""
    objections: dict[str, Objection] = {}
    """By purpose; one withdrawn stays, so that an older telling does not bring it back."""
    attributes: dict[str, Attribute] = {}
    consents: dict[str, Consent] = {}
    """By purpose and channel, see `consent_for`; at most 8."""
    hold_told_at: int | None = None
    """When a hold, or the end of one, was last told."""
    minor_told_at: int | None = None
    joint_day: int | None = None
    """The latest day of own activity of which nobody said which owner of a joint account it was."""
    assets: bytes = b""
    """Deposits, wealth and insurance, this customer's share, day by day: packed (assets.py)."""
    owed: bytes = b""
    """Loans and mortgages, likewise."""
    payroll: Payroll | None = None
    transfers: bytes = b""
    """Own transfers to other banks: packed (transfers.py)."""
    paused_at: int | None = None
    """Since when no deadline runs: a hold, every account frozen, or not of age yet."""
    pauses: tuple[tuple[int, int], ...] = ()
    """The last pauses that are over: from, to."""
    former: Former | None = None

    @property
    def objected(self) -> tuple[str, ...]:
        """The purposes objected to, in alphabetical order."""
        return tuple(sorted(name for name, one in self.objections.items() if one.made))
