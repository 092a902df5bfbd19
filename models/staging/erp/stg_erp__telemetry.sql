{%- set contract = contract_of('telemetria') -%}

with

landed as (

    select * from {{ source('erp', 'telemetria') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,
        store_id,
        {{ read_value(contract, 'moduloid') }} as module_id,
        {{ read_value(contract, 'productlineid') }} as product_line_id,
        {{ read_value(contract, 'slotid') }} as slot_id,

        -- text
        {{ read_value(contract, 'statuslicenca') }} as licence_status,

        -- numbers
        {{ read_value(contract, 'eventduration') }} as event_duration,

        -- dates
        {{ read_value(contract, 'referencedatestart') }} as usage_date,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ null_word_count(contract, unread=['tcloud', 'clienteprime']) }} as null_word_count

    from landed

)

select * from renamed
