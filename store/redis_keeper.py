"""The keeper on Redis: each load and each write is fenced within one script call.

lua/*.lua say what each script does, docs/operating/state.md what the keys hold. A batch costs one
load call (two more when something is due) and one write call, whatever its size.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from statemachine.customer import Customer
from store import refusals
from store.codec import decode_record
from store.keys import EXPECTED_CUSTOMERS, Keys, Layout
from store.port import CustomerWrite, Loaded, PartitionRecord, Position, Taken, WriteOutcome
from store.redis_calls import Fence, FencedCalls
from store.redis_client import Client, Script, Tls
from store.redis_reader import Live, RedisReader
from store.redis_server import problems_of


def open_keeper(
    url: str,
    deployment: str,
    *,
    expected_customers: int = EXPECTED_CUSTOMERS,
    timeout: float = 3.0,
    retries: int = 2,
    ssl_ca_certs: str | Path | None = None,
    ssl_certfile: str | Path | None = None,
    ssl_keyfile: str | Path | None = None,
) -> RedisKeeper:
    """A keeper for one deployment on the Redis at `url`; connects when first used.

    `expected_customers` per partition decides how a partition that is new is laid out over keys;
    one that exists keeps its layout. A reply may take `timeout` seconds, and is asked for
    again `retries` times.
    The files are PEM, for a rediss:// URL; a user and password are part of the URL.
    Raises ValueError for a URL, files or a deployment name that cannot be used.
    """
    client = Client(
        url,
        Tls(ssl_ca_certs, ssl_certfile, ssl_keyfile),
        timeout=timeout,
        retries=retries,
    )
    return RedisKeeper(client, Keys(deployment), Layout.for_customers(expected_customers))


class RedisKeeper(RedisReader):
    """store.port.Keeper on Redis 6.2 or newer, or Valkey."""

    def __init__(self, client: Client, keys: Keys, new_layout: Layout) -> None:
        """`new_layout` is for partitions that have no namespace yet."""
        super().__init__(client, keys)
        self._new_layout = new_layout
        self._live: dict[int, Live] = {}
        self._take = Script("take")
        self._calls = FencedCalls(client, keys, self._codec)

    def take(self, partition: int, owner: str) -> Taken:
        """See the port. Raises Unavailable, StateTooNew."""
        token = secrets.token_hex(16)
        layout = self._new_layout
        previous, record, *live = self._client.run(
            self._take,
            [self._keys.partition(partition), self._keys.probe(partition)],
            [
                *(token, owner, secrets.token_hex(3)),
                *(str(layout.buckets), str(layout.span_hours), str(layout.splits)),
            ],
        )
        self._live[partition] = Live.of(live)
        return Taken(
            token,
            None if record is None else decode_record(record),
            None if previous is None else previous.decode(),
            self._live[partition].namespace,
        )

    def load(
        self,
        partition: int,
        token: str,
        at: Position | None,
        customers: Sequence[str],
        due_until: int | None,
        due_limit: int,
    ) -> Loaded:
        """See the port."""
        fence = self._fence(partition, token, at)
        until = due_until if due_limit > 0 else None
        states, accepted_bad, timer_sets = self._calls.load(fence, customers, until, due_limit)
        due: list[tuple[int, str]] = []
        if until is not None and timer_sets:
            due = self._calls.due(fence, timer_sets, until, due_limit)
            asked = set(customers)
            more = [customer_id for _, customer_id in due if customer_id not in asked]
            if more:
                states |= self._calls.load(fence, more, None, 0)[0]
        return Loaded(states, due, accepted_bad)

    def write(
        self,
        partition: int,
        token: str,
        at: Position | None,
        record: PartitionRecord,
        customers: Mapping[str, CustomerWrite],
        *,
        accepted_bad: bool = False,
    ) -> WriteOutcome:
        """See the port.

        Raises ValueError for mistakes of the caller: a batch that does not follow `at`, or a
        `timer_before` that is not the customer's entry.
        """
        refusals.check_batch(at, record)
        fence = self._fence(partition, token, at)
        return self._calls.write(fence, record, customers, "1" if accepted_bad else "")

    def pages(self, partition: int) -> int:
        """See the port: a page is a bucket. Raises Moved when nobody took the partition."""
        return self._live_of(partition).layout.buckets

    def page(
        self, partition: int, token: str, at: Position | None, page: int
    ) -> dict[str, Customer]:
        """See the port."""
        return self._calls.page(self._fence(partition, token, at), page)

    def forget(self, partitions: Iterable[int]) -> None:
        """See the port. Raises Unavailable."""
        gone = list(partitions)
        super().forget(gone)
        for partition in gone:
            self._live.pop(partition, None)

    def check_server(self) -> list[str]:
        """What is wrong with the server, each with its remedy; empty: nothing.

        Raises Unavailable.
        """
        return problems_of(self._client)

    def _fence(self, partition: int, token: str, at: Position | None) -> Fence:
        return Fence(partition, token, self._live_of(partition), at)

    def _live_of(self, partition: int) -> Live:
        live = self._live.get(partition) or self._read_live(partition)
        if live is None:
            raise refusals.lost(partition)
        self._live[partition] = live
        return live
