-- What do customers without telemetry look like? Tenure, MRR and tickets of those
-- with and without it, segment by segment.
with

customers as (

    select * from {{ ref('customer_360') }}

    where not is_internal

)

select
    segment,
    in_telemetria,
    count(*) as customer_count,
    {{ share('sum(tenure_months)', 'count(tenure_months)') }} as mean_tenure_months,
    {{ share('count(mrr_brl)', 'count(*)') }} as share_with_mrr,
    {{ share('count(case when in_tickets then customer_id end)', 'count(*)') }} as share_with_tickets

from customers

group by segment, in_telemetria

order by segment, in_telemetria
