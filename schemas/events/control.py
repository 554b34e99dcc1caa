"""Control events: no key, addressed to partitions, about the stream itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.base import LARGEST_INTEGER, Identifier, Instant
from schemas.events.base import Event


class FeedWatermark(Event):
    """This topic is complete up to a time; sent to every partition (a core's end of day)."""

    type: Literal["feed.watermark"]
    topic: Identifier = Field(description="The topic that is complete.")
    complete_through: Instant = Field(description="Nothing earlier is still to come.")


class PolicyActivated(Event):
    """A policy, known by its digest, takes effect at the next batch boundary."""

    type: Literal["policy.activated"]
    policy_digest: Identifier = Field(description="Of the policy's values.")
    policy_version: int = Field(ge=1, le=LARGEST_INTEGER, description="Only grows.")


class CustomerErased(Event):
    """Everything remembered of this customer goes."""

    type: Literal["customer.erased"]
    customer_id: Identifier = Field(description="Whose state is forgotten.")
