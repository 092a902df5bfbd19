with

landed as (

    select * from {{ source('erp', 'nps_transacional_onboarding') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ parse_integer('nota_recomendacao') }} as score,
        {{ parse_integer('nota_ajuda') }} as help_score,
        {{ parse_integer('nota_duracao_da_reuniao') }} as meeting_length_score,
        {{ parse_integer('nota_clareza_dos_canais') }} as channel_clarity_score,
        {{ parse_integer('nota_clareza_das_informacoes') }} as information_clarity_score,
        {{ parse_integer('nota_expectativas') }} as expectation_score,

        -- dates
        {{ parse_date('data_de_resposta') }} as answered_date,

        -- the whole answer: an equal one is a duplicate
        {{ row_content([
            'data_de_resposta',
            'cod_cliente',
            'nota_recomendacao',
            'nota_ajuda',
            'nota_duracao_da_reuniao',
            'nota_clareza_dos_canais',
            'nota_clareza_das_informacoes',
            'nota_expectativas'
        ]) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'nota_recomendacao': parse_integer('nota_recomendacao'),
            'nota_ajuda': parse_integer('nota_ajuda'),
            'nota_duracao_da_reuniao': parse_integer('nota_duracao_da_reuniao'),
            'nota_clareza_dos_canais': parse_integer('nota_clareza_dos_canais'),
            'nota_clareza_das_informacoes': parse_integer('nota_clareza_das_informacoes'),
            'nota_expectativas': parse_integer('nota_expectativas'),
            'data_de_resposta': parse_date('data_de_resposta')
        }) }} as unreadable_value

    from landed

)

select * from renamed
