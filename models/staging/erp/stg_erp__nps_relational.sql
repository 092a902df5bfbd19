with

landed as (

    select * from {{ source('erp', 'nps_relacional') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ parse_integer('resposta_nps') }} as score,
        {{ parse_integer('resposta_unidade') }} as unit_score,
        {{ parse_integer('nota_suptec_agilidade') }} as support_speed_score,
        {{ parse_integer('nota_suptec_atendimento') }} as support_service_score,
        {{ parse_integer('nota_comercial') }} as sales_score,
        {{ parse_integer('nota_custos') }} as cost_score,
        {{ parse_integer('nota_admfin_atendimento') }} as finance_service_score,
        {{ parse_integer('nota_software') }} as software_score,
        {{ parse_integer('nota_software_atualizacao') }} as software_update_score,

        -- dates
        {{ parse_timestamp('responded_at', 'iso_timestamp') }} as answered_at,

        -- the whole answer: an equal one is a duplicate
        {{ row_content([
            'responded_at',
            'metadata_codcliente',
            'resposta_nps',
            'resposta_unidade',
            'nota_suptec_agilidade',
            'nota_suptec_atendimento',
            'nota_comercial',
            'nota_custos',
            'nota_admfin_atendimento',
            'nota_software',
            'nota_software_atualizacao'
        ]) }} as answer_content,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'resposta_nps': parse_integer('resposta_nps'),
            'resposta_unidade': parse_integer('resposta_unidade'),
            'nota_suptec_agilidade': parse_integer('nota_suptec_agilidade'),
            'nota_suptec_atendimento': parse_integer('nota_suptec_atendimento'),
            'nota_comercial': parse_integer('nota_comercial'),
            'nota_custos': parse_integer('nota_custos'),
            'nota_admfin_atendimento': parse_integer('nota_admfin_atendimento'),
            'nota_software': parse_integer('nota_software'),
            'nota_software_atualizacao': parse_integer('nota_software_atualizacao'),
            'responded_at': parse_timestamp('responded_at', 'iso_timestamp')
        }) }} as unreadable_value

    from landed

)

select * from renamed
