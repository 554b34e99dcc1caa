"""What the worker says of itself: one canonical line per batch, and a line for what is unusual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from consumer.execute import Outcome
    from consumer.hold import Hold
    from consumer.share import Folded


MOST_UNKNOWN: Final = 0.05
"""The share of a feed's postings whose initiator may be unknown before somebody should know."""
LEAST_POSTINGS: Final = 200
"""So many postings of a feed are looked at together: the share of a handful says nothing."""
UNKNOWN_REMEDY: Final = (
    "let the feed say who caused each posting: an unknown initiator postpones silence, and"
    " activates, recovers and wins back nobody"
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

    def __init__(self, log: Log) -> None:
        self._log = log
        self._postings: dict[str, tuple[int, int]] = {}
        """Per source, since they were last looked at: postings, and those of unknown initiator."""
        self._warned: set[str] = set()

    def batch(self, folded: Sequence[Folded], started: float, ended: float) -> None:
        """A batch is committed and remembered."""
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
            ms=round((ended - started) * 1000, 1),
        )

        self._look_at_initiators(outcomes)

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
            remedy="repair the feed; look at the dead letters; then let the partition go on with"
            f" 'tenure accept-bad {partition}'",
        )

    def doubt(self, doubt: Exception) -> None:
        """The outcome of a batch is not known, or the store is not where it was left."""
        self._log.warning("recovering", kind=type(doubt).__name__, why=str(doubt))

    def recovered(self, partition: int, how: str, batches: int, at: int) -> None:
        """A partition is ours and in order."""
        self._log.info("partition recovered", partition=partition, how=how, batches=batches, at=at)

    def waiting(self, why: str, seconds: float) -> None:
        """The world is away."""
        self._log.warning("waiting", why=why, seconds=round(seconds, 1))
