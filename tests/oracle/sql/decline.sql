-- Decline: at a midnight, the own activity days of the last P are few against the mean per P of
-- the own days before them; for whoever came often enough, and has a product used every day. It
-- clears as soon as the share is good again: with the own day that brings it, at the first act of
-- that day, or at the midnight that takes enough of the old habit away.
--
-- In: own_day, life, spell, everyday, pause. Out: candidate (pass.sql).
-- Nothing is raised in a pause, nor before so many days have been lived freely after it.
-- A day whose postings were all taken back counts at the midnights before that.
-- Habits of an earlier life say nothing: the days count from the one on which they became new.

-- The days that were all taken back, at each midnight that they may have counted at.
create or replace temp table undone as
select *, day - own_day <= getvariable('decline_days') as is_recent
from (select customer, day as own_day, undone_at,
             unnest(generate_series(day + 1, undone_at::date + 1, interval 1 day))::date as day
      from own_day where not isinf(undone_at));

create or replace temp table habit as
with grid as (
    select customer, unnest(generate_series(first_day + 1, getvariable('horizon'),
                                            interval 1 day))::date as day
    from (select customer, min(day) as first_day from own_day group by customer
          having count(*) >= getvariable('decline_usual') * getvariable('decline_periods'))
), counted as (
    select grid.customer, grid.day, life.since as life, (own_day.day is not null)::int as came
    from grid asof left join life on life.customer = grid.customer and life.since < grid.day
        left join own_day on own_day.customer = grid.customer and own_day.day = grid.day - 1
            and isinf(own_day.undone_at)
), also as (
    select customer, day, count(*) filter (is_recent) as recent,
           count(*) filter (not is_recent) as before
    from undone where undone_at > day::timestamp group by all
)
select customer, day, lived.recent as firm_recent, lived.before as firm_before,
       lived.recent + coalesce(also.recent, 0) as recent,
       lived.before + coalesce(also.before, 0) as before
from (
    select customer, day,
           sum(came) over (partition by customer, life order by day
               rows between getvariable('decline_days') - 1 preceding and current row)
               as recent,
           coalesce(sum(came) over (partition by customer, life order by day
               rows between getvariable('decline_days') * (getvariable('decline_periods') + 1) - 1
                   preceding and getvariable('decline_days') preceding), 0) as before
    from counted
) as lived left join also using (customer, day);

create or replace macro is_low(recent, before) as
    before >= getvariable('decline_usual') * getvariable('decline_periods')
    and recent * getvariable('decline_periods') * 100 <= getvariable('decline_raise') * before;

create or replace macro is_back(recent, before) as
    recent * getvariable('decline_periods') * 100 > getvariable('decline_clear') * before;

create or replace temp table low as
select customer, day, day::timestamp as since,
       least(day::timestamp + interval 1 day, or_never(own_day.first_at)) as until
from habit left join own_day using (customer, day)
where is_low(recent, before)
union all
-- Few only since a reversal: overdue, if there was no other own day since.
select undone.customer, undone.undone_at::date, undone.undone_at,
       undone.undone_at::date::timestamp + interval 1 day
from own_day as undone join habit using (customer)
where not isinf(undone.undone_at)
  and habit.day > undone.day and habit.day <= undone.undone_at::date
  and is_low(habit.firm_recent, habit.firm_before) and not is_low(habit.recent, habit.before)
  and not exists (select 1 from own_day as later where later.customer = undone.customer
                  and later.day >= habit.day and later.first_at < undone.undone_at
                  and later.undone_at > undone.undone_at);

create or replace temp table back as
with looked_at as (
    -- With what stood when the day's first act made it one, or at the midnight.
    select habit.customer, habit.day, firm_recent, firm_before,
           coalesce(own_day.first_at, habit.day::timestamp) as happened
    from habit left join own_day
        on own_day.customer = habit.customer and own_day.day = habit.day - 1
    where habit.customer in (select customer from low)
), also as (
    select customer, day, count(*) filter (is_recent) as recent,
           count(*) filter (not is_recent) as before
    from looked_at join undone using (customer, day) where undone_at > happened group by all
)
select customer, happened
from looked_at left join also using (customer, day) join everyday using (customer)
where is_back(firm_recent + coalesce(also.recent, 0), firm_before + coalesce(also.before, 0))
  and happened >= everyday.since and happened < everyday.until;

create or replace temp table candidate as
with standing as (
    select low.customer, spell, greatest(low.since, everyday.since) as since,
           least(low.until, everyday.until) as until
    from low join spell using (customer) join everyday using (customer)
    where low.since >= spell.since and low.since < spell.until
      and not exists (
          select 1 from pause where pause.customer = low.customer and pause.since <= low.since
          and (isinf(pause.until)
               or low.day < pause.until::date + getvariable('decline_days')::int + 1))
)
select standing.customer, spell, since, until, or_never(back.happened) as clears
from standing asof left join back
    on back.customer = standing.customer and back.happened > standing.since
where since < until;
