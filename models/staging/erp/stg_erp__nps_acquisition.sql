{%- set contract = contract_of('nps_transacional_aquisicao') -%}

with

landed as (

    select * from {{ source('erp', 'nps_transacional_aquisicao') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ read_value(contract, 'nota_nps') }} as score,
        {{ read_value(contract, 'nota_agilidade') }} as speed_score,
        {{ read_value(contract, 'nota_conhecimento') }} as knowledge_score,
        {{ read_value(contract, 'nota_custo') }} as cost_score,
        {{ read_value(contract, 'nota_facilidade') }} as ease_score,
        {{ read_value(contract, 'nota_flexibilidade') }} as flexibility_score,

        -- dates
        {{ read_value(contract, 'data_da_resposta') }} as answered_date,

        -- the whole answer: an equal one is a duplicate
        {{ answer_content(contract) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
