"""A doubt that passes is recovered from at once; one that stays is waited out, as the world is."""

from __future__ import annotations

import pytest

from consumer.ports import InDoubt, Unavailable
from tests.consumer.days import Bank, failing


def test_one_doubt_is_recovered_from_without_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = Bank()
    bank.tell(1)
    publisher = bank.worker.ports.publisher
    with monkeypatch.context() as patched:
        patched.setattr(publisher, "commit", failing(publisher.commit, InDoubt("timed out")))
        assert bank.worker.step(0.0)
    bank.rig.drain()
    bank.live(2, 9)
    bank.assert_undisturbed()


def test_a_doubt_that_comes_again_before_a_batch_went_through_is_waited_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = Bank()
    bank.tell(1)
    publisher = bank.worker.ports.publisher
    with monkeypatch.context() as patched:
        patched.setattr(publisher, "commit", failing(publisher.commit, InDoubt("timed out")))
        bank.worker.step(0.0)
        for _ in range(3):
            with pytest.raises(Unavailable, match="timed out"):
                bank.worker.step(0.0)
    bank.rig.drain()
    bank.live(2, 9)
    bank.assert_undisturbed()
    # A batch went through: the next doubt is the first again.
    with monkeypatch.context() as patched:
        patched.setattr(publisher, "commit", failing(publisher.commit, InDoubt("timed out")))
        bank.rig.log.append("tenure.accounts", 0, b"anna", b"no event", 1_800_000_000_000)
        assert bank.worker.step(0.0)
