"""Whether what the workers said is what `tenure replay` says; for deploy/try-compose.sh.

Run by the Python of Tenure's image, beside the workers, with replay's output file as argument.
Waits until the journal says that everything in the input topics is decided, then reads as a
subscriber does, committed records only, and compares customer by customer, in order. Tells what
it saw on standard output. Ends with 1 where they differ.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from consumer.settings import Settings, load_settings
from operate.given import keeper_of
from operate.log import LogReader, open_log
from operate.terminal import out, say
from operate.timeline import structured
from schemas.outputs import JournalRecord

PATIENCE_SECONDS = 180.0


def main(file: Path) -> int:
    """Compare; the exit code."""
    settings = load_settings(None)
    with open_log(settings) as log:
        journal = decided(settings, log)
        said = [
            structured(record)
            for partition in log.partitions(settings.stage_changes_topic)
            for record in everything(log, settings.stage_changes_topic, partition)
        ]
        dead = sum(log.ends(settings.dead_letters_topic).values())
    replayed = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    batches = Counter(batch.worker_id for batch in journal)
    inputs: Counter[str] = Counter()
    for batch in journal:
        inputs[batch.worker_id] += batch.inputs
    for worker, count in sorted(batches.items()):
        tell(f"{worker} committed {count:,} batches with {inputs[worker]:,} events")
    tell(f"both together {inputs.total():,} events; dead letters {dead:,}")

    live, reference = by_customer(said), by_customer(replayed)
    names = live.keys() | reference.keys()
    different = sorted(name for name in names if live.get(name) != reference.get(name))
    twice = len(said) - len({change["id"] for change in said})
    tell(f"the workers said {len(said):,} things about {len(live):,} customers, {twice} twice")
    tell(f"replay said      {len(replayed):,} things about {len(reference):,} customers")
    tell(f"customers of whom they differ: {len(different)} {different[:5] or ''}".rstrip())

    remembered, told = in_redis(settings), last_stages(replayed)
    tell(f"stages in Redis  {in_words(remembered)}")
    tell(f"stages by replay {in_words(told)}")
    same = not different and not twice and remembered == told
    tell("EQUAL: nothing lost, nothing doubled" if same else "DIFFERENT")
    return 0 if same else 1


def decided(settings: Settings, log: LogReader) -> list[JournalRecord]:
    """The journal, once its last batches say that all input is consumed and all due is swept."""
    patience = time.monotonic() + PATIENCE_SECONDS
    partitions = log.partitions(settings.topics[0])
    while True:
        ends = {topic: log.ends(topic) for topic in settings.topics}
        done, journal = 0, []
        for partition in partitions:
            batches = [
                JournalRecord.model_validate_json(record.value)
                for record in everything(log, settings.journal_topic, partition)
            ]
            journal += batches
            wanted = {topic: of_topic[partition] for topic, of_topic in ends.items()}
            done += any(wanted.values()) and bool(
                batches and batches[-1].to_offsets == wanted and batches[-1].sweep_complete
            )
        if done == len(partitions):
            return journal
        if time.monotonic() > patience:
            tell(f"only {done} of {len(partitions)} partitions are decided to their end")
            sys.exit(1)
        time.sleep(1)


def everything(log: LogReader, topic: str, partition: int) -> list[Any]:
    """The committed records of a partition up to its end as it is now."""
    begin, end = log.begins(topic, partition), log.ends(topic)[partition]
    return list(log.range(topic, partition, begin, end))


def by_customer(changes: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Whole events, in the order in which they were said of each customer."""
    found = defaultdict(list)
    for change in changes:
        found[change["data"]["customer_id"]].append(change)
    return dict(found)


def in_redis(settings: Settings) -> Counter[str]:
    """How many customers are in each stage by the store."""
    keeper, found = keeper_of(settings), Counter[str]()
    with open_log(settings) as log:
        partitions = log.partitions(settings.topics[0])
    for partition in partitions:
        record = keeper.look(partition)[1]
        found.update({} if record is None else record.stages)
    return +found


def last_stages(changes: list[dict[str, Any]]) -> Counter[str]:
    """How many customers are in each stage by the changes alone."""
    last = {
        change["data"]["customer_id"]: change["data"]["to"]
        for change in changes
        if change["type"] == "customer.stage-changed"
    }
    return Counter(last.values())


def in_words(stages: Counter[str]) -> str:
    """The stages with their numbers on one line."""
    return ", ".join(f"{stage} {count:,}" for stage, count in sorted(stages.items()))


def tell(line: str) -> None:
    """One line of the transcript."""
    say(out(), line)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
