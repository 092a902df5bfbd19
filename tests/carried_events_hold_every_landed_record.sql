-- Telemetry that is carried from build to build adds up to what is landed, delivery by
-- delivery. A row here means that carried rows are damaged: `arcana build --full-refresh`
-- works them out again.
with

landed as (

    select
        delivery_date,
        sum(landed_count) as record_count

    from {{ ref('stg_erp__landed_files') }}

    where family = 'telemetria'
        and landed_count > 0

    group by delivery_date

),

folded as (

    select
        delivery_date,
        sum(row_count) as record_count

    from {{ ref('int_telemetry__folded') }}

    group by delivery_date

),

summed as (

    select
        delivery_date,
        sum(event_count) as record_count

    from {{ ref('int_usage__by_delivery') }}

    group by delivery_date

)

select
    landed.delivery_date,
    folded.delivery_date as folded_delivery_date,
    summed.delivery_date as summed_delivery_date,
    landed.record_count,
    folded.record_count as folded_record_count,
    summed.record_count as summed_record_count

from landed

full outer join folded
    on landed.delivery_date = folded.delivery_date

full outer join summed
    on landed.delivery_date = summed.delivery_date

where coalesce(landed.record_count, -1) != coalesce(folded.record_count, -1)
    or coalesce(landed.record_count, -1) != coalesce(summed.record_count, -1)
