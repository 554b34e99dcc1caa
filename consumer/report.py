"""What the worker says of itself: one canonical line per batch, and a line for what is unusual.

What of it matters to a probe is told to the worker's condition too (consumer/condition.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from consumer.condition import Condition
from consumer.hold import remedy
from consumer.liveness import WHY, Doubt

if TYPE_CHECKING:
    from consumer.execute import Outcome
    from consumer.hold import Hold
    from consumer.share import Folded
    from schemas.outputs import JournalRecord


MOST_UNKNOWN: Final = 0.05
"""The share of a feed's postings whose initiator may be unknown before somebody should know."""
LEAST_POSTINGS: Final = 200
"""So many postings of a feed are looked at together: the share of a handful says nothing."""
UNKNOWN_REMEDY: Final = (
    "let the feed say who caused each posting: an unknown initiator postpones silence, and"
    " activates, recovers and wins back nobody"
)
SLOW_STORE: Final = 1.0
"""Seconds of a batch that are the store's; it takes some tens of milliseconds for most."""
SLOW_REMEDY: Final = (
    "look at Redis's load and SLOWLOG, and at the network to it; meanwhile records wait in Kafka"
)
DOUBT_MEANS: Final = (
    "the clock is held: nobody is called silent until the feed is believed again; an end-of-day"
    " feed.watermark still moves it"
)
ADOPTED_MEANS: Final = (
    "the store is brought up from the journal, and the other one is not to be used again; if you"
    " replaced no Redis, a second deployment runs under this name: stop it"
)


class Log(Protocol):
    """A structured logger: an event's name and its fields."""

    def info(self, event: str, **fields: object) -> object:
        """Something happened."""
        ...

    def warning(self, event: str, **fields: object) -> object:
        """Something that an operator should know happened."""
        ...


class Reporter:
    """Turns what happened into log lines; never decides anything."""

    def __init__(self, log: Log, condition: Condition | None = None) -> None:
        self._log = log
        self.condition = condition or Condition()
        self._doubts: Mapping[str, Doubt] = {}
        self._distrusted: set[str] = set()
        """Topics in doubt of which a warning was given."""
        self._postings: dict[str, tuple[int, int]] = {}
        """Per source, since they were last looked at: postings, and those of unknown initiator."""
        self._warned: set[str] = set()
        self._store_is_slow = False

    def batch(self, folded: Sequence[Folded], seconds: float, in_store: float) -> None:
        """A batch is committed and remembered; `in_store` of its seconds were the store's."""
        self.condition.batch()
        outcomes = [one.outcome for one in folded]
        self._log.info(
            "batch",
            partitions=[one.commit.partition for one in folded],
            batches=[one.commit.batch for one in folded],
            records=sum(len(one.share.records) for one in folded),
            customers=sum(len(outcome.customers) for outcome in outcomes),
            said=sum(len(outcome.said) for outcome in outcomes),
            dead_letters=sum(len(outcome.refused) for outcome in outcomes),
            duplicates=sum(outcome.duplicates for outcome in outcomes),
            late=sum(outcome.late for outcome in outcomes),
            postings=sum(sum(outcome.postings.values()) for outcome in outcomes),
            unknown_initiators=sum(sum(one.unknown_initiators.values()) for one in outcomes),
            swept=sum(outcome.swept for outcome in outcomes),
            held_clocks=sum(one.share.clock_held for one in folded),
            store_ms=round(in_store * 1000, 1),
            ms=round(seconds * 1000, 1),
        )
        self._look_at_the_store(in_store)
        self._look_at_initiators(outcomes)

    def _look_at_the_store(self, seconds: float) -> None:
        """Warn of a store that slows batches down: when that begins, and when it is over."""
        slow = seconds > (SLOW_STORE / 2 if self._store_is_slow else SLOW_STORE)
        if slow and not self._store_is_slow:
            self._log.warning("slow store", seconds=round(seconds, 1), remedy=SLOW_REMEDY)
        elif self._store_is_slow and not slow:
            self._log.warning("store in time again", seconds=round(seconds, 1))
        self._store_is_slow = slow

    def _look_at_initiators(self, outcomes: Iterable[Outcome]) -> None:
        """Warn of a feed that does not say who caused its postings; once, not with every batch."""
        for outcome in outcomes:
            for source, count in outcome.postings.items():
                postings, unknown = self._postings.get(source, (0, 0))
                unknown += outcome.unknown_initiators.get(source, 0)
                self._postings[source] = postings + count, unknown
        for source, (postings, unknown) in list(self._postings.items()):
            if postings < LEAST_POSTINGS:
                continue
            del self._postings[source]
            if unknown > MOST_UNKNOWN * postings and source not in self._warned:
                self._warned.add(source)
                self._log.warning(
                    "unknown initiators",
                    source=source,
                    share=round(unknown / postings, 3),
                    remedy=UNKNOWN_REMEDY,
                )

    def held(self, partition: int, hold: Hold) -> None:
        """A feed has gone bad."""
        self._log.warning(
            "partition held",
            partition=partition,
            why=hold.summary(),
            remedy=remedy(partition),
        )

    def doubt(self, doubt: Exception) -> None:
        """The outcome of a batch is not known, or the store is not where it was left."""
        self._log.warning("recovering", kind=type(doubt).__name__, why=str(doubt))

    def recovered(self, partition: int, how: str, batches: int, at: int) -> None:
        """A partition is ours and in order."""
        self.condition.heard()
        self._log.info("partition recovered", partition=partition, how=how, batches=batches, at=at)

    def adopted(self, partition: int, store: str, journal: JournalRecord) -> None:
        """An empty store, or one that was accepted, takes another one's place."""
        self._log.warning(
            "store adopted",
            partition=partition,
            store=store,
            instead_of=journal.store,
            of_worker=journal.worker_id,
            means=ADOPTED_MEANS,
        )

    def waiting(self, on: str, why: str, seconds: float) -> None:
        """The world is away: `on` is Kafka or Redis."""
        self.condition.waits(on, why)
        self._log.warning("waiting", on=on, why=why, seconds=round(seconds, 1))

    def feeds(self, doubts: Mapping[str, Doubt]) -> None:
        """Which feeds are in doubt, whenever that changes.

        At a start every feed is, for a while: that is no warning, unless it does not pass.
        """
        before, self._doubts = self._doubts, dict(doubts)
        self.condition.feeds(doubts)
        for topic, doubt in doubts.items():
            if topic in self._distrusted:
                continue
            if doubt == "stale" or (doubt != "unseen" and topic not in before):
                self._distrusted.add(topic)
                self._log.warning("feed in doubt", topic=topic, why=WHY[doubt], means=DOUBT_MEANS)
            elif topic not in before:
                self._log.info("feed in doubt", topic=topic, why=WHY[doubt], means=DOUBT_MEANS)
        for topic in before.keys() - doubts.keys():
            # Whoever was warned is told that it is over, at the same level.
            say = self._log.warning if topic in self._distrusted else self._log.info
            self._distrusted.discard(topic)
            say("feed believed again", topic=topic)
