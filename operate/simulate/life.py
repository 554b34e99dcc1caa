"""A life while it is lived: its agenda, its accounts, and what it told the bank today.

This file is the mechanism only. What happens at an agenda's entry is decided by the functions
in money.py, dealings.py and voice.py; people.py puts them on the agenda.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import NamedTuple

from operate.simulate.almanac import DAY, Day, clock_text
from operate.simulate.dice import Dice
from operate.simulate.ledger import DEBTS, Account, Dated, Told, money, source_of
from operate.simulate.personas import Fields, Form
from operate.simulate.script import Absence, Script

_LAST_SECOND = DAY - 1
_REPORTED_AT = 85_500
_SHORTEST_DELAY_MS = 1500
_LONGEST_DELAY_MS = 300_000
"""Every record arrives within five minutes: before the end-of-day marker at half past twelve."""


class _Fact(NamedTuple):
    second: int
    order: int
    kind: str
    fields: Fields
    account: Account | None
    effect: int
    shows: str | None


Act = Callable[["Life", Day, int], None]
"""What happens at an agenda's entry: (life, today, second of the day)."""

ONCE, MONTHLY, MONTH_END = 0, 1, 2
"""How often an entry comes: once, each month on its day of the month, or on its last day."""


class Life:
    """One customer's life, one day after the other."""

    __slots__ = (
        *("script", "dice", "customer_id", "accounts", "opened", "away", "absence", "dead"),
        *("habit", "fading", "chance_by_weekday", "contact", "base_score", "last_score"),
        *("income", "rent", "comfort", "pay_day", "epoch", "products", "complaints"),
        *("share", "paid", "stopped", "loyal", "subscribed", "parties", "actors", "closed"),
        *("_agenda", "_facts", "_order", "_serial", "_told", "_postings", "_last_ms"),
    )

    def __init__(self, script: Script, dice: Dice) -> None:
        self.script = script
        self.dice = dice
        self.customer_id = script.customer_id
        self.accounts: list[Account] = []
        """Those in force, the one for daily use first."""
        self.opened = 0
        self.absence: Absence | None = script.absences[0] if script.absences else None
        """The absence that is on, or else the next one."""
        self.away = False
        self.dead = False
        self.habit = False
        """Whether the customer follows their habits now."""
        self.fading: tuple[int, int] | None = None
        """(day when the habits reach zero, days it takes)."""
        self.chance_by_weekday: tuple[float, ...] = ()
        self.contact = 0.0
        self.base_score = 0
        self.last_score: int | None = None
        self.income = 0
        self.rent = 0
        self.comfort = 0
        """Cents above which money is idle and looks for something better."""
        self.pay_day = 1
        self.epoch = 0
        """Counts closures: entries made in an earlier epoch lapse."""
        self.products: dict[str, Account] = {}
        """Products in force by reference."""
        self.share = 1.0
        """Share of their habits that the customer follows now."""
        self.paid = True
        """Whether the salary comes to this bank."""
        self.loyal = True
        """Whether idle money stays with the bank."""
        self.subscribed = 0
        """How many products there ever were."""
        self.stopped = False
        """Whether the accounts are frozen: only what others pay in moves."""
        self.parties: tuple[tuple[str, str], ...] = ()
        """(customer number, role) of those who are told the same of every account."""
        self.actors: tuple[tuple[float, str | None], ...] = ()
        """Who acts on the accounts, by weight; empty: the owner, and nobody need say so."""
        self.closed: list[Account] = []
        """Accounts whose closing the core may still take back."""
        self.complaints = 0
        self._agenda: list[tuple[int, int, int, int, Act]] = []
        self._facts: list[_Fact] = []
        self._order = self._serial = self._told = self._postings = self._last_ms = 0

    @property
    def account(self) -> Account | None:
        """The account for daily use, if one is in force."""
        return self.accounts[0] if self.accounts else None

    @property
    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return not (self._agenda or self.habit)

    def plan(self, moment: int, act: Act, every: int = ONCE) -> None:
        """Put an entry on the agenda that comes whatever becomes of the accounts."""
        self._push(moment, act, every, -1)

    def plan_while_open(self, moment: int, act: Act, every: int = ONCE) -> None:
        """The same, for as long as the present relationship lasts."""
        self._push(moment, act, every, self.epoch)

    def _push(self, moment: int, act: Act, every: int, epoch: int) -> None:
        self._order += 1
        heappush(self._agenda, (moment, self._order, every, epoch, act))

    def follow_agenda(self, today: Day) -> None:
        """Do everything that is planned for today, in order, also what is planned meanwhile."""
        agenda = self._agenda
        tomorrow = (today.number + 1) * DAY
        while agenda and agenda[0][0] < tomorrow:
            moment, _, every, epoch, act = heappop(agenda)
            if epoch >= 0 and epoch != self.epoch:
                continue
            act(self, today, moment % DAY)
            if every == MONTHLY:
                self._push(moment + today.month_days * DAY, act, every, epoch)
            elif every == MONTH_END:
                self._push(moment + today.next_month_days * DAY, act, every, epoch)

    def tell(self, second: int, kind: str, /, **fields: object) -> None:
        """Something that is not money happened at this second of today."""
        self._note(second, kind, fields)

    def tell_of(self, account: Account, second: int, kind: str, /, **fields: object) -> None:
        """Something happened to this account."""
        self._note(second, kind, {"account_ref": account.ref, "role": "owner", **fields})

    def _note(  # the one place where facts of a day are collected
        self,
        second: int,
        kind: str,
        fields: Fields,
        account: Account | None = None,
        effect: int = 0,
        shows: str | None = None,
    ) -> None:
        facts = self._facts
        second = min(second, _LAST_SECOND)
        facts.append(_Fact(second, len(facts), kind, fields, account, effect, shows))

    def post(
        self, today: Day, second: int, account: Account, form: Form, cents: int, **more: object
    ) -> str:
        """A posting of this form; answers its posting id. `more` adds to the form or overrides."""
        posting_id = self._posting_id()
        credit = form.fields["direction"] == "credit"
        fields: Fields = {
            "account_ref": account.ref,
            "role": "owner",
            "posting_id": posting_id,
            **form.fields,
            "amount": money(cents),
            "booking_date": today.iso,
            **more,
        }
        if self.actors and form.fields["initiator"] == "customer":
            actor = self.dice.pick(self.actors)
            if actor is not None:
                fields["acting_party"] = actor
        if "status" in more:  # not a movement of money
            self._note(second, "transaction.posted", fields)
        elif account.kind in DEBTS:
            account.balance -= cents if credit else -cents
            self._note(second, "transaction.posted", fields)
        else:
            effect = cents if credit else -cents
            account.free += effect
            self._note(second, "transaction.posted", fields, account, effect, "balance_after")
        return posting_id

    def reverse(self, second: int, account: Account, original: str, cents: int) -> None:
        """Take a debit back."""
        fields: Fields = {
            "account_ref": account.ref,
            "role": "owner",
            "posting_id": self._posting_id(),
            "original_posting_id": original,
            "direction": "credit",
            "amount": money(cents),
            "currency": "CNY",
        }
        account.free += cents
        self._note(second, "transaction.reversed", fields, account, cents)

    def report_balance(self, today: Day, account: Account) -> None:
        """Tell the balance as it will be after everything else of today; once a day."""
        if account.reported_on == today.number:
            return
        account.reported_on = today.number
        fields: Fields = {
            "account_ref": account.ref,
            "role": "owner",
            "balance": "",
            "currency": "CNY",
            "as_of": today.iso,
            "product_type": account.kind,
        }
        if any(role == "joint" for _, role in self.parties):
            fields["owners"] = 1 + len(self.parties)
        second = _REPORTED_AT + self.dice.between(0, 800)
        self._note(second, "balance.reported", fields, account, 0, "balance")

    def _posting_id(self) -> str:
        self._postings += 1
        return f"P{self.script.number:06d}{self._postings:05d}"

    def end_day(self, today: Day) -> list[Told]:
        """What was told today, in the order in which it happened and will arrive."""
        return self.deliver(today, self.settle_day()) if self._facts else []

    def settle_day(self) -> list[Dated]:
        """What happened today, in order, with the balances as they came to be."""
        facts = self._facts
        if len(facts) > 1:
            facts.sort()
        dated = []
        for second, _, kind, fields, account, effect, shows in facts:
            if account is not None:
                account.balance += effect
                account.free = account.balance
                if shows is not None:
                    fields[shows] = money(account.balance)
            self._told += 1
            body: Fields = {
                "schema_version": 1,
                "type": kind,
                "source": source_of(kind),
                "event_id": f"{self.customer_id}-{self._told}",
                "customer_id": self.customer_id,
                "occurred_at": "",
                "received_at": "",
                **fields,
            }
            dated.append(Dated(second, body))
        facts.clear()
        return dated

    def deliver(self, today: Day, dated: list[Dated]) -> list[Told]:
        """The same, on its way to the bank."""
        number = self.script.number
        random = self.dice.random
        told = []
        for second, body in dated:
            draw = random()
            delay = _SHORTEST_DELAY_MS + int(_LONGEST_DELAY_MS * draw * draw * draw)
            arrives = today.midnight_ms + second * 1000 + delay
            self._last_ms = arrives = max(arrives, self._last_ms + 1)
            self._serial = serial = self._serial + 1
            body["occurred_at"] = today.iso + clock_text(second)
            told.append(Told(arrives, number, serial, body))
        return told
