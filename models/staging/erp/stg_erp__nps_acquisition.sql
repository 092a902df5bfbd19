with

landed as (

    select * from {{ source('erp', 'nps_transacional_aquisicao') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ parse_integer('nota_nps') }} as score,
        {{ parse_integer('nota_agilidade') }} as speed_score,
        {{ parse_integer('nota_conhecimento') }} as knowledge_score,
        {{ parse_integer('nota_custo') }} as cost_score,
        {{ parse_integer('nota_facilidade') }} as ease_score,
        {{ parse_integer('nota_flexibilidade') }} as flexibility_score,

        -- dates
        {{ parse_date('data_da_resposta') }} as answered_date,

        -- the whole answer: an equal one is a duplicate
        {{ row_content([
            'cod_cliente',
            'data_da_resposta',
            'nota_nps',
            'nota_agilidade',
            'nota_conhecimento',
            'nota_custo',
            'nota_facilidade',
            'nota_flexibilidade'
        ]) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'nota_nps': parse_integer('nota_nps'),
            'nota_agilidade': parse_integer('nota_agilidade'),
            'nota_conhecimento': parse_integer('nota_conhecimento'),
            'nota_custo': parse_integer('nota_custo'),
            'nota_facilidade': parse_integer('nota_facilidade'),
            'nota_flexibilidade': parse_integer('nota_flexibilidade'),
            'data_da_resposta': parse_date('data_da_resposta')
        }) }} as unreadable_value

    from landed

)

select * from renamed
