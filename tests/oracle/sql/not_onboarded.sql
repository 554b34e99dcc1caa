-- Not onboarded: the window since becoming new is over without activation (activation.sql); for
-- whoever has a product used every day. It clears with the activation.
--
-- In: activation, spell, everyday, free, clock. Out: candidate (pass.sql).

create or replace temp table candidate as
with due as (
    select spell.customer, spell.spell, or_never(activation.happened) as activated_at,
           over_at(newcomer_since, getvariable('onboarding_window'), a.day, b.day) as due_at
    from spell join activation using (customer, spell)
        left join clock as a on a.customer = spell.customer and a.day = newcomer_since::date
        left join clock as b on b.customer = spell.customer and b.counts
            and b.n = a.n + getvariable('onboarding_window') + 1
)
select due.customer, due.spell, greatest(due_at, everyday.since, free.since) as since,
       least(activated_at, everyday.until, free.until) as until, activated_at as clears
from due join everyday using (customer) join free using (customer)
where due_at is not null;
