"""On a running worker: a feed that falls silent ages nobody; a silent customer is noticed.

The worker is a process on real servers; only its clock is told by the test. What the laws say of
the same on a broker in memory is in tests/laws/test_silent_feeds.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consumer.records import InputRecord
from tests.laws.rig import told
from tests.live.harness import PARTITIONS, Deployment, deployed, until
from tests.live.told_clock import ToldClock
from tests.servers import KafkaUsed, RedisUsed

MONDAY = 1_736_121_600_000  # 2025-01-06T00:00:00Z
HOUR = 3_600.0
REGULARS = ("anna", "boris", "chen", "emil")
SILENT = "dora"
POLICY = """
version: 1
name: silent after five days
rules:
  silence: {limit: fixed, after: 5 days}
"""
DUE = "2025-01-13T16:00:00.000Z"
"""Dora's last day is 8 January; five full days later begins 14 January in Shanghai."""

pytestmark = pytest.mark.slow


class Bank:
    """A bank that lives by half days, and may fail to tell."""

    def __init__(self, deployment: Deployment, clock: ToldClock) -> None:
        self.deployment = deployment
        self.clock = clock
        self.kept: list[InputRecord] = []
        self.number = 0
        for name in (*REGULARS, SILENT):
            self._tell({"type": "account.opened", "product_type": "current_account"}, name, ())
        self._settle()

    def live(self, days: int, *, mute: tuple[str, ...] = (), seen: bool = True) -> None:
        """Time goes on; what happens on a muted topic waits in the bank's outbox.

        `seen`: the worker looks at the time in between.
        """
        for step in range(days * 2):
            self.clock.advance(12 * HOUR)
            day = (self.clock.wall() - MONDAY) // 86_400_000
            if step % 2 == 0:
                for name in REGULARS if day > 2 else (*REGULARS, SILENT):
                    self._post(name, mute)
            # The feeds are alive by people that this test does not look at.
            self._post("passer-by", mute)
            self._tell({"type": "customer.interacted", "kind": "login"}, "visitor", mute)
            if seen:
                self._settle()

    def deliver(self) -> None:
        """The outbox arrives at last, and is consumed."""
        self.send_kept()
        self._settle()

    def send_kept(self) -> None:
        """The outbox is sent, stamped now."""
        waiting, self.kept = self.kept, []
        now = self.clock.wall()
        self.deployment.send_raw(
            InputRecord(it.topic, it.partition, 0, now, it.key, it.value) for it in waiting
        )

    def warned(self) -> dict[str, list[str]]:
        """Who was warned, and as of when."""
        found: dict[str, list[str]] = {}
        for record in self.deployment.published(self.deployment.settings.stage_changes_topic):
            change = json.loads(record.value)
            if change.get("to") in ("at_risk", "lost"):
                found.setdefault(change["customer_id"], []).append(change["effective_at"])
        return found

    def _post(self, name: str, mute: tuple[str, ...]) -> None:
        posting = {"type": "transaction.posted", "posting_id": f"p{self.number}"}
        posting |= {"initiator": "customer", "direction": "debit"}
        self._tell({**posting, "amount": "5.00", "currency": "CNY"}, name, mute)

    def _tell(self, fields: dict[str, Any], name: str, mute: tuple[str, ...]) -> None:
        self.number += 1
        now = self.clock.wall()
        event = told(fields, self.number, name, now)
        own = self.deployment
        posted = fields["type"].startswith("transaction.")
        topic = own.transactions if posted else own.accounts
        record = InputRecord(
            topic, own.place(name), 0, now, name.encode(), json.dumps(event).encode()
        )
        if topic in mute:
            self.kept.append(record)
        else:
            self.deployment.send_raw([record])

    def _settle(self) -> None:
        """Wait until what was sent is consumed, and the worker has looked at the time once more."""
        for worker in self.deployment.workers:
            assert not worker.ended_by_itself, worker.last_words()
        until("the feed is consumed", self._consumed)
        self.clock.advance(2)
        looks = self.clock.looks
        until("the worker looks at the time", lambda: self.clock.looks > looks + 2 * PARTITIONS)

    def _consumed(self) -> bool:
        for partition, ends in self.deployment.ends().items():
            if any(ends.values()):
                journal = self.deployment.journal(partition)
                if not journal or journal[-1].to_offsets != ends:
                    return False
        return True


@pytest.mark.timeout(300)
def test_a_silent_feed_ages_nobody_and_a_silent_customer_is_noticed_at_the_due_time(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    """Eleven days of a live feed; then three outages of a week, each longer than the limit.

    The whole feed is away, one topic of two is, and the feed and the worker are: one that wakes
    up to a backlog has not seen that there was an outage.
    """
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    clock = ToldClock(tmp_path / "clock", MONDAY)
    options = {
        "idle_clock": "wall",
        "feed_stale_after": 25 * HOUR,
        "feed_settle": 13 * HOUR,
        "policy_file": policy,
    }
    with deployed(real_kafka, real_redis.url, tmp_path, **options) as deployment:
        worker = deployment.worker("w1", CLOCK=f"{tmp_path / 'clock'}:{MONDAY}")
        bank = Bank(deployment, clock)
        bank.live(7)
        assert bank.warned() == {}
        bank.live(4)
        until("dora is warned", lambda: SILENT in bank.warned())
        assert bank.warned() == {SILENT: [DUE]}
        both = (deployment.accounts, deployment.transactions)
        for mute in (both, (deployment.transactions,)):
            bank.live(7, mute=mute)
            assert bank.warned() == {SILENT: [DUE]}
            bank.deliver()
            bank.live(4)
            assert bank.warned() == {SILENT: [DUE]}
        worker.freeze()
        bank.live(7, mute=both, seen=False)
        bank.send_kept()
        worker.thaw()
        bank.live(4)
        assert bank.warned() == {SILENT: [DUE]}
