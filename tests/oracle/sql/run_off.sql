-- Run-off: at a midnight, the thirty-day mean of the assets is a small part of its own peak, if
-- that was worth something. What the debts fell by since the peak was paid, and is not missed.
-- It clears at the first later midnight with enough of the old peak.
--
-- In: mean, spell, pause. Out: candidate (pass.sql).
-- Sums of thirty days are compared; but the peak that a reason remembers is a mean in whole units.
-- Of equal peaks the latest counts. Nothing is raised in a pause, nor at the midnight of its end.

create or replace temp table peak as
select customer, life, day, assets, owed,
       max(assets) over (partition by customer, life order by day
           rows between getvariable('run_off_days') preceding and 1 preceding) as peak
from mean;

create or replace temp table low as
with small as (
    select * from peak
    where peak >= 30 * getvariable('run_off_least')
      and assets * 100 <= getvariable('run_off_raise') * peak
), then_owed as (
    select small.customer, small.day, arg_max(peak.owed, peak.day) as owed
    from small join peak on peak.customer = small.customer and peak.assets = small.peak
        and peak.life is not distinct from small.life
        and peak.day < small.day and peak.day >= small.day - getvariable('run_off_days')::int
    group by all
)
select customer, small.day
from small join then_owed using (customer, day)
where (small.assets + greatest(then_owed.owed - small.owed, 0)) * 100
      <= getvariable('run_off_raise') * small.peak;

create or replace temp table standing as
select low.customer, low.day::timestamp as since, low.day::timestamp + interval 1 day as until
from low anti join pause on pause.customer = low.customer
    and low.day::timestamp >= pause.since
    and (isinf(pause.until) or low.day <= pause.until::date);

create or replace temp table candidate as
select customer, spell.spell, standing.since, standing.until,
       or_never((select min(later.day)::timestamp from peak as later
                 where later.customer = standing.customer and later.day > standing.since::date
                   and later.assets * 100
                       > getvariable('run_off_clear') * (peak.peak // 30) * 30)) as clears
from standing join peak using (customer) join spell using (customer)
where peak.day = standing.since::date
  and standing.since >= spell.since and standing.since < spell.until;
