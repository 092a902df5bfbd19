with

landed as (

    select * from {{ source('erp', 'mrr') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ parse_decimal('mrr_12m', '.') }} as mrr_brl,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'mrr_12m': parse_decimal('mrr_12m', '.')
        }) }} as unreadable_value

    from landed

)

select * from renamed
