-- Complaint: one stands open, or the last score the customer gave is bad and has not worn off.
-- It clears when all are resolved and the bad score has worn off or was followed by a good one.
-- A score from before the relationship is history.
--
-- In: event, spell. Out: candidate (pass.sql).

create or replace temp table candidate as
with told as (
    select customer, happened, received, type = 'feedback.resolved' as resolved, feedback_id,
           type = 'feedback.received' and kind = 'complaint' as complaint,
           case when type = 'feedback.received' then score::int end as score
    from event where type in ('feedback.received', 'feedback.resolved')
), step as (
    -- A complaint counts once however often it is told, and never again once resolved.
    select *, case
        when complaint and row_number() over (
                 partition by customer, feedback_id, complaint order by happened, received) = 1
             and not coalesce(bool_or(resolved) over earlier, false) then 1
        when resolved and coalesce(bool_or(complaint) over earlier, false)
             and not coalesce(bool_or(resolved) over earlier, false) then -1
        else 0 end as more
    from told
    window earlier as (partition by customer, feedback_id order by happened, received
                       rows between unbounded preceding and 1 preceding)
), state as (
    select customer, happened as since,
           or_never(lead(happened) over in_order) as until,
           sum(more) over in_order as open_complaints,
           last_value(score ignore nulls) over in_order as score,
           last_value(case when score is not null then happened end ignore nulls) over in_order
               as score_at
    from step window in_order as (partition by customer order by happened, received)
), judged as (
    select *, coalesce(score < getvariable('complaint_score_below'), false) as is_bad,
           days_after(score_at, getvariable('complaint_score_clears_after')) as worn_off_at
    from state where since < until
), ended as (
    -- From when within each stretch nothing is left of it; infinity: not within it.
    select *, case when open_complaints > 0 then timestamp 'infinity'
                   when not is_bad then since
                   when worn_off_at < until then greatest(since, worn_off_at)
                   else timestamp 'infinity' end as over_at
    from judged
), standing as (
    select customer, since, least(until, over_at) as until, open_complaints, score_at,
           min(over_at) over (partition by customer order by since
                              rows between current row and unbounded following) as clears
    from ended
)
select standing.customer, spell, standing.since, standing.until, clears
from standing join spell using (customer)
where standing.since < standing.until
  and (open_complaints > 0 or score_at >= newcomer_since);
