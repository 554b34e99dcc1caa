-- When the rules apply: from becoming a customer until leaving.
--
-- In:  stage_change(customer, n, happened, from_stage, to_stage, kind), as the product published
--      them (other tests hold those against rules of their own), and event. Out:
--   spell(customer, spell, since, until, newcomer_since, counted_from)
--      newcomer_since: when they last became new. Of whom the bank introduces as its own, when
--      the account was opened; if nobody said when, long ago.
--      counted_from: before it nobody could be silent: newly come, or not yet seen.
--   gap(customer, since, until)   lost by what the core took back: no end of a spell, but nothing
--      was decided meanwhile
--   life(customer, since)         the days on which somebody became new, which forgets the past

create or replace temp table entered as
select *, lead(happened) over in_order as next_at, lead(to_stage) over in_order as next_stage,
       coalesce(lag(to_stage) over in_order, 'none') not in ('new', 'active', 'at_risk')
           and to_stage in ('new', 'active', 'at_risk') as enters,
       kind = 'corrected' and coalesce(lag(to_stage) over in_order = 'lost', false) as goes_on,
       lag(happened) over in_order as before_at,
       first_value(happened) over in_order as first_seen
from stage_change window in_order as (partition by customer order by n);

create or replace temp table gap as
select customer, before_at as since, happened as until from entered where enters and goes_on;

create or replace temp table spell as
with introduced as (
    select customer, first(coalesce(opened_on::timestamp, told_at)
                           order by happened, received) as opened_at
    from (select *, case when type in ('account.opened', 'product.subscribed')
                         then happened end as told_at
          from event where ref is not null)
    group by customer
), present as (
    select *, sum((enters and not goes_on)::int) over (partition by customer order by n) as spell
    from entered
), spells as (
    select customer, spell, min(happened) as since, any_value(first_seen) as first_seen,
           arg_min(kind, n) as kind, arg_min(to_stage, n) as stage,
           arg_max(case when next_stage in ('lost', 'potential') then next_at
                        else timestamp 'infinity' end, n) as until
    from present where to_stage in ('new', 'active', 'at_risk') group by customer, spell
), named as (
    select *, case when kind = 'adopted' then coalesce(opened_at, '1970-01-01')
                   when stage = 'new' then since end as named_since
    from spells left join introduced using (customer)
)
select customer, spell, since, until,
       last_value(named_since ignore nulls) over in_order as newcomer_since,
       greatest(last_value(named_since ignore nulls) over in_order, first_seen) as counted_from
from named window in_order as (partition by customer order by spell);

create or replace temp table life as
select distinct customer, since::date as since from spell where newcomer_since = since;
