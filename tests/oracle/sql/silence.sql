-- Silence: N full days without a sign of life of any kind, for whoever has a product used every
-- day. It clears with the second of two own activity days, both since it was raised and near
-- enough to each other (or with the first, if one is enough).
--
-- In: sign, own_day, spell, everyday, free, clock. Out: candidate (pass.sql).
-- A reversal takes a sign of life back: what is overdue by that is raised at the reversal.

create or replace temp table candidate as
with moment as (
    select customer, known_at as since from sign
    union select customer, undone_at from sign where not isinf(undone_at)
), firm as (
    select customer, known_at as since, max(happened) as sign
    from sign where isinf(undone_at) group by all
), known as (
    -- The last sign that stands, at every moment at which that may have changed.
    select customer, since, max(sign) over (partition by customer order by since) as firm_sign
    from moment left join firm using (customer, since)
), undone as (
    select known.customer, known.since, max(sign.happened) as sign
    from known join sign on sign.customer = known.customer and not isinf(sign.undone_at)
        and known.since >= sign.known_at and known.since < sign.undone_at
    group by all
), stretch as (
    select customer, since, greatest(firm_sign, undone.sign) as sign,
           or_never(lead(since) over (partition by customer order by since)) as until
    from known left join undone using (customer, since)
), in_spell as (
    select spell.customer, spell.spell, greatest(spell.counted_from, stretch.sign) as counted_from,
           greatest(spell.since, stretch.since) as since, least(spell.until, stretch.until) as until
    from spell join (
        from stretch union all by name
        select customer, timestamp '-infinity' as since, null as sign,
               min(since) as until from stretch group by customer
        union all by name
        select distinct customer, timestamp '-infinity' as since, null as sign,
               timestamp 'infinity' as until from spell anti join stretch using (customer)
    ) as stretch using (customer)
    where stretch.since < spell.until and stretch.until > spell.since
), due as (
    select in_spell.*,
           over_at(counted_from, getvariable('silence_after'), a.day, b.day) as due_at
    from in_spell
        left join clock as a on a.customer = in_spell.customer and a.day = counted_from::date
        left join clock as b on b.customer = in_spell.customer and b.counts
            and b.n = a.n + getvariable('silence_after') + 1
), silent as (
    select due.customer, spell, greatest(due_at, due.since, everyday.since, free.since) as since,
           least(due.until, everyday.until, free.until) as until
    from due join everyday using (customer) join free using (customer)
    where due_at is not null
), own as (
    select customer, day, first_at,
           case when getvariable('silence_clears_after_days') = 1 then day
                else greatest(
                    max(case when isinf(undone_at) then day end) over (
                        partition by customer order by day
                        rows between unbounded preceding and 1 preceding),
                    (select max(day) from own_day as before
                     where before.customer = own_day.customer and not isinf(before.undone_at)
                       and before.day < own_day.day and before.undone_at > own_day.first_at))
           end as day_before
    from own_day
)
select silent.customer, spell, since, until,
       or_never((
           select min(first_at) from own
           where own.customer = silent.customer and own.first_at >= silent.since
             and own.day_before >= silent.since::date
             and own.day - own.day_before <= getvariable('silence_clears_within_days')
       )) as clears
from silent where since < until;
