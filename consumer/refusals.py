"""Why a worker does not start on a partition: each refusal names what was found and the choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.outputs import JournalRecord
from statemachine.policy import Policy

_ANEW = "begin anew under another TENURE_DEPLOYMENT, which has topics of its own but for the inputs"


class RefusedToStart(Exception):
    """The partition is not in a state to go on from; the message names the choices."""


def store_not_in_journal(number: int, batch: int) -> RefusedToStart:
    """The journal does not know what the store remembers."""
    return RefusedToStart(
        f"partition {number}: the store's batch {batch} is not in the journal: Kafka was reset or"
        f" lost data. Choices: restore the journal's topic; {_ANEW}; or restore a store that"
        " belongs to this Kafka"
    )


def ahead_of_kafka(number: int, batch: int, committed: int) -> RefusedToStart:
    """The store remembers more than Kafka committed."""
    return RefusedToStart(
        f"partition {number}: the store is at batch {batch}, ahead of the committed batch"
        f" {committed}: Kafka was reset or lost data. Choices: restore Kafka; or {_ANEW}"
    )


def journal_ahead(number: int, batch: int, committed: int) -> RefusedToStart:
    """The journal has batches that the group's offsets do not cover."""
    return RefusedToStart(
        f"partition {number}: the journal goes on with batch {batch}, and the group's committed"
        f" offsets are of batch {committed}: they were set back or lost. Going on would say twice"
        f" what was said. Choices: restore the group's offsets; or {_ANEW}"
    )


def not_committed(number: int, batch: int) -> RefusedToStart:
    """There are no committed offsets, and the store is not where the journal ends."""
    return RefusedToStart(
        f"partition {number}: the group has no committed offsets (expired, or the group was"
        f" renamed) and the journal has batch {batch}, which the store does not remember."
        f" Choices: restore the group's offsets; restore the store; or {_ANEW}"
    )


def not_in_journal(number: int, committed: int) -> RefusedToStart:
    """The journal does not know what was committed."""
    return RefusedToStart(
        f"partition {number}: the committed batch {committed} is not in the journal. Choices:"
        f" restore the journal's topic; or {_ANEW}"
    )


def too_short(number: int, gone: Sequence[str]) -> RefusedToStart:
    """The inputs no longer hold what must be read (again)."""
    return RefusedToStart(
        f"partition {number}: the log does not reach back to what comes next after the store's"
        f" last batch ({', '.join(gone)}). Choices: restore the store from a backup that is"
        f" newer; restore the topics; or {_ANEW}"
    )


def never_read(number: int, gone: Mapping[str, tuple[int, int]]) -> RefusedToStart:
    """Retention, or somebody, deleted records before this deployment had read them.

    Per topic: the offset to read next, and the first one that there still is.
    """
    where = ", ".join(
        f"{topic}: {begins - wanted} from offset {wanted}"
        for topic, (wanted, begins) in gone.items()
    )
    return RefusedToStart(
        f"partition {number}: records were deleted before they were read ({where}). Going on would"
        f" leave them out without a word. Choices: restore the topics; or {_ANEW}. Let them keep"
        " every record (retention.ms=-1), so that it does not happen again"
    )


def past_the_end(number: int, topics: Sequence[str]) -> RefusedToStart:
    """The inputs are shorter than what was consumed of them."""
    return RefusedToStart(
        f"partition {number}: more was consumed than there is ({', '.join(topics)}): Kafka was"
        f" reset or lost data. Choices: restore the topics; or {_ANEW}"
    )


def not_all_there(number: int, batch: int, had: int, found: int) -> RefusedToStart:
    """The inputs have lost records in the midst of what must be read again."""
    return RefusedToStart(
        f"partition {number}: batch {batch} was made of {had} records, and the inputs still have"
        f" {found} of them. Choices: restore a store from a backup that is newer; restore the"
        f" topics; or {_ANEW}"
    )


def other_topics(number: int, had: Sequence[str], have: Sequence[str]) -> RefusedToStart:
    """The partition was read from other topics than those that are configured."""
    return RefusedToStart(
        f"partition {number} was read from {', '.join(sorted(had))}, and TENURE_INPUT_TOPICS names"
        f" {', '.join(sorted(have))}: what was read of them in between would be lost or told twice."
        f" Choices: name the same topics again; or {_ANEW}"
    )


def other_deployment(number: int, topic: str, theirs: str, ours: str) -> RefusedToStart:
    """Another deployment writes the journal."""
    return RefusedToStart(
        f"partition {number}: {topic} is the journal of deployment '{theirs}', and this worker is"
        f" of '{ours}': give each deployment output, journal and policy topics of its own"
    )


def other_store(number: int, ours: str, journal: JournalRecord) -> RefusedToStart:
    """Batches after those that this store remembers were remembered by another store."""
    return RefusedToStart(
        f"partition {number}: {_elsewhere(journal)}, after this one ('{ours}') had been in use: two"
        f" Redis servers serve deployment '{journal.deployment}'. Choices: stop the workers of the"
        " other, or give them a TENURE_DEPLOYMENT of their own, and start this one once with"
        " --accept-store, which brings this store up from the journal; or point this worker to the"
        " other store (TENURE_REDIS_URL)"
    )


def store_in_use_elsewhere(
    number: int, ours: str, journal: JournalRecord, absent: Sequence[int]
) -> RefusedToStart:
    """This store is empty, and other members of the group keep their partitions elsewhere."""
    return RefusedToStart(
        f"partition {number}: {_elsewhere(journal)}, this one ('{ours}') is empty, and whoever has"
        f" partition {', '.join(map(str, absent))} is not seen in it: two Redis servers serve"
        f" deployment '{journal.deployment}'. Choices: point this worker to the Redis of the others"
        " (TENURE_REDIS_URL); give it a TENURE_DEPLOYMENT of its own; or, if all are to move to"
        " this store, stop the others first (or start once with --accept-store)"
    )


def _elsewhere(journal: JournalRecord) -> str:
    return (
        f"batch {journal.batch} was remembered by another store ('{journal.store}', by worker"
        f" '{journal.worker_id}')"
    )


def other_pages(number: int, batch: int, had: int, have: int) -> RefusedToStart:
    """A policy's recomputation went by pages that the store does not have."""
    return RefusedToStart(
        f"partition {number}: batch {batch} recomputed one of {had} pages of customers under a new"
        f" policy, and the store, made anew, has {have}: remove the partition's keys, and start"
        " with the TENURE_EXPECTED_CUSTOMERS_PER_PARTITION under which they were made"
    )


def other_fold(number: int, batch: int, decided_by: int, have: int) -> RefusedToStart:
    """A batch was decided by a release that decides differently."""
    return RefusedToStart(
        f"partition {number}: batch {batch} was decided by fold version {decided_by}, this release"
        f" has {have}: start the release that wrote it once, let it catch up, then upgrade"
    )


def policy_gone(digest: str, topic: str) -> RefusedToStart:
    """A policy of the past cannot be had."""
    return RefusedToStart(
        f"policy {digest}, under which a batch was decided, is not on {topic}: restore that topic"
    )


def other_policy(number: int, last: Policy, ours: Policy) -> RefusedToStart:
    """Another policy than ours is in force, and nobody said that it may change."""
    return RefusedToStart(
        f"partition {number} runs policy version {last.version} ({last.digest}); this worker has"
        f" version {ours.version} ({ours.digest}). To put it in force, start once with"
        " --accept-policy; else start with the policy file in force"
    )


def policy_not_newer(number: int, last: Policy, ours: Policy) -> RefusedToStart:
    """A policy's version only grows."""
    return RefusedToStart(
        f"partition {number} runs policy version {last.version}: a new policy needs a higher"
        f" version than that, this one has {ours.version}"
    )


def other_layout(
    number: int, had: tuple[int, str], have: tuple[int, str], what: str = "the store was made"
) -> RefusedToStart:
    """Customers would be looked for on other partitions than those where they are."""
    return RefusedToStart(
        f"partition {number}: {what} for {had[0]} partitions by {had[1]}, the topics have"
        f" {have[0]} by {have[1]}: customers would be split. Go back to that number, or {_ANEW}"
    )
