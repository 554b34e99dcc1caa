-- Core dormant: the core flags an account in force as dormant. It clears when none is any more.
--
-- In: flag, in_force, spell. Out: candidate (pass.sql).

create or replace temp table dormant_part as
select f.customer, greatest(f.since, i.since) as since, least(f.until, i.until) as until
from flag as f join in_force as i using (customer, ref)
where f.status = 'dormant' and f.since < i.until and i.since < f.until;

create or replace temp table candidate as
select customer, spell, d.since, d.until, d.until as clears
from merged('dormant_part') as d join spell using (customer);
