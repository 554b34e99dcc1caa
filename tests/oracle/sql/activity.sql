-- What the customer did.
--
-- In:  event, minor. Out:
--   own_posting(customer, happened, undone_at, ...)    undone_at: when a reversal took it back
--   own_day(customer, day, first_at, last_at, undone_at)
--      undone_at: when the last posting of that day was taken back; infinity: never
--   sign(customer, known_at, happened, undone_at)            signs of life of any kind

create or replace temp table by_customer as
select e.*
from event as e left join minor on minor.customer = e.customer
    and e.happened >= minor.since and e.happened < minor.until
where e.type = 'transaction.posted' and e.initiator in ('customer', 'unknown')
  and (e.acting_party = e.customer or (e.acting_party is null and minor.customer is null));

create or replace temp table own_posting as
select p.*, or_never(undone.happened) as undone_at
from by_customer as p left join (
    select customer, original_posting_id as posting_id, min(happened) as happened
    from event where type = 'transaction.reversed' group by all) as undone
    using (customer, posting_id)
where p.initiator = 'customer';

create or replace temp table own_day as
select customer, happened::date as day, min(happened) as first_at, max(happened) as last_at,
       max(undone_at) as undone_at
from own_posting group by all;

create or replace temp table sign as
select customer, happened as known_at, happened, undone_at from own_posting
union all
select customer, happened, happened, timestamp 'infinity'
from by_customer where initiator = 'unknown'
union all
select customer, happened, happened, timestamp 'infinity'
from event where type = 'customer.interacted'
union all
select customer, happened,
       least(happened, timezone(getvariable('zone'), last_customer_activity::timestamptz)),
       timestamp 'infinity'
from event where type = 'account.snapshot' and last_customer_activity is not null;
