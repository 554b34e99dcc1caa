-- One reason after the other: which candidates of a rule are raised, and when they clear.
--
-- In:  candidate(customer, spell, since, until, clears), spell, gap, clock. A candidate could be
--      raised at any moment of [since, until), and would then be over at `clears`.
-- Out: reason(customer, raised_at, cleared_at)   cleared_at null: not within the feed
--
-- A reason that cleared is quiet for some days, of which those of a pause do not count. What would
-- be over by the time it could be raised is not raised. Whatever stands open is over when the
-- customer leaves.

create or replace temp table reason as
with recursive clipped as materialized (
    select c.customer, c.spell, greatest(c.since, s.since, late.until) as since,
           least(c.until, s.until) as until,
           least(greatest(c.clears, ends_late.until), s.until) as clears
    from candidate as c join spell as s using (customer, spell)
        left join gap as late on late.customer = c.customer
            and c.since >= late.since and c.since < late.until
        left join gap as ends_late on ends_late.customer = c.customer
            and c.clears >= ends_late.since and c.clears < ends_late.until
    where c.since < s.until and c.until > s.since and c.since < c.until
      and c.since <= getvariable('horizon')
), told as (
    select customer, spell, since as earliest, null::timestamp as raised_at,
           null::timestamp as clears
    from spell
    union all
    select chosen.customer, spell,
           case when isinf(chosen.found.clears) then timestamp 'infinity'
                else or_never(over_at(chosen.found.clears, getvariable('quiet_period'),
                                      a.day, b.day)) end,
           chosen.found.raised_at, chosen.found.clears
    from (select t.customer, t.spell,
                 min({raised_at: greatest(c.since, t.earliest), clears: c.clears}) as found
          from told as t join clipped as c using (customer, spell)
          where c.until > t.earliest and c.clears > greatest(c.since, t.earliest)
            and greatest(c.since, t.earliest) <= getvariable('horizon')
          group by t.customer, t.spell) as chosen
        left join clock as a
            on a.customer = chosen.customer and a.day = chosen.found.clears::date
        left join clock as b on b.customer = chosen.customer and b.counts
            and b.n = a.n + getvariable('quiet_period') + 1
)
select customer, raised_at,
       case when clears <= getvariable('horizon') then clears end as cleared_at
from told where raised_at is not null;
