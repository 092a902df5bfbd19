with

landed as (

    select * from {{ source('erp', 'contratacoes_ultimos_12_meses') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ parse_integer('qtd_contratacoes_12m') }} as purchase_count,
        {{ parse_decimal('vlr_contratacoes_12m', ',') }} as purchase_value_brl,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'qtd_contratacoes_12m': parse_integer('qtd_contratacoes_12m'),
            'vlr_contratacoes_12m': parse_decimal('vlr_contratacoes_12m', ',')
        }) }} as unreadable_value

    from landed

)

select * from renamed
