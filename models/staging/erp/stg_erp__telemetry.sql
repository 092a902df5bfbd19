with

landed as (

    select * from {{ source('erp', 'telemetria') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,
        store_id,
        {{ clean_text('moduloid') }} as module_id,
        {{ clean_text('productlineid') }} as product_line_id,
        {{ clean_text('slotid') }} as slot_id,

        -- text
        {{ clean_text('statuslicenca') }} as licence_status,

        -- numbers
        {{ parse_decimal('eventduration', '.') }} as event_duration,

        -- dates
        {{ parse_date('referencedatestart') }} as usage_date,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'eventduration': parse_decimal('eventduration', '.'),
            'referencedatestart': parse_date('referencedatestart')
        }) }} as unreadable_value

    from landed

)

select * from renamed
