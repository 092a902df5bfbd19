with

landed as (

    select * from {{ source('erp', 'clientes_desde') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- dates
        {{ parse_date('cliente_desde') }} as customer_since_date,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'cliente_desde': parse_date('cliente_desde')
        }) }} as unreadable_value

    from landed

)

select * from renamed
