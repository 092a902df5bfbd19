{%- set contract = contract_of('historico') -%}

with

landed as (

    select * from {{ source('erp', 'historico') }}

),

renamed as (

    select
        -- ids
        {{ read_value(contract, 'nr_proposta') }} as proposal_id,
        {{ read_value(contract, 'item_proposta') }} as proposal_item_number,
        customer_key as customer_id,
        {{ read_value(contract, 'cd_prod') }} as product_code,

        -- text
        {{ read_value(contract, 'hospedagem') }} as hosting_label,
        {{ read_value(contract, 'fat_faixa') }} as revenue_band_label,

        -- numbers
        {{ read_value(contract, 'qtd') }} as quantity,
        {{ read_value(contract, 'meses_bonif') }} as bonus_months,
        {{ read_value(contract, 'vl_pct_desc_temp') }} as temporary_discount_scaled_percent,
        {{ read_value(contract, 'vl_pct_desconto') }} as discount_scaled_percent,
        {{ read_value(contract, 'prc_unitario') }} as unit_price_brl,
        {{ read_value(contract, 'vl_desconto_temporario') }} as temporary_discount_brl,
        {{ read_value(contract, 'vl_total') }} as item_value_brl,
        {{ read_value(contract, 'vl_full') }} as list_value_brl,
        {{ read_value(contract, 'vl_desconto') }} as discount_brl,

        -- dates
        {{ read_value(contract, 'dt_upload') }} as uploaded_date,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ is_too_large(contract) }} as is_too_large,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
