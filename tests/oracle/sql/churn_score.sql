-- Churn score: the bank's own model says so; the latest score counts until the next. A score from
-- before the customer became one says nothing. It clears below a lower limit.
--
-- In: event, spell. Out: candidate (pass.sql).

create or replace temp table candidate as
with score as (
    select customer, happened as since, score::decimal(9, 6) as score,
           or_never(lead(happened) over (partition by customer order by happened, received))
               as until
    from event where type = 'customer.scored'
), ended as (
    select *, min(case when score < getvariable('churn_clear_below') then since end) over (
        partition by customer order by since
        rows between 1 following and unbounded following) as low_at
    from score where since < until
)
select ended.customer, spell, ended.since, ended.until,
       or_never(low_at) as clears
from ended join spell using (customer)
where score >= getvariable('churn_raise_at') and ended.since >= newcomer_since;
