with

landed as (

    select * from {{ source('erp', 'nps_transacional_implantacao') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ parse_integer('nota_nps') }} as score,
        {{ parse_integer('nota_metodologia') }} as method_score,
        {{ parse_integer('nota_gestao') }} as management_score,
        {{ parse_integer('nota_conhecimento') }} as knowledge_score,
        {{ parse_integer('nota_qualidade') }} as quality_score,
        {{ parse_integer('nota_comunicacao') }} as communication_score,
        {{ parse_integer('nota_prazos') }} as deadline_score,

        -- dates
        {{ parse_date('data_da_resposta') }} as answered_date,

        -- the whole answer: an equal one is a duplicate
        {{ row_content([
            'cod_cliente',
            'data_da_resposta',
            'nota_nps',
            'nota_metodologia',
            'nota_gestao',
            'nota_conhecimento',
            'nota_qualidade',
            'nota_comunicacao',
            'nota_prazos'
        ]) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'nota_nps': parse_integer('nota_nps'),
            'nota_metodologia': parse_integer('nota_metodologia'),
            'nota_gestao': parse_integer('nota_gestao'),
            'nota_conhecimento': parse_integer('nota_conhecimento'),
            'nota_qualidade': parse_integer('nota_qualidade'),
            'nota_comunicacao': parse_integer('nota_comunicacao'),
            'nota_prazos': parse_integer('nota_prazos'),
            'data_da_resposta': parse_date('data_da_resposta')
        }) }} as unreadable_value

    from landed

)

select * from renamed
