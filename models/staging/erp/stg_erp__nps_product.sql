with

landed as (

    select * from {{ source('erp', 'nps_transacional_produto') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- text
        {{ clean_text('linha_de_produto') }} as product_line,
        {{ clean_text('nome_do_produto') }} as product_name,

        -- numbers
        {{ parse_integer('nota') }} as score,

        -- dates
        {{ parse_timestamp('data_da_resposta', 'us_timestamp') }} as answered_at,

        -- the whole answer: an equal one is a duplicate
        {{ row_content([
            'data_da_resposta',
            'linha_de_produto',
            'nome_do_produto',
            'nota',
            'cod_t'
        ]) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'nota': parse_integer('nota'),
            'data_da_resposta': parse_timestamp('data_da_resposta', 'us_timestamp')
        }) }} as unreadable_value

    from landed

)

select * from renamed
