{#- More than a file can have lines. #}
{%- set lines = 10000000000 -%}
{%- set current = landed_deliveries('telemetria', ref('stg_erp__landed_files'), code_version()) -%}
{%- set is_new = new_days('delivery_date', current) -%}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='sync_all_columns',
        table_type='iceberg',
        pre_hook={
            'sql': "{{ delete_outdated(landed_deliveries(
                'telemetria', ref('stg_erp__landed_files'), code_version()
            )) }}",
            'transaction': false
        }
    )
}}
-- The largest family by far. What came of a delivery is carried from build to build, and
-- only deliveries that are new or have changed are read (decision 30).
with

telemetry as (

    select * from {{ ref('stg_erp__telemetry') }}

    where {{ is_new }}

),

landed_files as (

    select * from {{ ref('stg_erp__landed_files') }}

),

deliveries as (

    {{ current }}

),

new_deliveries as (

    select * from deliveries

    where {{ is_new }}

),

new_files as (

    select
        landed_files.delivery_date,
        landed_files.file_name,
        new_deliveries.made_from,
        row_number() over (partition by landed_files.delivery_date order by landed_files.file_name)
            as file_number

    from landed_files

    inner join new_deliveries
        on landed_files.delivery_date = new_deliveries.delivery_date

    where landed_files.family = 'telemetria'
        and landed_files.landed_count > 0

),

new_records as (

    select
        telemetry.*,
        -- File and line as one number, the smallest of which is where an event is first.
        new_files.file_number * {{ lines }} + telemetry.file_line as place

    from telemetry

    inner join new_files
        on telemetry.delivery_date = new_files.delivery_date
        and telemetry.file_name = new_files.file_name

),

folded as (

    -- No event has an id or a time of day: equal records are one row with their number.
    select
        customer_id,
        store_id,
        module_id,
        product_line_id,
        slot_id,
        licence_status,
        event_duration,
        usage_date,
        unreadable_value,
        delivery_date,
        min(place) as first_place,
        count(*) as row_count,
        cast(coalesce(sum(null_word_count), 0) as bigint) as null_word_count

    from new_records

    group by
        customer_id,
        store_id,
        module_id,
        product_line_id,
        slot_id,
        licence_status,
        event_duration,
        usage_date,
        unreadable_value,
        delivery_date

)

select
    folded.customer_id,
    folded.store_id,
    folded.module_id,
    folded.product_line_id,
    folded.slot_id,
    folded.licence_status,
    folded.event_duration,
    folded.usage_date,
    folded.unreadable_value,
    folded.delivery_date,
    new_files.file_name,
    mod(folded.first_place, {{ lines }}) as first_line,
    folded.row_count,
    folded.null_word_count,
    new_files.made_from

from folded

inner join new_files
    on folded.delivery_date = new_files.delivery_date
    and folded.first_place - mod(folded.first_place, {{ lines }}) = new_files.file_number * {{ lines }}
