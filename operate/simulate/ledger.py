"""What a life is told in: accounts and products as the core keeps them, and facts on their way."""

from __future__ import annotations

from typing import NamedTuple

from operate.simulate.personas import Fields

BANK = "bank1"
CORE = f"core:{BANK}"
DEBTS = frozenset({"loan", "mortgage"})
"""Products whose balance is what is still owed."""
_SOURCES = {
    "prospect.registered": f"crm:{BANK}",
    "interest.shown": f"crm:{BANK}",
    "customer.referred": f"crm:{BANK}",
    "consent.changed": f"crm:{BANK}",
    "objection.changed": f"crm:{BANK}",
    "feedback.received": f"crm:{BANK}",
    "feedback.resolved": f"crm:{BANK}",
    "customer.attribute-set": f"crm:{BANK}",
    "customer.interacted": f"app:{BANK}",
    "customer.scored": f"model:{BANK}",
}


class Told(NamedTuple):
    """One fact on its way to the bank: ordered by arrival, then customer, then telling."""

    arrives_ms: int
    number: int
    serial: int
    body: Fields


class Dated(NamedTuple):
    """One fact of a day, before it is known when it will arrive."""

    second: int
    body: Fields


class Account:
    """An account or product as the core keeps it; money in cents."""

    __slots__ = ("balance", "free", "in_force", "kind", "ref", "reported_on")

    def __init__(self, ref: str, kind: str, balance: int) -> None:
        self.ref = ref
        self.kind = kind
        self.balance = balance
        self.free = balance
        """What may still be spent today: the balance after all that was posted so far."""
        self.in_force = True
        self.reported_on = -1
        """The last day whose balance was reported."""


def account_ref(number: int, serial: int) -> str:
    """The reference of a customer's account by its running number."""
    return f"{CORE}:account:{number:06d}{serial:02d}"


def product_ref(number: int, serial: int) -> str:
    """The reference of a customer's product by its running number."""
    return f"{CORE}:product:{number:06d}{serial:02d}"


def source_of(kind: str) -> str:
    """The system of the bank that tells an event of this type."""
    return _SOURCES.get(kind, CORE)


def money(cents: int) -> str:
    """Cents as the decimal string of an event."""
    return f"{cents // 100}.{cents % 100:02d}" if cents >= 0 else f"-{money(-cents)}"
