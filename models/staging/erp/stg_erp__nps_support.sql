{%- set contract = contract_of('nps_transacional_suporte') -%}

with

landed as (

    select * from {{ source('erp', 'nps_transacional_suporte') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,
        {{ read_value(contract, 'ticket') }} as ticket_id,

        -- text
        {{ read_value(contract, 'grupo_nps') }} as promoter_group_label,

        -- numbers
        {{ read_value(contract, 'resposta_nps') }} as score,
        {{ read_value(contract, 'nota_conhecimento_agente') }} as agent_knowledge_score,
        {{ read_value(contract, 'nota_solucao') }} as solution_score,
        {{ read_value(contract, 'nota_tempo_retorno') }} as response_time_score,
        {{ read_value(contract, 'nota_facilidade') }} as ease_score,
        {{ read_value(contract, 'nota_satisfacao') }} as satisfaction_score,

        -- the whole answer: an equal one is a duplicate
        {{ answer_content(contract) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
