"""kafka-python's errors in the product's three kinds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from kafka import errors

from consumer.ports import Superseded, Unavailable

ILL_CONFIGURED = (
    errors.SaslAuthenticationFailedError,
    errors.AuthorizationError,
    errors.UnsupportedVersionError,
    errors.IncompatibleBrokerVersion,
)
"""Neither the world's failure nor a doubt: waiting and trying again would mend nothing."""
_UNANSWERED: Final = "Unable to bootstrap"
"""What the client says when no broker answers at any of the addresses."""
NO_KAFKA: Final = (
    "nothing there answers as Kafka: start it, or check the address, and whether it wants TLS"
    " (TENURE_KAFKA_BOOTSTRAP_SERVERS, TENURE_KAFKA_SECURITY_PROTOCOL)"
)


@contextmanager
def translated(what: str, worker_id: str = "") -> Iterator[None]:
    """Errors of the broker or the way to it become Unavailable; a bug stays what it is."""
    try:
        yield
    except errors.FencedInstanceIdError:
        raise superseded(worker_id) from None
    except ILL_CONFIGURED:
        raise
    except (errors.KafkaError, OSError) as error:
        if isinstance(error, errors.IllegalStateError | errors.IllegalArgumentError):
            raise
        raise Unavailable(f"Kafka: {what}: {_told(error)}") from error


def _told(error: Exception) -> str:
    """The error with its name, once, and with a remedy where nobody answers at all."""
    text, name = str(error), type(error).__name__
    text = text if text.startswith(name) else f"{name} {text}".strip()
    return f"{text}: {NO_KAFKA}" if _UNANSWERED in text else text


def superseded(worker_id: str) -> Superseded:
    """Another process took this worker's place in the group."""
    return Superseded(
        f"another worker runs under the id '{worker_id}': give every worker its own"
        " TENURE_WORKER_ID"
    )
