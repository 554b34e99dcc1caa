"""Duplicates change nothing: by event id, or by a sequence that the feed declares to grow."""

from tests.statemachine.builders import DEFAULT, active, complained, policy, used

GROWING = policy(growing_sequences=["core"])


def test_an_event_told_twice_is_learnt_once() -> None:
    life = active()
    event = complained(10)
    assert life.decide(event).note == "learnt"
    again = life.decide(event)
    assert (again.note, again.outputs) == ("duplicate", ())


def test_the_identity_of_an_event_is_its_source_and_its_id() -> None:
    life = active()
    life.tell(used(10, event_id="x"))
    assert life.decide(used(11, event_id="x", source="cards")).note == "learnt"
    assert life.decide(used(12, event_id="x")).note == "duplicate"
    assert life.decide(used(13, event_id="x", source="cards")).note == "duplicate"


def test_as_many_ids_are_remembered_as_the_policy_says() -> None:
    life = active()
    window = DEFAULT.memory.event_ids
    told = [used(10, posting_id=f"p{number}") for number in range(window + 1)]
    life.tell(*told)
    assert len(life.now.seen) == 8 * window
    assert all(life.decide(event).note == "duplicate" for event in told[1:])
    assert life.decide(told[0]).note == "learnt"


def test_a_duplicate_older_than_the_memory_of_ids_is_still_one_posting() -> None:
    life = active(policy(**{"memory.event_ids": 1}))
    event = used(10, posting_id="x")
    life.tell(event, used(11))
    days = life.now.activity.days
    life.tell(event)
    assert life.now.activity.days == days


def test_what_is_due_waits_for_an_event_that_is_none() -> None:
    life = active()
    event = used(3, "11:00")
    life.tell(event)
    assert life.decide(event, clock=10**13).outputs == ()


def test_where_a_source_s_sequence_only_grows_one_that_does_not_is_a_duplicate() -> None:
    life = active(GROWING)
    assert life.decide(used(10, sequence=7)).note == "learnt"
    assert life.decide(used(11, sequence=7)).note == "duplicate"
    assert life.decide(used(12, sequence=6)).note == "duplicate"
    assert life.decide(used(13, sequence=8)).note == "learnt"
    assert life.now.sequences == {"core": 8}


def test_every_source_has_its_own_sequence() -> None:
    life = active(policy(growing_sequences=["cards", "core"]))
    life.tell(used(10, sequence=7))
    assert life.decide(used(11, source="cards", sequence=1)).note == "learnt"
    assert life.now.sequences == {"cards": 1, "core": 7}


def test_of_a_source_that_promises_nothing_the_sequence_is_not_looked_at() -> None:
    life = active()
    assert life.decide(used(10, sequence=7)).note == "learnt"
    assert life.decide(used(11, sequence=3)).note == "learnt"
    assert life.now.sequences == {}


def test_an_event_without_its_promised_sequence_is_known_by_its_id() -> None:
    life = active(GROWING)
    event = used(10)
    assert life.decide(event).note == "learnt"
    assert life.decide(event).note == "duplicate"


def test_sequences_cost_no_memory_of_ids() -> None:
    life = active(GROWING)
    before = life.now.seen
    life.tell(used(10, sequence=1))
    assert life.now.seen == before
