-- The raw feed as one table of events, and what a bank day is.
--
-- In:  variables feed (a file of JSON Lines), zone, and every number of the policy (numbers.py).
-- Out: event, one row per fact that concerns its customer as owner or joint owner (who only may
--      use an account, or guards its owner, is no customer by that). `happened` is bank time, so
--      happened::date is the bank day; facts of one instant are in the order of their receipt.
--      A moment that never comes is infinity.
--
-- A span of N days that is counted from day d is over at the midnight that begins d + N + 1.

create or replace macro or_never(happened) as coalesce(happened, timestamp 'infinity');

create or replace macro days_after(happened, n) as (happened::date + (n + 1)::int)::timestamp;

create or replace temp table event as
select customer_id as customer, type,
       timezone(getvariable('zone'), occurred_at::timestamptz) as happened,
       coalesce(received_at, occurred_at)::timestamptz as received,
       coalesce(account_ref, product_ref) as ref,
       case when type = 'loan.arrears-changed' then 'loan' else product_type end as product,
       status, opened_on, as_of, until, last_customer_activity, posting_id, original_posting_id,
       initiator, acting_party, direction, purpose, counterparty_kind,
       coalesce(amount, balance) as amount, currency, coalesce(owners, 1) as owners,
       feedback_id, kind, score
from read_ndjson(getvariable('feed'), columns = {
    customer_id: 'varchar', type: 'varchar', occurred_at: 'varchar', received_at: 'varchar',
    role: 'varchar', account_ref: 'varchar', product_ref: 'varchar', product_type: 'varchar',
    status: 'varchar', opened_on: 'date', as_of: 'date', until: 'date',
    last_customer_activity: 'varchar', posting_id: 'varchar', original_posting_id: 'varchar',
    initiator: 'varchar', acting_party: 'varchar', direction: 'varchar', purpose: 'varchar',
    counterparty_kind: 'varchar', amount: 'decimal(24, 4)', balance: 'decimal(24, 4)',
    currency: 'varchar', owners: 'int', feedback_id: 'varchar', kind: 'varchar', score: 'varchar'})
where customer_id is not null
  and coalesce(role, 'owner') in ('owner', 'joint')
  and (type <> 'transaction.posted' or coalesce(status, 'posted') = 'posted');

-- Intervals [since, until) of each customer that overlap or touch, made into one.
create or replace macro merged(intervals) as table
select customer, min(since) as since, max(until) as until
from (select *, sum(apart) over (partition by customer order by since, until) as island
      from (select *, coalesce(since > max(until) over (
                         partition by customer order by since, until
                         rows between unbounded preceding and 1 preceding), true)::int as apart
            from query_table(intervals) where since < until))
group by customer, island;
