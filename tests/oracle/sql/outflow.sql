-- Outflow: what the customer moved to other banks within N days reaches a share of the mean of
-- the assets before the last of those transfers. It clears N full days after the last transfer.
--
-- In: own_posting, mean, spell. Out: candidate (pass.sql).
-- Only transfers of some size are told of, and only those of this life. One that is reversed
-- counts no more from then on.

create or replace temp table candidate as
with transfer as (
    select customer, spell, happened, happened::date as day, trunc(amount)::bigint as amount,
           undone_at
    from own_posting join spell using (customer)
    where direction = 'debit' and counterparty_kind = 'other_bank'
      and currency = getvariable('currency')
      and trunc(amount) >= getvariable('outflow_transfer')
      and happened >= newcomer_since and happened < spell.until
), moment as (
    select customer, spell, happened as since from transfer
    union select customer, spell, undone_at from transfer where not isinf(undone_at)
), stretch as (
    select *, or_never(lead(since) over (partition by customer, spell order by since)) as until
    from moment
), known as (
    select m.customer, m.spell, m.since, m.until, max(t.day) as day
    from stretch as m left join transfer as t on t.customer = m.customer and t.spell = m.spell
        and t.happened <= m.since and t.undone_at > m.since
    group by all
), moved as (
    select k.*, sum(t.amount) as amount, days_after(k.day, getvariable('outflow_within')) as over_at
    from known as k left join transfer as t on t.customer = k.customer and t.spell = k.spell
        and t.happened <= k.since and t.undone_at > k.since
        and t.day >= k.day - getvariable('outflow_within')::int
    group by all
), standing as (
    select *, min(case when day is null then since
                       when over_at < until then greatest(since, over_at) end) over (
        partition by customer, spell order by since
        rows between current row and unbounded following) as clears
    from moved
)
select s.customer, spell, s.since, least(s.until, over_at) as until,
       or_never(clears) as clears
from standing as s join mean on mean.customer = s.customer and mean.day = s.day
where mean.assets // 30 >= getvariable('outflow_assets')
  and amount * 100 >= getvariable('outflow_percent') * (mean.assets // 30);
