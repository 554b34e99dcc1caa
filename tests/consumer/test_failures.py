"""kafka-python's errors as a worker tells them: the world's, with a remedy, or what they are."""

import pytest
from kafka import errors

from consumer.kafka.failures import translated
from consumer.ports import Superseded, Unavailable


def test_where_nobody_answers_as_kafka_the_remedy_is_named_in_one_line() -> None:
    error = errors.KafkaTimeoutError("Unable to bootstrap from ['kafka:9092']")
    with pytest.raises(Unavailable) as told, translated("publishing the policy"):
        raise error
    assert str(told.value) == (
        "Kafka: publishing the policy: KafkaTimeoutError: Unable to bootstrap from ['kafka:9092']:"
        " nothing there answers as Kafka: start it, or check the address, and whether it wants TLS"
        " (TENURE_KAFKA_BOOTSTRAP_SERVERS, TENURE_KAFKA_SECURITY_PROTOCOL)"
    )


@pytest.mark.parametrize(
    "error, told",
    [
        (errors.KafkaTimeoutError("too late"), "KafkaTimeoutError: too late"),
        (errors.NotCoordinatorError(), "NotCoordinatorError"),
        (ConnectionResetError("gone"), "ConnectionResetError gone"),
    ],
)
def test_the_way_to_kafka_fails_under_the_name_of_what_was_asked(
    error: Exception, told: str
) -> None:
    with pytest.raises(Unavailable) as away, translated("reading"):
        raise error
    assert str(away.value).startswith(f"Kafka: reading: {told}")


def test_another_process_under_this_id_is_told_with_the_remedy() -> None:
    with pytest.raises(Superseded, match="TENURE_WORKER_ID"), translated("reading", "w1"):
        raise errors.FencedInstanceIdError


@pytest.mark.parametrize("error", [errors.IllegalStateError("x"), errors.AuthorizationError("x")])
def test_what_waiting_would_not_mend_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)), translated("reading"):
        raise error
