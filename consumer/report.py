"""What the worker says of itself: one canonical line per batch, and a line for what is unusual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from consumer.hold import Hold
    from consumer.share import Folded


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
            swept=sum(outcome.swept for outcome in outcomes),
            held_clocks=sum(one.share.clock_held for one in folded),
            ms=round((ended - started) * 1000, 1),
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
