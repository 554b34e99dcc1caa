-- Payroll lost: a salary came in so many calendar months running, and then none for N full days.
-- It clears with the next salary, or when the payroll's end is told. After that the months begin
-- anew, with the month that follows.
--
-- In: event, spell, free, clock. Out: candidate (pass.sql).

create or replace temp table candidate as
with told as (
    select customer, happened, received, type = 'payroll.ended' as is_end,
           (year(happened) * 12 + month(happened))::int as month
    from event
    where type = 'payroll.ended'
       or (type = 'transaction.posted' and purpose = 'salary' and direction = 'credit'
           and initiator in ('bank', 'standing', 'third_party'))
), month as (
    select distinct customer, month from told where not is_end
), running as (
    select customer, month, 1 + month - min(month) over (partition by customer, island) as running
    from (select *, month - row_number() over (partition by customer order by month) as island
          from month)
), state as (
    select customer, happened, is_end,
           or_never(lead(happened) over in_order) as next_at,
           least(running, coalesce(month - max(case when is_end then month end) over in_order,
                                   running)) as running,
           coalesce(happened::date = max(case when is_end then happened::date end) over in_order,
                    false)
               as ended_today
    from told left join running using (customer, month)
    window in_order as (partition by customer order by happened, received)
), due as (
    select spell.customer, spell.spell, next_at,
           over_at(greatest(happened::date::timestamp, newcomer_since),
                   getvariable('payroll_none_for'), a.day, b.day) as due_at
    from state join spell using (customer)
        left join clock as a on a.customer = spell.customer
            and a.day = greatest(happened::date::timestamp, newcomer_since)::date
        left join clock as b on b.customer = spell.customer and b.counts
            and b.n = a.n + getvariable('payroll_none_for') + 1
    where not is_end and not ended_today and running >= getvariable('payroll_months')
)
select due.customer, due.spell, greatest(due_at, free.since) as since,
       least(next_at, free.until) as until, next_at as clears
from due join free using (customer)
where due_at is not null;
