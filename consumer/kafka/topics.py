"""The topics: created as the design needs them, and checked before a worker starts."""

from __future__ import annotations

from consumer.settings import Settings


class ContractError(Exception):
    """The topics are not what the service needs; the message says which, and the remedy."""


def check_topics(settings: Settings) -> int:
    """The common partition count of the input topics. Raises ContractError."""
    raise NotImplementedError
