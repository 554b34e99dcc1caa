"""ISO 4217: the codes of currencies.

Accepted are the current currencies and funds (the standard's table A.1 as of 2026) without the
codes that no account is held in: bond market units (XBA to XBD), testing (XTS), no currency
(XXX). Precious metals stay, because banks keep metal accounts. Codes withdrawn since 2015 stay
too: a bank's history is read again years later, and was right when it was written.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from schemas.base import RefusedAs


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CURRENT: Final = _codes("""
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN
    BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR
    FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY
    KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP
    TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XCD XCG
    XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG
""")
"""The codes of currencies in use, in alphabetical order."""

WITHDRAWN: Final = _codes("ANG BGN BYR CUC HRK LTL MRO SLL STD VEF ZWL")
"""The codes withdrawn from 2015 to 2026."""

CURRENCIES: Final = tuple(sorted(CURRENT + WITHDRAWN))
"""Every code accepted."""


class _Iso4217:
    @staticmethod
    def __get_pydantic_core_schema__(_: type[Any], __: GetCoreSchemaHandler) -> CoreSchema:
        return RefusedAs(
            "unknown_currency",
            "expected an ISO 4217 currency code in capital letters, such as 'CNY'",
        ).around(core_schema.literal_schema(list(CURRENCIES)))


Currency = Annotated[str, _Iso4217()]
"""An ISO 4217 currency code, in capital letters."""
