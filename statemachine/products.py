"""What a product is: its number in what is remembered, and which of them count as what.

The policy says which products are used every day (transactional) and which are a living
relationship without any movement (contractual). Where families are counted, everything used every
day is one family, and every contractual type is one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, get_args

from schemas.events.base import ProductType

PRODUCTS: Final[tuple[ProductType, ...]] = get_args(ProductType)
"""By number. The contract only appends to them, and so their numbers stay."""
_NUMBERS: Final = {name: number for number, name in enumerate(PRODUCTS)}
EVERYDAY: Final = -1
"""The family of everything that is used every day."""


def product_number(name: ProductType) -> int:
    """The number of a product type."""
    return _NUMBERS[name]


def numbers_of(names: Iterable[ProductType]) -> frozenset[int]:
    """The numbers of product types."""
    return frozenset(_NUMBERS[name] for name in names)


def family_of(product: int | None, contractual: frozenset[int]) -> int:
    """The family that a product counts as: its own, or EVERYDAY."""
    return product if product is not None and product in contractual else EVERYDAY


def family_name(family: int) -> str:
    """The family in words: 'everyday', or its product type."""
    return "everyday" if family == EVERYDAY else PRODUCTS[family]
