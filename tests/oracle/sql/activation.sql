-- When the activation rule was met, for whoever became new: the reason for not_onboarded to end.
--
-- In:  spell, own_day, mean, in_force. Out: activation(customer, spell, happened)   at null: never
-- Own activity days count from the day on which the customer became new; assets at the midnights
-- after it; families as soon as they are held together.

create or replace temp table activation as
with newcomer as (
    select spell.customer, spell.spell, spell.since, spell.until, spell.newcomer_since
    from spell join (select customer, happened, any_value(kind) as kind from stage_change
                     where to_stage = 'new' group by all) as become
        on become.customer = spell.customer and become.happened = spell.since
), first_days as (
    -- Some more than it takes, as some may be taken back.
    select n.customer, n.spell, d.first_at, d.undone_at
    from newcomer as n join own_day as d on d.customer = n.customer
        and d.day >= n.newcomer_since::date and d.first_at < n.until
    qualify row_number() over (partition by n.customer, n.spell order by d.day)
        <= getvariable('activation_days') + 10
), day_count as (
    -- How many own days stood, at each moment that may have brought one more.
    select d.customer, d.spell, d.first_at as happened, count(*) as days
    from first_days as d join first_days as e using (customer, spell)
    where e.first_at <= d.first_at and e.undone_at > d.first_at
    group by all
), family as (
    select customer, family_of(product) as family, since, until from in_force
), held as (
    select n.customer, n.spell, moment.since as happened, count(distinct f.family) as families
    from newcomer as n join family as moment on moment.customer = n.customer
        join family as f on f.customer = n.customer and f.since <= moment.since
            and f.until > moment.since
    where moment.since < n.until
    group by all
), met as (
    select customer, spell, happened from day_count where days >= getvariable('activation_days')
    union all
    select customer, spell, happened from held where families >= getvariable('activation_families')
    union all
    select n.customer, n.spell, mean.day::timestamp
    from newcomer as n join mean using (customer)
    where mean.day > n.newcomer_since::date and mean.day::timestamp < n.until
      and mean.assets >= 30 * getvariable('activation_assets')
)
select customer, spell,
       min(case when met.happened is not null then greatest(met.happened, since) end) as happened
from newcomer left join met using (customer, spell)
group by all;
