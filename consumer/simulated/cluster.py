"""The brokers: logs, transactions, one consumer group with static members, committed offsets.

Everything happens at once and in one thread; time passes only by `tick`. What the protocol of
Apache Kafka promises is kept, and so is what it does not promise: the markers of a committed
transaction may come late, so that its records and offsets stay unstable for a while; a dead
producer's transaction stays open until it times out or somebody takes its transactional id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Place = tuple[str, int]
"""A topic and the number of a partition."""


@dataclass(eq=False, slots=True)
class Attempt:
    """One transaction of one producer: open until it is ended, unstable until its markers are."""

    transactional_id: str
    epoch: int
    begun: float
    state: str = "open"
    """open, committing (decided, markers on their way), committed, aborted."""
    done_at: float = 0.0
    offsets: dict[Place, tuple[int, str]] = field(default_factory=dict)
    places: dict[Place, None] = field(default_factory=dict)
    """Where it has records."""

    @property
    def unstable(self) -> bool:
        """Whether its outcome is not to be seen yet."""
        return self.state in ("open", "committing")


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, or a marker (`value` None and no key) that ends a transaction."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    attempt: Attempt | None = None
    marker: bool = False


class Log:
    """One partition of a topic."""

    def __init__(self) -> None:
        self.begin = 0
        self.entries: list[Entry] = []
        self._stable = 0

    @property
    def end(self) -> int:
        """The offset after the last entry (the high watermark)."""
        return len(self.entries)

    @property
    def stable_end(self) -> int:
        """The last stable offset: where the first unstable transaction begins."""
        while self._stable < self.end:
            attempt = self.entries[self._stable].attempt
            if attempt is not None and attempt.unstable:
                break
            self._stable += 1
        return self._stable

    def append(
        self,
        timestamp: int,
        key: bytes | None,
        value: bytes | None,
        headers: tuple[tuple[str, bytes], ...] = (),
        attempt: Attempt | None = None,
        *,
        marker: bool = False,
    ) -> int:
        """Add an entry; its offset."""
        self.entries.append(Entry(self.end, timestamp, key, value, headers, attempt, marker))
        return self.end - 1

    def read(self, offset: int, limit: int, *, committed: bool) -> tuple[list[Entry], int]:
        """Records from `offset` on, at most `limit`, and the position after what was passed."""
        end = self.stable_end if committed else self.end
        found: list[Entry] = []
        while offset < end and len(found) < limit:
            entry = self.entries[offset]
            offset += 1
            aborted = entry.attempt is not None and entry.attempt.state == "aborted"
            if not entry.marker and not (committed and aborted):
                found.append(entry)
        return found, offset


@dataclass(slots=True)
class Coordinated:
    """What the transaction coordinator knows of a transactional id."""

    epoch: int = 0
    attempt: Attempt | None = None


class Fenced(Exception):
    """A newer producer has taken the transactional id, or the coordinator ended the transaction."""


class NotAMember(Exception):
    """The offsets come from a member, or a generation, that is over."""

    def __init__(self, *, replaced: bool) -> None:
        super().__init__("another process joined as this member" if replaced else "generation over")
        self.replaced = replaced


class Cluster:
    """All of it. Numbers of seconds are those of `now`."""

    def __init__(self, topics: Mapping[str, int], transaction_timeout: float) -> None:
        self.now = 0.0
        self.logs: dict[Place, Log] = {
            (topic, number): Log() for topic, count in topics.items() for number in range(count)
        }
        self.group = Group()
        self._timeout = transaction_timeout
        self._ids: dict[str, Coordinated] = {}
        self.unfinished: list[Attempt] = []
        """Transactions whose outcome is not to be seen yet."""

    def tick(self, now: float) -> None:
        """Time passes: old transactions are ended, late markers arrive, silent members are lost."""
        self.now = now
        for attempt in list(self.unfinished):
            if attempt.state == "committing" and now >= attempt.done_at:
                self._finish(attempt, "committed")
            elif attempt.state == "open" and now - attempt.begun > self._timeout:
                self._ids[attempt.transactional_id].epoch += 1
                self._finish(attempt, "aborted")
        self.group.expire(now)

    # Transactions.

    def initialise(self, transactional_id: str) -> int:
        """The epoch of a new producer of this id; whatever an older one left open is ended."""
        known = self._ids.setdefault(transactional_id, Coordinated())
        known.epoch += 1
        if known.attempt is not None and known.attempt.unstable:
            state = "aborted" if known.attempt.state == "open" else "committed"
            self._finish(known.attempt, state)
        return known.epoch

    def begin(self, transactional_id: str, epoch: int) -> Attempt:
        """A transaction, known to the coordinator with its first record or offset.

        An id has one at a time: what was never ended, whatever its producer believes, goes on.
        """
        self._check(transactional_id, epoch)
        going_on = self._ids[transactional_id].attempt
        if going_on is not None and going_on.state == "open":
            return going_on
        attempt = Attempt(transactional_id, epoch, self.now)
        self._ids[transactional_id].attempt = attempt
        self.unfinished.append(attempt)
        return attempt

    def is_ending(self, transactional_id: str) -> bool:
        """Whether the last transaction's markers are on their way: the next must wait for them."""
        attempt = self._ids[transactional_id].attempt
        return attempt is not None and attempt.state == "committing"

    def produce(
        self,
        attempt: Attempt,
        place: Place,
        key: bytes | None,
        value: bytes | None,
        headers: tuple[tuple[str, bytes], ...],
    ) -> int:
        """A record within a transaction; its offset. Raises Fenced."""
        self._check_open(attempt)
        attempt.places[place] = None
        return self.logs[place].append(int(self.now * 1000), key, value, headers, attempt)

    def add_offsets(
        self, attempt: Attempt, offsets: Mapping[Place, tuple[int, str]], by: tuple[str, str, int]
    ) -> None:
        """The consumer's offsets within it; `by` is instance, member and generation.

        Raises Fenced, and NotAMember, unless generation is -1 and the member empty: of those
        brokers ask nothing (KIP-447).
        """
        self._check_open(attempt)
        self.group.check(*by)
        attempt.offsets.update(offsets)
        for place in offsets:
            self.group.pending.setdefault(place, []).append(attempt)

    def end(self, attempt: Attempt, *, commit: bool, markers_after: float = 0.0) -> None:
        """Decide the transaction. Raises Fenced."""
        self._check_open(attempt)
        if not commit:
            self._finish(attempt, "aborted")
        elif markers_after > 0:
            attempt.state, attempt.done_at = "committing", self.now + markers_after
        else:
            self._finish(attempt, "committed")

    def _check(self, transactional_id: str, epoch: int) -> None:
        if self._ids[transactional_id].epoch != epoch:
            raise Fenced

    def _check_open(self, attempt: Attempt) -> None:
        self._check(attempt.transactional_id, attempt.epoch)
        if attempt.state != "open":
            raise Fenced

    def _finish(self, attempt: Attempt, state: str) -> None:
        attempt.state = state
        self.unfinished.remove(attempt)
        for place in attempt.places:
            self.logs[place].append(int(self.now * 1000), None, None, (), attempt, marker=True)
        for place, (offset, metadata) in attempt.offsets.items():
            self.group.pending[place].remove(attempt)
            if state == "committed":
                self.group.committed[place] = offset, metadata


class Group:
    """One consumer group: static members, eager rebalances, Range assignment."""

    session_timeout = 10.0

    def __init__(self) -> None:
        self.generation = 0
        self.members: dict[str, str] = {}
        """Instance id to member id: who joined last under it."""
        self.assigned: dict[str, tuple[int, ...]] = {}
        self.partitions = 1
        self.committed: dict[Place, tuple[int, str]] = {}
        self.pending: dict[Place, list[Attempt]] = {}
        self._rejoined: set[str] = set()
        self._heard: dict[str, float] = {}
        self._preparing = False

    def join(self, instance: str, member: str, now: float) -> bool:
        """A member joins, or joins again; whether the group is settled for it.

        A static member that comes back takes its old place: nobody else is disturbed.
        """
        self._heard[instance] = now
        if instance not in self.members:
            self._prepare()
        self.members[instance] = member
        if self._preparing:
            self._rejoined.add(instance)
            self._settle()
        return not self._preparing

    def heartbeat(self, instance: str, member: str, now: float) -> str:
        """`stable`, `rebalance` (join again), `replaced` or `unknown`."""
        if instance not in self.members:
            return "unknown"
        if self.members[instance] != member:
            return "replaced"
        self._heard[instance] = now
        return "rebalance" if self._preparing and instance not in self._rejoined else "stable"

    def leave(self, instance: str, member: str) -> None:
        """A member is no more: its session is over, or its client gave it up."""
        if self.members.get(instance) == member:
            del self.members[instance]
            self._prepare()
            self._settle()

    def expire(self, now: float) -> None:
        """Members not heard of for a session are lost."""
        for instance, member in list(self.members.items()):
            if now - self._heard[instance] > self.session_timeout:
                self.leave(instance, member)

    def check(self, instance: str, member: str, generation: int) -> None:
        """Raise NotAMember unless this is a member of the present generation."""
        if generation < 0 and not member:
            return
        if instance in self.members and self.members[instance] != member:
            raise NotAMember(replaced=True)
        if instance not in self.members or generation != self.generation:
            raise NotAMember(replaced=False)

    def is_unstable(self, place: Place) -> bool:
        """Whether a transaction that is not ended hides the committed offset."""
        return bool(self.pending.get(place))

    def _prepare(self) -> None:
        self._preparing = True
        self._rejoined = set()

    def _settle(self) -> None:
        if self._rejoined != set(self.members):
            return
        self._preparing = False
        self.generation += 1
        self.assigned = dict(_ranges(sorted(self.members), self.partitions))


def _ranges(members: list[str], partitions: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Range assignment of one topic; of equal counts, the same for every topic."""
    share, more = divmod(partitions, max(len(members), 1))
    begin = 0
    for number, member in enumerate(members):
        end = begin + share + (number < more)
        yield member, tuple(range(begin, end))
        begin = end
