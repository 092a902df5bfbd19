{%- set contract = contract_of('mrr') -%}

with

landed as (

    select * from {{ source('erp', 'mrr') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ read_value(contract, 'mrr_12m') }} as mrr_brl,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ is_too_large(contract) }} as is_too_large,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
