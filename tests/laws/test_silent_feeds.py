"""A late feed must never age a bank; a silent customer within a live feed must be noticed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from statemachine.policy_file import default_policy
from tests.laws.rig import ACCOUNTS, TRANSACTIONS, Rig, told

POLICY = default_policy()
HOUR = 3_600_000
MONDAY = 1_767_571_200_000  # 2026-01-05T00:00:00Z
REGULARS = ("anna", "boris", "chen")
"""They use the bank every day, as far as the feed can tell."""
SILENT = "dora"
"""She uses it for three days and then never again."""
DUE = "2026-04-07T16:00:00.000Z"
"""90 full days after 7 January in Shanghai: the midnight that begins 8 April."""


class Bank:
    """A bank that lives hour by hour, and may fail to tell."""

    def __init__(self) -> None:
        options = {"idle_clock": "wall", "feed_stale_after": 2 * 3_600.0, "feed_settle": 3_600.0}
        self.rig = Rig(POLICY, partitions=2, options=options)
        self.rig.clock.wall_at_zero = MONDAY
        self.worker = self.rig.start()
        self.kept: list[dict[str, Any]] = []
        self.number = 0
        for name in (*REGULARS, SILENT):
            self._tell({"type": "account.opened", "product_type": "current_account"}, name, MONDAY)

    @property
    def now(self) -> int:
        return self.rig.clock.wall()

    def live(self, hours: int, *, mute: tuple[str, ...] = ()) -> None:
        """Time goes on; what happens on a muted topic waits in the bank's outbox."""
        for _ in range(hours):
            self.rig.clock.now += 3_600.0
            at = self.now
            hour = (at - MONDAY) // HOUR
            if hour % 24 == 3:
                for name in REGULARS:
                    self._post(name, at, mute)
                if hour < 3 * 24:
                    self._post(SILENT, at, mute)
            if hour % 6 == 0:
                # The feeds are alive by people that this test does not look at.
                self._post("passer-by", at, mute)
                self._tell({"type": "customer.interacted", "kind": "login"}, "visitor", at, mute)
            elif not mute:
                self._post("passer-by", at, mute)
                self._tell({"type": "customer.interacted", "kind": "login"}, "visitor", at, mute)
            elif ACCOUNTS not in mute:
                self._tell({"type": "customer.interacted", "kind": "login"}, "visitor", at, mute)
            self._settle()

    def deliver(self) -> None:
        """The outbox arrives at last, stamped now."""
        waiting, self.kept = self.kept, []
        for event in waiting:
            self.rig.feed(event, self.now)
        self._settle()

    def changes(self, name: str) -> list[tuple[str, str]]:
        """(kind, effective at) of everything said of a customer after they became active."""
        said = [json.loads(body) for body in self.rig.said().get(name, [])]
        return [
            (one.get("kind", "reasons"), one["effective_at"])
            for one in said
            if one.get("kind") not in ("progressed", "activated")
        ]

    def _post(self, name: str, at: int, mute: tuple[str, ...]) -> None:
        posting = {
            "type": "transaction.posted",
            "posting_id": f"p{self.number}",
            "initiator": "customer",
            "direction": "debit",
            "amount": "5.00",
            "currency": "CNY",
        }
        self._tell(posting, name, at, mute)

    def _tell(self, fields: dict[str, Any], name: str, at: int, mute: tuple[str, ...] = ()) -> None:
        self.number += 1
        event = told(fields, self.number, name, at)
        topic = TRANSACTIONS if fields["type"].startswith("transaction.") else ACCOUNTS
        if topic in mute:
            self.kept.append(event)
        else:
            self.rig.feed(event, at)

    def _settle(self) -> None:
        for _ in range(4):
            self.rig.clock.now += 1.5
            self.worker.step(0.0)


@pytest.mark.parametrize(
    "mute",
    [(ACCOUNTS, TRANSACTIONS), (TRANSACTIONS,), (ACCOUNTS,)],
    ids=["the whole feed", "transactions only", "accounts only"],
)
def test_a_feed_that_falls_silent_changes_nobody_and_neither_does_its_backlog(
    mute: tuple[str, ...],
) -> None:
    """Three weeks are lived, then a week is missing, and told of when it is over."""
    bank = Bank()
    bank.live(20 * 24)
    before = {name: bank.changes(name) for name in REGULARS}
    assert before == {name: [] for name in REGULARS}
    bank.live(7 * 24, mute=mute)
    assert {name: bank.changes(name) for name in REGULARS} == before
    bank.deliver()
    bank.live(3 * 24)
    assert {name: bank.changes(name) for name in REGULARS} == before


def test_an_outage_over_a_due_time_warns_nobody_who_was_only_not_told_of() -> None:
    """The regulars' last postings become 90 days old during an outage of 95 days."""
    bank = Bank()
    bank.live(10 * 24)
    bank.live(95 * 24, mute=(TRANSACTIONS,))
    assert all(bank.changes(name) == [] for name in (*REGULARS, SILENT))
    bank.deliver()
    bank.live(3 * 24)
    assert all(bank.changes(name) == [] for name in REGULARS)
    assert bank.changes(SILENT) == [("warned", DUE)]


def test_one_customers_silence_within_a_live_feed_is_noticed_at_its_exact_due_time() -> None:
    """Published once the lateness has passed, effective at the due time itself."""
    bank = Bank()
    bank.live(92 * 24)
    assert bank.changes(SILENT) == []
    bank.live(4 * 24)
    assert bank.changes(SILENT) == [("warned", DUE)]
    assert all(bank.changes(name) == [] for name in REGULARS)
