{%- set contract = contract_of('tickets') -%}

with

landed as (

    select * from {{ source('erp', 'tickets') }}

),

renamed as (

    select
        -- ids
        {{ read_value(contract, 'bk_ticket') }} as ticket_id,
        customer_key as customer_id,

        -- text
        {{ read_value(contract, 'nome_grupo') }} as support_group,
        {{ read_value(contract, 'tipo_ticket') }} as ticket_type,
        {{ read_value(contract, 'status_ticket') }} as ticket_status,
        {{ read_value(contract, 'prioridade_ticket') }} as priority,

        -- dates
        {{ read_value(contract, 'dt_criacao') }} as created_date,
        {{ read_value(contract, 'dt_atualizacao') }} as updated_date,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
