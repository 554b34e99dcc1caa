-- Assets and debts day by day: of each holding the last report, carried forward over a grid.
--
-- In:  event, telling, life. Out:
--   mean(customer, life, day, assets, owed)   for the midnight that begins `day`: the sums of the
--      thirty days before it; a mean is a thirtieth of that. Whoever becomes new has what they have
--      since that day: no earlier one counts.
-- Amounts are this customer's equal share, in whole units.

create or replace macro side_of(product) as
    case when product is null or list_contains(getvariable('asset_products'), product)
             then 'assets'
         when is_contractual(product) then 'owed' end;

create or replace temp table report as
with told as (
    select e.customer, e.ref, e.happened, e.received,
           coalesce(e.product, t.product) as product,
           case when e.type = 'balance.reported' then e.as_of
                when e.type = 'account.snapshot' and lag(e.ref) over in_order is null
                    -- It has been there for as long as a mean looks back, and no longer than open.
                    then least(e.happened::date, greatest(e.happened::date - 30, e.opened_on))
                else e.happened::date end as day,
           trunc(e.amount / e.owners)::bigint as amount
    from event as e left join (select distinct customer, ref, product from telling) as t
        using (customer, ref)
    where e.ref is not null and e.amount is not null
      and e.currency = getvariable('currency') and coalesce(e.status, '') <> 'closed'
      and e.type in ('balance.reported', 'product.subscribed', 'account.snapshot')
    window in_order as (partition by e.customer, e.ref order by e.happened, e.received)
), sided as (
    select customer, ref, happened, received, day, side_of(product) as side,
           case side_of(product) when 'owed' then abs(amount) else greatest(amount, 0) end
               as amount
    from told where side_of(product) is not null
), ended as (
    select customer, ref, happened, happened::date as day, 0 as amount, false as goes_on
    from telling where word in ('ended', 'undone')
    union all
    select customer, ref, happened, happened::date, null, true
    from event where type = 'product.renewed'
), of_a_holding as (
    select e.*, s.side from ended as e
        join (select distinct customer, ref, side from sided) as s using (customer, ref)
), all_told as (
    select customer, ref, side, happened, received, day, amount, false as goes_on from sided
    union all
    select customer, ref, side, happened, null, day, amount, goes_on from of_a_holding
)
select customer, ref, side, day, happened, received,
       case when goes_on then last_value(nullif(amount, 0) ignore nulls) over (
           partition by customer, ref, side order by happened, received nulls last
           rows between unbounded preceding and 1 preceding) else amount end as amount
from all_told;

create or replace temp table holding_day as
select customer, ref, side, day, arg_max(amount, (happened, coalesce(received, timestamptz 'infinity'))) as amount
from report where amount is not null group by customer, ref, side, day;

create or replace temp table total as
select customer, day, sum(sum(case side when 'assets' then step end)) over in_order as assets,
       sum(sum(case side when 'owed' then step end)) over in_order as owed
from (select *, amount - coalesce(lag(amount) over (
                  partition by customer, ref, side order by day), 0) as step
      from holding_day)
group by customer, day
window in_order as (partition by customer order by day);

create or replace temp table mean as
with grid as (
    select customer,
           unnest(generate_series(first_day, getvariable('horizon'), interval 1 day))::date as day
    from (select customer, min(day) as first_day from total group by customer)
), carried as (
    select grid.customer, grid.day, life.since as life, total.assets, total.owed
    from grid asof left join total
            on grid.customer = total.customer and grid.day >= total.day
        asof left join life on grid.customer = life.customer and grid.day >= life.since
)
select customer, life, day,
       coalesce(sum(assets) over thirty_days, 0)::bigint as assets,
       coalesce(sum(owed) over thirty_days, 0)::bigint as owed
from carried
window thirty_days as (partition by customer, life order by day
                       rows between 30 preceding and 1 preceding);
