"""Holdings: what reports of balances and amounts teach about assets and debts.

Which products are assets is in the policy; of the others, what is contractual (loans, mortgages)
is owed. An account of which nobody said what it is counts as assets. Overdrafts are no assets.
"""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from schemas.events.accounts import AccountSnapshot
from statemachine.assets import (
    MEAN_DAYS,
    NOTHING,
    Assets,
    assets_of,
    find_holding,
    held,
    pack_assets,
    report,
    without_rate,
)
from statemachine.calendar import day_number
from statemachine.customer import Customer
from statemachine.policy import Policy
from statemachine.products import product_number
from statemachine.relationships import find

_Side = Literal["assets", "owed"]


def hold(
    policy: Policy,
    customer: Customer,
    ref: int,
    day: int,
    amount: str,
    currency: str | None,
    *,
    product: int | None,
    shares: int = 1,
) -> Customer:
    """Holding `ref` had `amount` at the end of `day`, shared equally by so many."""
    side = _side(policy, customer, ref, product)
    if side is None or currency is None:
        return customer
    known = _known(customer, side)
    units = policy.assets.known_rates.whole_units(amount, currency, day, shares=shares)
    if units is None:
        noted = without_rate(known or NOTHING, currency)
        return replace(customer, **{side: pack_assets(noted)})
    units = abs(units) if side == "owed" else max(units, 0)
    return _reported(policy, customer, side, ref, day, units)


def introduce(
    policy: Policy, customer: Customer, event: AccountSnapshot, ref: int, at: int
) -> Customer:
    """The balance that a snapshot tells: it has been there for as long as a mean looks back.

    But not before the account was opened; and where reports are known already, it is one more.
    """
    if event.balance is None:
        return customer
    day = policy.calendar.day_of(at)
    product = product_number(event.product_type)
    side = _side(policy, customer, ref, product)
    known = None if side is None else _known(customer, side)
    if known is None or find_holding(known, ref) is None:
        day = min(day, max(day - MEAN_DAYS, day_number(event.opened_on)))
    return hold(policy, customer, ref, day, event.balance, event.currency, product=product)


def empty(policy: Policy, customer: Customer, ref: int, day: int) -> Customer:
    """Holding `ref` has nothing any more from the end of `day` on: it ended.

    Noted also of what nothing was reported of yet, for a report may be on its way.
    """
    expected = _side(policy, customer, ref, None)
    for side in ("assets", "owed"):
        known = _known(customer, side)
        held_here = known is not None and find_holding(known, ref) is not None
        if held_here or side == expected:
            customer = _reported(policy, customer, side, ref, day, 0)
    return customer


def refill(policy: Policy, customer: Customer, ref: int, day: int) -> Customer:
    """It goes on: holding `ref` has what it had before it was emptied."""
    for side in ("assets", "owed"):
        known = _known(customer, side)
        amount = 0 if known is None else held(known, ref)
        if amount:
            customer = _reported(policy, customer, side, ref, day, amount)
    return customer


def sort_out(policy: Policy, customer: Customer, ref: int) -> Customer:
    """What was reported of `ref` before anybody said that it is no asset goes where it belongs."""
    assets, side = _known(customer, "assets"), _side(policy, customer, ref, None)
    if assets is None or side == "assets":
        return customer
    one = find_holding(assets, ref)
    reports = () if one is None else one.reports
    for day, amount in zip(reports[::2], reports[1::2], strict=True):
        customer = _reported(policy, customer, "assets", ref, day, 0)
        if side is not None:
            customer = _reported(policy, customer, side, ref, day, amount)
    return customer


def _reported(
    policy: Policy, customer: Customer, side: str, ref: int, day: int, units: int
) -> Customer:
    known = _known(customer, side) or NOTHING
    after = report(known, ref, day, units, kept=policy.assets_kept)
    return customer if after is known else replace(customer, **{side: pack_assets(after)})


def _known(customer: Customer, side: str) -> Assets | None:
    packed: bytes = getattr(customer, side)
    return assets_of(packed)


def _side(policy: Policy, customer: Customer, ref: int, product: int | None) -> _Side | None:
    if product is None:
        known = find(customer.relationships, ref)
        product = None if known is None else known.product
    if product is None or product in policy.counts_as_assets:
        return "assets"
    return "owed" if product in policy.contractual else None
