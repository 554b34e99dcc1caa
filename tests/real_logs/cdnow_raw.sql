-- What tests/real_logs/silences.sql needs, from the raw CDNOW file.
-- In: the table purchase(line), the lines of the file below its header.

create or replace temp view own_day as
select distinct field[1] as customer, strptime(field[2], '%Y%m%d')::date as day
from (select regexp_split_to_array(trim(line), '\s+') as field from purchase);

create or replace temp view opened as
select customer, min(day) as day from own_day group by customer;

create or replace temp view closing as select date '1998-07-01' as day;
