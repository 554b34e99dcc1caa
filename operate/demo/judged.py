"""At-risk against the truth: which calls were right, which were false, and who was missed.

Only a simulation can tell: it keeps who really left (operate/simulate/confession.py). The measures
are the plain ones, with every doubt counted against the rules.

A *call* is a stretch of time: from when a customer became at_risk, or a rule's reason was raised,
until that ended. A customer can be called more than once. A *departure* is a customer who really
left, by their own will (not by death); it lasts from `began_at`, when the leaving began, over
`left_at`, the last own act, to `returned_at`. A call meets a departure if it stood at any time of
it, and was made at most 180 days before it began: earlier ones are luck. What a call was is decided
in this order:

  right    it met a departure whose last act lies within the plan
  gone     the customer had left before the plan began and was not back: no call could be early
           or wrong, so these are counted apart and in no share
  leaning  it met somebody really leaving who has not left: turned back, or uses another bank
           ever more; no false alarm, but not right
  false    none of these: a false alarm

Whom a rule could have caught: departures with the last act within the plan, not in its last 120
days (what would have become of them is not to be seen), of customers known as such for at least
30 days by then. *Caught* if a call met it and was made at most 120 days after the last act, and at
least a full day before the account was closed, where it was; *before*, if it was made at least a
full day before the last act. The lead is the time from the first call that caught it to the last
act, negative when the call came after it; its median is over all that were caught.

  precision  right among right, leaning and false calls
  recall     departures caught among all that could have been, whatever rule was meant for them
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median

from schemas.outputs import Output, StageChanged

SOON = timedelta(days=120)
"""A call so long after the last act is still in time to do something."""
FORESIGHT = timedelta(days=180)
"""A call so long before the leaving began knew nothing of it."""
BEFORE = timedelta(days=1)
"""A call sooner before the last act, or before a closing, is of no use."""
KNOWN_FOR = timedelta(days=30)
"""How long somebody must have been a customer to be called at all."""
_EVER = datetime.max.replace(tzinfo=UTC)

Judgement = Mapping[str | None, "Judged"]
"""By rule, and under None of the stage."""
Line = Mapping[str, str | None]
"""One line of the truth."""
Stories = Mapping[str, Sequence[Output]]
"""Every decision, by customer, in order."""
_Calls = Mapping[str | None, Sequence["Call"]]


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody was at risk, or one rule's reason stood, from `begins` until `ends`."""

    customer_id: str
    begins: datetime
    ends: datetime
    """For ever, of those that still stood at the end."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A time in which a customer was really leaving, or gone."""

    customer_id: str
    began: datetime
    left: datetime | None
    """The last own act; None: they have not left."""
    until: datetime
    """When they came back or turned back."""
    closed: datetime = _EVER
    """When they closed the account, if they did."""

    def meets(self, call: Call) -> bool:
        """Whether the call stood at any time of it, and was not made long before."""
        stood = call.begins < self.until and call.ends >= self.began
        return stood and call.begins >= self.began - FORESIGHT

    def is_caught(self, call: Call) -> bool:
        """Whether the call is in time to do something about it."""
        if self.left is None or not self.meets(call):
            return False
        return call.begins <= self.left + SOON and call.begins <= self.closed - BEFORE


@dataclass(slots=True)
class Judged:
    """What the calls of one rule, or of all, were worth; the words are this module's."""

    right: int = 0
    leaning: int = 0
    false: int = 0
    gone: int = 0
    departures: int = 0
    """Those that could have been caught."""
    before: int = 0
    """Of those caught, those called a full day before the last act."""
    leads: list[float] = field(default_factory=list)
    """Days from the first call to the last act, of every departure caught."""

    @property
    def calls(self) -> int:
        """All that count: those of whom it matters whether they were right."""
        return self.right + self.leaning + self.false

    @property
    def caught(self) -> int:
        """Departures caught."""
        return len(self.leads)

    @property
    def precision(self) -> float | None:
        """The share of right calls; None without any."""
        return self.right / self.calls if self.calls else None

    @property
    def recall(self) -> float | None:
        """The share of departures caught; None without any."""
        return self.caught / self.departures if self.departures else None

    @property
    def median_lead(self) -> float | None:
        """Days; negative: after the last act."""
        return median(self.leads) if self.leads else None


def judge(stories: Stories, truth: Iterable[Line], start: datetime, end: datetime) -> Judgement:
    """What the calls between `start` and `end` were worth: by rule, and under None of the stage."""
    leavings = _leavings(truth)
    since = {name: _customer_since(story) for name, story in stories.items()}
    departures = [
        one
        for of_one in leavings.values()
        for one in of_one
        if one.left is not None
        and start <= one.left < end - SOON
        and one.left - since.get(one.customer_id, _EVER) >= KNOWN_FOR
    ]
    return {
        rule: _judged(calls, leavings, departures, start)
        for rule, calls in calls_of(stories).items()
    }


def calls_of(stories: Stories) -> _Calls:
    """Every call: by rule, and under None those of the stage."""
    found: dict[str | None, list[Call]] = defaultdict(list)
    for name, story in stories.items():
        for rule, begins, ends in _stretches(story):
            found[rule].append(Call(name, begins, ends))
    return found


def _stretches(story: Sequence[Output]) -> Iterator[tuple[str | None, datetime, datetime]]:
    """(rule or None for the stage, from, to) of one customer, as they end."""
    standing: dict[str | None, datetime] = {}
    for output in story:
        at = _moment(output.effective_at)
        if isinstance(output, StageChanged):
            named = [one.rule for one in output.reasons]
            after: set[str | None] = {None, *named} if output.to_stage == "at_risk" else set()
        else:
            after = {*output.open, None} if output.stage == "at_risk" else set()
        for rule in [rule for rule in standing if rule not in after]:
            yield rule, standing.pop(rule), at
        for rule in after:
            standing.setdefault(rule, at)
    for rule, begins in standing.items():
        yield rule, begins, _EVER


def _customer_since(story: Sequence[Output]) -> datetime:
    """When the bank first knew them as a customer."""
    for output in story:
        if isinstance(output, StageChanged) and output.to_stage != "potential":
            return _moment(output.effective_at)
    return _EVER


def _leavings(truth: Iterable[Line]) -> dict[str, list[Leaving]]:
    found: dict[str, list[Leaving]] = defaultdict(list)
    for line in truth:
        name = str(line["customer_id"])
        if line["why"] != "died":
            left, back, closed = line["left_at"], line["returned_at"], line["closed_at"]
            found[name].append(
                Leaving(
                    name,
                    _moment(str(line["began_at"])),
                    None if left is None else _moment(left),
                    _EVER if back is None else _moment(back),
                    _EVER if closed is None else _moment(closed),
                )
            )
    return found


def _judged(
    calls: Sequence[Call],
    leavings: Mapping[str, Sequence[Leaving]],
    departures: Sequence[Leaving],
    start: datetime,
) -> Judged:
    result = Judged(departures=len(departures))
    made: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        made[call.customer_id].append(call)
        met = [one for one in leavings.get(call.customer_id, ()) if one.meets(call)]
        if any(one.left is not None and one.left >= start for one in met):
            result.right += 1
        elif any(
            one.left is not None and call.begins < one.until and one.left < start
            for one in leavings.get(call.customer_id, ())
        ):
            result.gone += 1
        elif met:
            result.leaning += 1
        else:
            result.false += 1
    for one in departures:
        begun = [call.begins for call in made[one.customer_id] if one.is_caught(call)]
        if begun and one.left is not None:
            first = min(begun)
            result.leads.append((one.left - first) / timedelta(days=1))
            result.before += one.left - first >= BEFORE
    return result


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
