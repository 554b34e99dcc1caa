"""The fenced calls, each one script: load, due, page, write. Their arguments are in lua/*.lua."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from statemachine.customer import Customer
from store import refusals
from store.codec import Codec, encode_record
from store.keys import Keys
from store.port import CustomerWrite, PartitionRecord, Position, WriteOutcome
from store.redis_client import Client, Script
from store.redis_payload import Changes, Named
from store.redis_reader import Live

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Any]).decode


@dataclass(frozen=True, slots=True)
class Fence:
    """What a caller believes of its partition; every call has it checked first."""

    partition: int
    token: str
    live: Live
    at: Position | None

    def arguments(self) -> list[str]:
        """ARGV[1..4] of every fenced script."""
        batch, nonce = ("", "") if self.at is None else (str(self.at.batch), self.at.nonce)
        return [self.token, self.live.namespace, batch, nonce]


class FencedCalls:
    """The calls of one deployment. All raise Fenced, Moved and Unavailable."""

    def __init__(self, client: Client, keys: Keys, codec: Codec) -> None:
        self._client = client
        self._keys = keys
        self._codec = codec
        self._load = Script("fence", "load")
        self._due = Script("fence", "due")
        self._page = Script("fence", "page")
        self._write = Script("fence", "write")

    def load(
        self, fence: Fence, ids: Sequence[str], due_until: int | None, due_limit: int
    ) -> tuple[dict[str, Customer], bool, list[str]]:
        """The states of `ids`, whether bad records were accepted, and timer sets that are due.

        The sets are in the order of their earliest timer. All are named, or so many that those of
        complete spans hold `due_limit` timers: a set holds one or more, a span has `splits` sets.
        """
        partition, live = fence.partition, fence.live
        named = Named.of(self._keys, partition, live.namespace, live.layout, ids)
        _, accepted_bad, timer_sets, states = self._run(
            self._load,
            fence,
            [self._keys.timer_index(partition, live.namespace), *named.keys],
            [
                "" if due_until is None else str(due_until),
                str(due_limit + live.layout.splits),
                named.packed,
            ],
        )
        return (
            self._codec.decode_many(named.ids, states),
            accepted_bad == b"1",
            timer_sets.decode().split(),
        )

    def due(
        self, fence: Fence, timer_sets: list[str], due_until: int, due_limit: int
    ) -> list[tuple[int, str]]:
        """The first `due_limit` timers of `timer_sets` (from `load`), ordered by (due, id)."""
        # The last span may be cut, for `load` names no more sets than were asked for. That does no
        # harm: the sets before it hold `due_limit` timers, and due.lua stops there.
        spans = [int(name.partition(":")[0]) for name in timer_sets]
        namespace = fence.live.namespace
        _, timers = self._run(
            self._due,
            fence,
            [self._keys.timer_set(fence.partition, namespace, name) for name in timer_sets],
            [str(due_until), str(due_limit), _pack(spans)],
        )
        flat = iter(_unpack(timers))
        # Python orders text by code points, which is the order of the bytes in UTF-8.
        return sorted((due, customer_id) for customer_id, due in zip(flat, flat, strict=True))[
            :due_limit
        ]

    def page(self, fence: Fence, bucket: int) -> dict[str, Customer]:
        """Everybody in one bucket."""
        key = self._keys.customers(fence.partition, fence.live.namespace, bucket)
        _, ids, states = self._run(self._page, fence, [key], [])
        return self._codec.decode_many(_unpack(ids), states)

    def write(
        self,
        fence: Fence,
        record: PartitionRecord,
        customers: Mapping[str, CustomerWrite],
        accepted_bad: str,
    ) -> WriteOutcome:
        """Everything, or nothing; `accepted_bad` is '1' or ''. Raises ValueError too."""
        partition, live = fence.partition, fence.live
        changes = Changes(self._codec, live.layout, customers)
        outcome, _ = self._run(
            self._write,
            fence,
            [
                self._keys.timer_index(partition, live.namespace),
                *changes.keys(self._keys, partition, live.namespace),
            ],
            [
                str(record.position.batch),
                record.position.nonce,
                encode_record(record),
                accepted_bad,
                changes.packed(),
                changes.states(),
            ],
        )
        return "written" if outcome == b"written" else "already_written"

    def _run(
        self, script: Script, fence: Fence, keys: list[str], arguments: list[str | bytes]
    ) -> list[Any]:
        reply: list[Any] = self._client.run(
            script,
            [self._keys.partition(fence.partition), *keys],
            [*fence.arguments(), *arguments],
        )
        if reply[0] not in (b"ok", b"written", b"already_written"):
            raise _refusal(fence, reply[0].decode(), reply[1].decode())
        return reply


def _refusal(fence: Fence, why: str, found: str) -> Exception:
    """The exception for a refusal of a script; see lua/fence.lua and lua/write.lua."""
    match why:
        case "fenced":
            return refusals.fenced(fence.partition, found)
        case "lost":
            return refusals.lost(fence.partition)
        case "namespace":
            return refusals.switched(fence.partition, found)
        case "batch":
            return refusals.moved(fence.partition, fence.at, found)
        case "nonce":
            batch = "" if fence.at is None else str(fence.at.batch)
            return refusals.moved(fence.partition, fence.at, batch, found)
        case "timer":
            return refusals.wrong_timer(fence.partition, found)
        case "type":
            return RuntimeError(f"the key {found} is not of the type that Tenure gave it")
        case _:
            return RuntimeError(f"a script of the store refused its arguments: {why} {found}")
