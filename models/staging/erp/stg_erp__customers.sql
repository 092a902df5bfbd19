{%- set contract = contract_of('clientes_desde') -%}

with

landed as (

    select * from {{ source('erp', 'clientes_desde') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- dates
        {{ read_value(contract, 'cliente_desde') }} as customer_since_date,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
