-- Which accounts and products were in force when, and which of them are used every day.
--
-- In:  event. Out:
--   telling(customer, ref, product, word, happened, until, ends_at, first_told, was_begun)
--      word: begun, implied (a fact about an account never announced: in force), ended, undone
--      until: the next telling. A matured product ends when the grace for its renewal is over.
--      first_told: since when it is known. was_begun: it had been told to be in force before.
--   in_force(customer, ref, product, since, until)   what matured is in force no more
--   everyday(customer, since, until)                 some product used every day is in force

create or replace temp table telling as
with worded as (
    select customer, ref, happened, received, type, case
               when type in ('account.closed', 'product.matured') or status = 'closed' then 'ended'
               when type = 'account.opening-undone' then 'undone'
               when type in ('account.opened', 'account.reopened', 'account.snapshot',
                             'account.closing-undone', 'product.subscribed', 'product.renewed')
                   then 'begun'
               else 'implied' end as word
    from event where ref is not null and type <> 'transaction.reversed'
), told as (
    select * from worded
    qualify word <> 'implied'
        or row_number() over (partition by customer, ref order by happened, received) = 1
), not_taken_back as (
    -- A closing that was undone never was.
    select * from (
        select *, coalesce(lead(type) over in_order = 'account.closing-undone', false) as never_was
        from told window in_order as (partition by customer, ref order by happened, received)
    ) where not (never_was and word = 'ended')
), called as (
    select customer, ref, arg_min(product, (happened, received)) as product
    from event where product is not null and ref is not null group by customer, ref
)
select customer, ref, product, word, happened,
       or_never(lead(happened) over in_order) as until,
       case when type = 'product.matured' then days_after(happened, getvariable('maturity_grace'))
            when word = 'ended' then happened end as ends_at,
       coalesce(min(case when word <> 'implied' then happened end) over in_order, happened)
           as first_told,
       coalesce(bool_or(word = 'begun') over (
           partition by customer, ref order by happened, received
           rows between unbounded preceding and 1 preceding), false) as was_begun
from not_taken_back left join called using (customer, ref)
window in_order as (partition by customer, ref order by happened, received);

create or replace temp table in_force as
select customer, ref, product, happened as since, until, first_told
from telling where word in ('begun', 'implied') and happened < until;

create or replace macro is_contractual(product) as
    coalesce(list_contains(getvariable('contractual'), product), false);

-- Everything used every day is one family, every contractual product one of its own.
create or replace macro family_of(product) as
    case when is_contractual(product) then product else 'everyday' end;

create or replace temp table everyday_part as
select customer, since, until from in_force where not is_contractual(product);

create or replace temp table everyday as from merged('everyday_part');
