{%- set contract = contract_of('nps_transacional_produto') -%}

with

landed as (

    select * from {{ source('erp', 'nps_transacional_produto') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- text
        {{ read_value(contract, 'linha_de_produto') }} as product_line,
        {{ read_value(contract, 'nome_do_produto') }} as product_name,

        -- numbers
        {{ read_value(contract, 'nota') }} as score,

        -- dates
        {{ read_value(contract, 'data_da_resposta') }} as answered_at,

        -- the whole answer: an equal one is a duplicate
        {{ answer_content(contract) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
