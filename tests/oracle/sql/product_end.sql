-- Product end: a deposit or fund matured and was not renewed within the grace, or the last product
-- of a family that counts was ended, while others remain. Anything begun since then replaces it.
-- It clears when nothing is missed any more, or has worn off N days after the last that is.
--
-- In: telling, in_force, spell, pause, free. Out: candidate (pass.sql).
-- What ended before the customer became one is history. What ends in a pause is raised after it.

create or replace temp table moment as
select customer, since, or_never(lead(since) over (partition by customer order by since)) as until
from (select customer, happened as since from telling
      union select customer, ends_at from telling where ends_at is not null);

create or replace temp table missed as
with held as (
    -- What is in force in each stretch: its families.
    select moment.customer, moment.since, list(distinct family_of(product)) as families
    from moment join in_force on in_force.customer = moment.customer
        and in_force.since <= moment.since and in_force.until > moment.since
    group by all
), begun as (
    -- When the newest that ever was was first told of: replaced once is replaced.
    select moment.customer, moment.since, max(first_told) as newest
    from moment join telling on telling.customer = moment.customer
        and telling.happened <= moment.since and telling.until > moment.since
    where word <> 'undone' group by all
)
select moment.customer, moment.since, moment.until, gone.ends_at
from moment join held using (customer, since) join begun using (customer, since)
    join telling as gone
    on gone.customer = moment.customer
    and gone.happened <= moment.since and gone.until > moment.since
where gone.word = 'ended' and gone.was_begun and begun.newest < gone.happened
  and ((gone.ends_at > gone.happened and list_contains(getvariable('end_matured'), gone.product))
       or (list_contains(getvariable('end_last_of_family'), coalesce(gone.product, 'card'))
           and not list_contains(held.families, family_of(gone.product))));

create or replace temp table candidate as
with state as (
    select moment.customer, moment.since, moment.until, max(missed.ends_at) as last_end
    from moment left join missed using (customer, since) group by all
), ended as (
    select *, days_after(last_end, getvariable('end_wears_off')) as worn_off_at from state
), over as (
    select customer, since, until,
           case when last_end is null then since
                when worn_off_at < until then greatest(since, worn_off_at)
                else timestamp 'infinity' end as over_at
    from ended
), allowed as (
    -- In a pause only what had ended before it.
    select customer, since, until, timestamp 'infinity' as ended_by from free
    union all
    select customer, since, until, since from pause
), clear as (
    select customer, since, until, over_at, min(over_at) over (
        partition by customer order by since
        rows between current row and unbounded following) as clears
    from over
)
select missed.customer, spell, greatest(missed.since, missed.ends_at, allowed.since) as since,
       least(missed.until, clear.over_at, allowed.until) as until, clear.clears
from missed join clear using (customer, since) join spell using (customer)
    join allowed on allowed.customer = missed.customer and missed.ends_at <= allowed.ended_by
where missed.ends_at >= newcomer_since;
