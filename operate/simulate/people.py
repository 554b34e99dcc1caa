"""People: a script becomes a life, and a life is lived day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from operate.simulate import contracts, dealings, money, narrow, partings, payroll, voice
from operate.simulate.almanac import DAY, Day
from operate.simulate.casting import cast
from operate.simulate.dice import Dice
from operate.simulate.fates import NEVER
from operate.simulate.kin import actors_of, parties_of
from operate.simulate.ledger import Told
from operate.simulate.life import Act, Life
from operate.simulate.script import Absence, Script, office_hours

_LOOK_BACK = 12
"""How many customer numbers below their own a referrer looks for somebody who came."""


def be_born(seed: int, number: int, start: date) -> Life:
    """Customer `number` with everything on the agenda that the script knows of."""
    script = cast(seed, number)
    life = Life(script, Dice(seed, number, "days"))
    life.actors, life.parties = actors_of(script), parties_of(script)
    money.draw_routine(life)
    _enter(life, start)
    if script.entry == "partner" or not script.everyday:
        return life
    for absence in script.absences:
        _plan_absence(life, absence)
    for moment, planned in _acts(script):
        life.plan(moment, planned)
    if script.persona.logins >= 0.3 and life.dice.chance(0.04):
        _plan_referral(seed, life)
    return life


def _acts(script: Script) -> Iterator[tuple[int, Act]]:
    """What the script puts on the agenda, beside coming and going."""
    yield from ((moment, money.step) for moment in script.own_days)
    yield from ((one.at, partial(money.drain, one)) for one in script.drains)
    yield from ((moment, partial(_follow, share)) for moment, share in script.moods)
    yield from ((one.at, partial(voice.complain, one)) for one in script.complaints)
    yield from ((moment, partial(voice.rate, rating)) for moment, rating in script.ratings)
    for contract in script.contracts:
        if contract.at >= 0:
            yield contract.at, partial(contracts.subscribe, contract)
    for moment, comes in script.payroll:
        yield moment, payroll.regain_salary if comes else payroll.lose_salary
    if script.changes_employer is not None:
        yield script.changes_employer + 40_000, payroll.change_employer
    if script.of_age is not None:
        yield script.of_age * DAY, _come_of_age
    if script.dies is not None:
        yield script.dies, dealings.die


def _enter(life: Life, start: date) -> None:
    script, dice = life.script, life.dice
    if script.heard is not None:
        life.plan(script.heard, voice.turn_up)
        if script.asks_again is not None:
            life.plan(script.asks_again, voice.ask)
    if script.opens is None:
        return
    if script.opens >= 0:
        day_before = script.opens // DAY - 1
        known = script.heard is not None and day_before > script.heard // DAY
        if known and script.habit_from != NEVER and dice.chance(0.6):
            life.plan(office_hours(dice, day_before), voice.apply)
        life.plan(script.opens, dealings.open_account)
        return
    first_night = dice.between(60, 1_700)
    if script.entry == "partner":
        life.plan(first_night, _consent)
    elif not script.everyday:
        life.plan(first_night, partial(narrow.introduce, start))
    elif script.entry == "unannounced":
        life.plan(first_night, dealings.appear)
    else:
        life.plan(first_night, partial(dealings.introduce, start))


def _consent(life: Life, _today: Day, second: int) -> None:
    voice.consent(life, second, granted=life.dice.chance(0.7))


def _follow(share: float, life: Life, _today: Day, _second: int) -> None:
    """From now on the customer follows this share of their habits."""
    life.share = share


def _come_of_age(life: Life, _today: Day, _second: int) -> None:
    """Nobody acts for them any more, and the parents are told nothing."""
    life.actors = life.parties = ()


def _plan_absence(life: Life, absence: Absence) -> None:
    if absence.at >= 0 and absence.how != "died":
        if absence.fade:
            fading = max(0, absence.at // DAY - absence.fade) * DAY
            life.plan(fading, partings.begin_fading)
        if absence.drains and absence.how == "silent":
            farewell = office_hours(life.dice, absence.at // DAY - 1)
            life.plan(farewell, partings.say_farewell)
        life.plan(absence.at, partings.leave)
    if absence.back is not None:
        life.plan(absence.back, partings.come_back)


def _plan_referral(seed: int, life: Life) -> None:
    """Whoever refers somebody refers one of those just before them in number who really came."""
    for number in range(life.script.number - 1, max(0, life.script.number - _LOOK_BACK), -1):
        friend = cast(seed, number)
        if friend.opens is not None and friend.opens // DAY > life.script.since + 5:
            day = friend.opens // DAY - life.dice.between(1, 4)
            moment = office_hours(life.dice, day)
            life.plan(moment, partial(voice.refer, friend.customer_id))
            return


def live(life: Life, today: Day) -> list[Told]:
    """Live one day; answers what was told, in the order in which it happened."""
    act(life, today)
    return life.end_day(today)


def act(life: Life, today: Day) -> None:
    """Do what the agenda and the habits bring today."""
    life.follow_agenda(today)
    if life.habit:
        season = today.season
        if today.month in (7, 8):
            season *= life.script.persona.summer
        chance = life.chance_by_weekday[today.weekday] * season * life.share
        if life.fading is not None:
            last, days = life.fading
            chance = chance * max(0, last - today.number) / days
        draw = life.dice.random()
        if draw < chance:
            money.own_day(life, today)
        elif draw < chance + life.contact * 0.35:
            money.login(life)
