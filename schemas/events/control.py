"""Control events: no key, addressed to partitions, about the stream itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.base import LARGEST_INTEGER, Identifier, Instant
from schemas.events.base import Event


class FeedWatermark(Event):
    """This topic is complete up to a time; sent to every partition (a core's end of day)."""

    type: Literal["feed.watermark"]
    topic: Identifier
    complete_through: Instant


class PolicyActivated(Event):
    """A policy, known by its digest, takes effect at the next batch boundary."""

    type: Literal["policy.activated"]
    policy_digest: Identifier
    policy_version: int = Field(ge=1, le=LARGEST_INTEGER)


class CustomerErased(Event):
    """Everything remembered of this customer goes."""

    type: Literal["customer.erased"]
    customer_id: Identifier
