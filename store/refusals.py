"""What a keeper says when it refuses: the same sentences, whichever keeper it is."""

from __future__ import annotations

from store.port import Fenced, Moved, PartitionRecord, Position


def fenced(partition: int, owner: str) -> Fenced:
    """Another token is there."""
    return Fenced(f"partition {partition} is owned by {owner or 'somebody else'} now")


def lost(partition: int) -> Moved:
    """No owner and no state are there: they were lost, or were never there."""
    return Moved(f"partition {partition} has no owner: its state is gone, or nobody took it yet")


def switched(partition: int, namespace: str) -> Moved:
    """Another namespace is live than the one this keeper took the partition with."""
    return Moved(f"partition {partition} has another live state now (namespace {namespace!r})")


def moved(partition: int, at: Position | None, batch: str, nonce: str | None = None) -> Moved:
    """The batch there, or the attempt that wrote it, is not the one expected."""
    expected = "no batch" if at is None else f"batch {at.batch} ({at.nonce})"
    found = f"batch {batch}" if batch else "no batch"
    attempt = "" if nonce is None else f" by another attempt ({nonce})"
    return Moved(f"partition {partition} should be at {expected}, and is at {found}{attempt}")


def wrong_timer(partition: int, customer_id: str) -> ValueError:
    """A caller's mistake: the timer to remove is not where it says."""
    return ValueError(
        f"partition {partition}: the timer of customer {customer_id!r} is not the `timer_before` "
        "of the write; nothing was written"
    )


def check_batch(at: Position | None, record: PartitionRecord) -> None:
    """Raises ValueError, a caller's mistake, unless the record's batch follows `at`."""
    expected = 1 if at is None else at.batch + 1
    if record.position.batch != expected:
        raise ValueError(f"the batch after {at} is {expected}, not {record.position.batch}")
