{%- set contract = contract_of('nps_transacional_onboarding') -%}

with

landed as (

    select * from {{ source('erp', 'nps_transacional_onboarding') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ read_value(contract, 'nota_recomendacao') }} as score,
        {{ read_value(contract, 'nota_ajuda') }} as help_score,
        {{ read_value(contract, 'nota_duracao_da_reuniao') }} as meeting_length_score,
        {{ read_value(contract, 'nota_clareza_dos_canais') }} as channel_clarity_score,
        {{ read_value(contract, 'nota_clareza_das_informacoes') }} as information_clarity_score,
        {{ read_value(contract, 'nota_expectativas') }} as expectation_score,

        -- dates
        {{ read_value(contract, 'data_de_resposta') }} as answered_date,

        -- the whole answer: an equal one is a duplicate
        {{ answer_content(contract) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
