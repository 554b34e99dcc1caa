"""Money: amounts of any currency as whole units of the policy's, by its dated rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal

_EXACT = Context(prec=80, rounding=ROUND_DOWN)


@dataclass(frozen=True, slots=True)
class Rates:
    """What one unit of each currency is worth, from a day on (days since 1970, ascending)."""

    currency: str
    table: Mapping[str, tuple[tuple[int, Decimal], ...]]

    def whole_units(self, amount: str, currency: str, day: int, *, shares: int = 1) -> int | None:
        """An equal share of `amount` on `day` in whole units of the policy's currency.

        Rounded towards zero. None without a rate that was in force on that day.
        """
        rate = self._rate(currency, day)
        if rate is None:
            return None
        worth = _EXACT.multiply(Decimal(amount), rate)
        return int(_EXACT.divide_int(worth, Decimal(shares)))

    def _rate(self, currency: str, day: int) -> Decimal | None:
        if currency == self.currency:
            return Decimal(1)
        found = None
        for since, rate in self.table.get(currency, ()):
            if since <= day:
                found = rate
        return found
