{%- set contract = contract_of('nps_transacional_implantacao') -%}

with

landed as (

    select * from {{ source('erp', 'nps_transacional_implantacao') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ read_value(contract, 'nota_nps') }} as score,
        {{ read_value(contract, 'nota_metodologia') }} as method_score,
        {{ read_value(contract, 'nota_gestao') }} as management_score,
        {{ read_value(contract, 'nota_conhecimento') }} as knowledge_score,
        {{ read_value(contract, 'nota_qualidade') }} as quality_score,
        {{ read_value(contract, 'nota_comunicacao') }} as communication_score,
        {{ read_value(contract, 'nota_prazos') }} as deadline_score,

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
