-- What tests/real_logs/silences.sql needs, from the raw Berka files.
-- In: the tables trans, account and disp, as they are in trans.asc, account.asc and disp.asc.

create or replace temp view owner as
select account_id, printf('C%05d', client_id::int) as customer from disp where type = 'OWNER';

create or replace temp view own_day as
select distinct customer, strptime('19' || date, '%Y%m%d')::date as day
from trans join owner using (account_id)
where operation in ('VKLAD', 'VYBER', 'VYBER KARTOU')
  and coalesce(k_symbol, '') not in ('UROK', 'SLUZBY', 'SANKC. UROK');

create or replace temp view opened as
select customer, strptime('19' || date, '%Y%m%d')::date as day
from account join owner using (account_id)
where date <= '940331';

create or replace temp view closing as select date '1994-04-01' as day;
