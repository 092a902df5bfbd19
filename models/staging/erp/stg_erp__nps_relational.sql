{%- set contract = contract_of('nps_relacional') -%}

with

landed as (

    select * from {{ source('erp', 'nps_relacional') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ read_value(contract, 'resposta_nps') }} as score,
        {{ read_value(contract, 'resposta_unidade') }} as unit_score,
        {{ read_value(contract, 'nota_suptec_agilidade') }} as support_speed_score,
        {{ read_value(contract, 'nota_suptec_atendimento') }} as support_service_score,
        {{ read_value(contract, 'nota_comercial') }} as sales_score,
        {{ read_value(contract, 'nota_custos') }} as cost_score,
        {{ read_value(contract, 'nota_admfin_atendimento') }} as finance_service_score,
        {{ read_value(contract, 'nota_software') }} as software_score,
        {{ read_value(contract, 'nota_software_atualizacao') }} as software_update_score,

        -- dates
        {{ read_value(contract, 'responded_at') }} as answered_at,

        -- the whole answer: an equal one is a duplicate
        {{ answer_content(contract) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
