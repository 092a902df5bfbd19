with

landed as (

    select * from {{ source('erp', 'historico') }}

),

renamed as (

    select
        -- ids
        {{ clean_text('nr_proposta') }} as proposal_id,
        {{ parse_integer('item_proposta') }} as proposal_item_number,
        customer_key as customer_id,
        {{ clean_text('cd_prod') }} as product_code,

        -- text
        {{ clean_text('hospedagem') }} as hosting_label,
        {{ clean_text('fat_faixa') }} as revenue_band_label,

        -- numbers
        {{ parse_decimal('qtd', ',') }} as quantity,
        {{ parse_integer('meses_bonif') }} as bonus_months,
        {{ parse_decimal('vl_pct_desc_temp', ',') }} as temporary_discount_scaled_percent,
        {{ parse_decimal('vl_pct_desconto', ',') }} as discount_scaled_percent,
        {{ parse_decimal('prc_unitario', ',') }} as unit_price_brl,
        {{ parse_decimal('vl_desconto_temporario', ',') }} as temporary_discount_brl,
        {{ parse_decimal('vl_total', ',') }} as item_value_brl,
        {{ parse_decimal('vl_full', ',') }} as list_value_brl,
        {{ parse_decimal('vl_desconto', ',') }} as discount_brl,

        -- dates
        {{ parse_date('dt_upload') }} as uploaded_date,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'item_proposta': parse_integer('item_proposta'),
            'qtd': parse_decimal('qtd', ','),
            'meses_bonif': parse_integer('meses_bonif'),
            'vl_pct_desc_temp': parse_decimal('vl_pct_desc_temp', ','),
            'vl_pct_desconto': parse_decimal('vl_pct_desconto', ','),
            'prc_unitario': parse_decimal('prc_unitario', ','),
            'vl_desconto_temporario': parse_decimal('vl_desconto_temporario', ','),
            'vl_total': parse_decimal('vl_total', ','),
            'vl_full': parse_decimal('vl_full', ','),
            'vl_desconto': parse_decimal('vl_desconto', ','),
            'dt_upload': parse_date('dt_upload')
        }) }} as unreadable_value

    from landed

)

select * from renamed
