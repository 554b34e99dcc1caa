"""Before the first relationship: somebody looks at the bank."""

from __future__ import annotations

from typing import Literal

from schemas.base import Code, Identifier
from schemas.events.base import CustomerEvent


class ProspectRegistered(CustomerEvent):
    """The bank knows this person and has no relationship with them yet."""

    type: Literal["prospect.registered"]
    origin: Literal["existing_book", "outreach", "walk_in"]


class InterestShown(CustomerEvent):
    """An application, a quote or an enquiry; none of them is a relationship."""

    type: Literal["interest.shown"]
    kind: Literal["application", "quote", "enquiry", "visit"]
    product_type: Code | None = None
    channel: Code | None = None


class CustomerReferred(CustomerEvent):
    """This customer (the referrer) brought somebody to the bank."""

    type: Literal["customer.referred"]
    referred_customer_id: Identifier | None = None
