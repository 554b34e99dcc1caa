"""A worker to be killed: the service itself, which on request dies at a chosen point.

    FAULT=<point>[:<n>]   die by SIGKILL when the point is reached for the n-th time (default 1st)
    FAULT_ALONE=1         count only batches without records
    PATIENCE=<seconds>    so long an empty store awaits the group's other members (30 unless told)
    CLOCK=<file>:<ms>     time is what a test tells through the file (tests/live/told_clock.py)

Nothing of this is in the product: its ports are subclassed here, and `serve` runs as it is.

    begin          before anything of the transaction is sent
    sent           records and offsets are sent, the transaction stands open
    ending         the end of the transaction is asked for, no answer awaited
    committed      committed, not yet read back
    read           read back, nothing written yet
    half           one partition of the batch written, the next not
    written        the first partition's write is done
    took           in recovery: the partition is taken, nothing else done
    again          in recovery: a batch was executed again and written
    history        in recovery: input of a batch is about to be read again
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from consumer import lineage, service
from consumer.kafka.history import KafkaHistory
from consumer.kafka.publisher import KafkaPublisher
from consumer.kafka.source import KafkaSource, UnequalAssignmentError
from consumer.ports import Committed, PartitionCommit, Superseded
from consumer.records import InputRecord
from consumer.recovery import RefusedToStart
from consumer.settings import Settings
from statemachine.policy_file import default_policy, read_policy
from store.port import CustomerWrite, PartitionRecord, Position, Taken, WriteOutcome
from store.redis_keeper import RedisKeeper, open_keeper
from tests.live.told_clock import ToldClock


class Fuse:
    """Burns down by one each time its point is reached."""

    def __init__(self) -> None:
        self.point, _, times = os.environ.get("FAULT", "").partition(":")
        self.left = int(times or 1)
        self.alone = "FAULT_ALONE" in os.environ
        self.inputs = 0
        self.live = False
        self.writes = 0

    def reached(self, point: str) -> None:
        if point != self.point or (self.alone and self.inputs):
            return
        self.left -= 1
        if self.left == 0:
            die()


def die() -> None:
    """As by `kill -9`."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


FUSE = Fuse()


class MortalPublisher(KafkaPublisher):
    """Dies around and within its transactions."""

    def commit(
        self,
        generation: int,
        commits: Sequence[PartitionCommit],
        meanwhile: Callable[[], None],
    ) -> Mapping[int, int]:
        FUSE.inputs = sum(json.loads(one.journal.value or b"{}")["inputs"] for one in commits)
        FUSE.live, FUSE.writes = True, 0
        FUSE.reached("begin")
        return super().commit(generation, commits, meanwhile)

    def _ready(self) -> Any:
        return _MortalProducer(super()._ready())


class _MortalProducer:
    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)

    def commit_transaction(self) -> None:
        FUSE.reached("sent")
        if FUSE.point == "ending":
            ending = threading.Thread(target=self._producer.commit_transaction, daemon=True)
            ending.start()
            time.sleep(0.002)
            FUSE.reached("ending")
            ending.join()
        else:
            self._producer.commit_transaction()
        FUSE.reached("committed")


class MortalSource(KafkaSource):
    """Dies after reading the position back."""

    def committed(self, partition: int) -> Committed | None:
        found = super().committed(partition)
        if FUSE.live:
            FUSE.reached("read")
        return found


class MortalHistory(KafkaHistory):
    """Dies before a batch is executed again."""

    def read(
        self, partition: int, begin: Mapping[str, int], end: Mapping[str, int]
    ) -> Mapping[str, Sequence[InputRecord]]:
        FUSE.reached("history")
        return super().read(partition, begin, end)


class MortalKeeper(RedisKeeper):
    """Dies between the writes of a batch, and in recovery."""

    def take(self, partition: int, owner: str) -> Taken:
        taken = super().take(partition, owner)
        FUSE.live, FUSE.inputs = False, 0
        FUSE.reached("took")
        return taken

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
        if FUSE.live and FUSE.writes == 1:
            FUSE.reached("half")
        outcome = super().write(partition, token, at, record, customers, accepted_bad=accepted_bad)
        FUSE.writes += 1
        FUSE.reached("written" if FUSE.live else "again")
        return outcome


def main() -> int:
    """Serve as the environment says; the one line of a refusal, and exit code 1."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: end with the test run
    settings = Settings()
    policy = default_policy()
    if settings.policy_file is not None:
        policy = read_policy(settings.policy_file.read_text(), str(settings.policy_file))
    mortal: dict[str, Any] = {
        "KafkaPublisher": MortalPublisher,
        "KafkaSource": MortalSource,
        "KafkaHistory": MortalHistory,
        "keeper_for": _keeper_for,
    }
    file, _, begin = os.environ.get("CLOCK", "").rpartition(":")
    clock = ToldClock(Path(file), int(begin)) if file else None
    try:
        patience = float(os.environ.get("PATIENCE", lineage.PATIENCE))
        with patch.multiple(service, **mortal), patch.object(lineage, "PATIENCE", patience):
            service.serve(settings, policy, clock=clock)
    except (RefusedToStart, Superseded, UnequalAssignmentError) as refusal:
        print(json.dumps({"event": "refused", "why": str(refusal)}), flush=True)
        return 1
    return 0


def _keeper_for(settings: Settings) -> RedisKeeper:
    keeper = open_keeper(
        settings.redis_url.get_secret_value(),
        settings.deployment,
        expected_customers=settings.expected_customers_per_partition,
    )
    keeper.__class__ = MortalKeeper
    return keeper


if __name__ == "__main__":
    sys.exit(main())
