"""People: a script becomes a life, and a life is lived day by day."""

from __future__ import annotations

from datetime import date
from functools import partial

from operate.simulate import contracts, dealings, money, voice
from operate.simulate.almanac import DAY, Day
from operate.simulate.casting import cast
from operate.simulate.dice import Dice
from operate.simulate.life import Life, Told
from operate.simulate.script import Absence, office_hours

_LOOK_BACK = 12
"""How many customer numbers below their own a referrer looks for somebody who came."""


def be_born(seed: int, number: int, start: date) -> Life:
    """Customer `number` with everything on the agenda that the script knows of."""
    script = cast(seed, number)
    life = Life(script, Dice(seed, number, "days"))
    money.draw_routine(life)
    _enter(life, start)
    for absence in script.absences:
        _plan_absence(life, absence)
    for moment in script.own_days:
        life.plan(moment, money.step)
    for complaint in script.complaints:
        life.plan(complaint.at, partial(voice.complain, complaint))
    for moment, rating in script.ratings:
        life.plan(moment, partial(voice.rate, rating))
    for contract in script.contracts:
        if contract.at >= 0:
            life.plan(contract.at, partial(contracts.subscribe, contract))
    if script.changes_employer is not None:
        life.plan(script.changes_employer + 40_000, voice.change_employer)
    if script.dies is not None:
        life.plan(script.dies, dealings.die)
    if script.persona.logins >= 0.3 and life.dice.chance(0.04):
        _plan_referral(seed, life)
    return life


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
        if script.heard is not None and day_before > script.heard // DAY and dice.chance(0.6):
            life.plan(office_hours(dice, day_before), voice.apply)
        life.plan(script.opens, dealings.open_account)
        return
    first_night = dice.between(60, 1_700)
    if script.entry == "unannounced":
        life.plan(first_night, dealings.appear)
    else:
        life.plan(first_night, partial(dealings.introduce, start))


def _plan_absence(life: Life, absence: Absence) -> None:
    if absence.at >= 0 and absence.how != "died":
        if absence.fade:
            fading = max(0, absence.at // DAY - absence.fade) * DAY
            life.plan(fading, dealings.begin_fading)
        if absence.drains and absence.how == "silent":
            farewell = office_hours(life.dice, absence.at // DAY - 1)
            life.plan(farewell, dealings.say_farewell)
        life.plan(absence.at, dealings.leave)
    if absence.back is not None:
        life.plan(absence.back, dealings.come_back)


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
    life.follow_agenda(today)
    if life.habit:
        season = today.season
        if today.month in (7, 8):
            season *= life.script.persona.summer
        chance = life.chance_by_weekday[today.weekday] * season
        if life.fading is not None:
            last, days = life.fading
            chance = chance * max(0, last - today.number) / days
        draw = life.dice.random()
        if draw < chance:
            money.own_day(life, today)
        elif draw < chance + life.contact * 0.35:
            money.login(life)
    return life.end_day(today)
