-- While a customer cannot act no deadline runs: on hold, not of age, or every account stopped.
--
-- In:  event, in_force, stage_change (for the last day anybody looks at). Out:
--   minor(customer, since, until)
--   pause(customer, since, until)    free(customer, since, until), the time between them
--   clock(customer, day, counts, n)  see below
--
-- Deadlines are put off by the whole bank days of a pause. On a grid of days: the days after a
-- pause's first, up to its last, do not count; N days from day d are over with the (N + 1)st day
-- that does. `clock` counts the days of everybody who ever paused.

create or replace temp table minor as
select customer, happened as since, least(until::timestamp, next_at) as until
from (select customer, happened, until,
             or_never(lead(happened) over (partition by customer order by happened, received))
                 as next_at
      from event where type = 'customer.status-changed' and status = 'minor')
where happened < until::timestamp;

create or replace temp table flag as
select customer, ref, coalesce(status, 'active') as status, happened as since,
       or_never(lead(happened) over (partition by customer, ref order by happened, received))
           as until
from event
where (type in ('account.status-changed', 'account.snapshot') and status <> 'closed')
   -- What is told to be in force anew is flagged no more.
   or type in ('account.opened', 'account.reopened', 'product.subscribed', 'product.renewed');

create or replace temp table stopped_account as
select f.customer, greatest(f.since, i.since) as since, least(f.until, i.until) as until
from flag as f join in_force as i using (customer, ref)
where f.status in ('frozen', 'blocked') and f.since < i.until and i.since < f.until;

create or replace temp table pause_part as
with held as (
    select customer, status, happened as since,
           or_never(lead(happened) over (partition by customer order by happened, received))
               as until
    from event where type = 'customer.status-changed' and status in ('hold', 'hold_lifted')
), step as (
    select customer, since as happened, 0 as accounts, 1 as stopped from stopped_account
    union all select customer, until, 0, -1 from stopped_account
    union all select customer, since, 1, 0 from in_force semi join stopped_account using (customer)
    union all select customer, until, -1, 0 from in_force semi join stopped_account using (customer)
), level as (
    select customer, happened as since,
           or_never(lead(happened) over (partition by customer order by happened)) as until,
           sum(sum(accounts)) over (partition by customer order by happened) as accounts,
           sum(sum(stopped)) over (partition by customer order by happened) as stopped
    from step group by customer, happened
)
select customer, since, until from held where status = 'hold'
union all select customer, since, until from minor
union all select customer, since, until from level where accounts > 0 and stopped = accounts;

create or replace temp table pause as from merged('pause_part');

create or replace temp table free as
with between_pauses as (
    select customer, since as paused_at, until as since,
           or_never(lead(since) over (partition by customer order by since)) as until
    from pause
    union all
    select customer, null, timestamp '-infinity', min(since) from pause group by customer
)
select customer, since, until from between_pauses where since < until
union all
select distinct customer, timestamp '-infinity', timestamp 'infinity'
from stage_change anti join pause using (customer);

create or replace temp table clock as
with day as (
    select customer, day::date as day
    from (select distinct customer from pause),
         generate_series(getvariable('first_day')::timestamp - interval 500 day,
                         getvariable('horizon'), interval 1 day) as days(day)
), counted as (
    select day.customer, day.day,
           not exists (select 1 from pause where pause.customer = day.customer
                       and day.day > pause.since::date
                       and day.day <= case when isinf(pause.until) then date '9999-01-01'
                                           else pause.until::date end) as counts
    from day
)
select customer, day, counts,
       sum(counts::int) over (partition by customer order by day) as n
from counted;

-- The midnight at which so many full days, counted from an instant, are over; null: not in sight.
-- To be used as: from x left join clock as a on a.customer = x.customer and a.day = since::date
--                  left join clock as b on b.customer = x.customer and b.counts and b.n = a.n + ...
create or replace macro over_at(since, span, clock_known, clock_day) as
    case when clock_known is null then days_after(since, span) else clock_day::timestamp end;
