"""Inputs that no longer have what the missing batches read: refused before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from consumer.memory_log import MemoryHistory
from consumer.records import InputRecord
from consumer.refusals import RefusedToStart
from tests.consumer.days import Bank
from tests.laws.rig import TRANSACTIONS


@pytest.mark.parametrize("days,left", [(5, 7), (3, 4)], ids=["outputs gone", "no outputs gone"])
def test_inputs_shorter_than_what_the_missing_batches_read_are_refused(
    days: int, left: int
) -> None:
    bank = Bank()
    bank.live(1, days)
    bank.keep(bank.kept[2])
    said, remembered = bank.said(), bank.remembered()
    del bank.rig.log.inputs[TRANSACTIONS, 0][left:]
    bank.start()
    with pytest.raises(RefusedToStart, match="more was consumed than there is"):
        bank.worker.step(0.0)
    assert (bank.said(), bank.remembered()) == (said, remembered)


def test_a_batch_that_reads_fewer_records_than_it_did_is_not_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Retention took them while the batches before were executed."""
    bank = Bank()
    bank.live(1, 3)
    bank.keep(bank.kept[2])
    read = MemoryHistory.read

    def reads(
        history: MemoryHistory, number: int, begin: Mapping[str, int], end: Mapping[str, int]
    ) -> Mapping[str, Sequence[InputRecord]]:
        return {topic: records[1:] for topic, records in read(history, number, begin, end).items()}

    monkeypatch.setattr(MemoryHistory, "read", reads)
    bank.start()
    with pytest.raises(RefusedToStart, match=r"batch 3 was made of \d records, .* still have"):
        bank.worker.step(0.0)
    assert bank.remembered() == bank.remembered_on(2)
