with

landed as (

    select * from {{ source('erp', 'tickets') }}

),

renamed as (

    select
        -- ids
        {{ clean_text('bk_ticket') }} as ticket_id,
        customer_key as customer_id,

        -- text
        {{ clean_text('nome_grupo') }} as support_group,
        {{ clean_text('tipo_ticket') }} as ticket_type,
        {{ clean_text('status_ticket') }} as ticket_status,
        {{ clean_text('prioridade_ticket') }} as priority,

        -- dates
        {{ parse_date('dt_criacao') }} as created_date,
        {{ parse_date('dt_atualizacao') }} as updated_date,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'dt_criacao': parse_date('dt_criacao'),
            'dt_atualizacao': parse_date('dt_atualizacao')
        }) }} as unreadable_value

    from landed

)

select * from renamed
