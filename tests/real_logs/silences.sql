-- The silences of a log, worked out without Tenure: the oracle of tests/real_logs.
--
-- In, from the raw files:   opened(customer, day)    when each customer's account was opened
--                           own_day(customer, day)   distinct days of the customer's own postings
--                           closing(day)             the day that begins when the log ends
-- Out:                      silences(customer, due, ended_on, ended_by)   by: return, loss, null
--                           returns_of_the_lost(customer, lost_on, won_back_on)
--
-- The rule (limits of policies/*.yaml written out once more, as numbers):
--   A silence is due 91 days after the last sign of life: 90 full days pass, and what is dated on
--   the 90th is in time. It ends with the second of two own activity days, both not before the
--   due day, at most 60 days apart. While it stands, another long pause raises nothing new.
--   181 days after the last sign of life the customer is lost, and whatever stood open is over.
--   Three own activity days later they are back, and everything begins anew. (Lost customers are
--   at risk first, for at least 30 days; by the 181st day they have been for 90 or more.)
--   A reason that cleared stays quiet for 30 days; silence cannot come back sooner than 91 days
--   after the activity that cleared it, so that rule never shows.

create or replace temp view sign as
select customer, day, row_number() over in_order as n,
       day - lag(day) over in_order as pause_before,
       coalesce(lead(day) over in_order, (select day from closing)) - day as pause_after
from (select customer, day, 0 as rank from opened
      union all select customer, day, 1 from own_day)
window in_order as (partition by customer order by day, rank);

create or replace temp view step as
select *, min(case when pause_after > 180 then n end) over (
           partition by customer order by n rows between current row and unbounded following
       ) as lost_n
from sign;

-- A life: from the opening, or from the day of a return, to the last sign before being lost.
create or replace temp view life as
with recursive lives(customer, life, first_n, lost_n) as (
    select customer, 1, n, lost_n from step where n = 1
    union all
    select lives.customer, life + 1, step.n, step.lost_n
    from lives join step on step.customer = lives.customer and step.n = lives.lost_n + 3
)
from lives;

create or replace temp table silences as
with lived as (
    select life.customer, life, life.lost_n, n, day, pause_after,
           min(case when pause_before <= 60 then n end) over (
               partition by life.customer, life order by n
               rows between 2 following and unbounded following
           ) as back_n
    from life join step on step.customer = life.customer
        and n >= first_n and (life.lost_n is null or n <= life.lost_n)
)
select silent.customer, due,
       coalesce(back.day, last.day + 181) as ended_on,
       case when back.day is not null then 'return' when last.day is not null then 'loss' end
           as ended_by
from (select customer, life, lost_n, back_n, min(day) + 91 as due
      from lived where pause_after > 90 group by all) as silent
    left join step as back on back.customer = silent.customer and back.n = back_n
    left join step as last on last.customer = silent.customer and last.n = silent.lost_n;

create or replace temp table returns_of_the_lost as
select life.customer, last.day + 181 as lost_on, back.day as won_back_on
from life
    join step as last on last.customer = life.customer and last.n = life.lost_n
    left join step as back on back.customer = life.customer and back.n = life.lost_n + 3;
