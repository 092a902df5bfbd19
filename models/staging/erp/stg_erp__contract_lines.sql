{%- set contract = contract_of('dados_clientes') -%}

with

landed as (

    select * from {{ source('erp', 'dados_clientes') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- text
        {{ read_value(contract, 'ds_prod') }} as product_name,
        {{ read_value(contract, 'ds_lin_rec') }} as product_line,
        {{ read_value(contract, 'cidade') }} as city,
        {{ read_value(contract, 'ds_cnae') }} as economic_activity,
        {{ read_value(contract, 'ds_segmento') }} as segment_label,
        {{ read_value(contract, 'ds_subsegmento') }} as sub_segment_label,
        {{ read_value(contract, 'fat_faixa') }} as revenue_band_label,
        {{ read_value(contract, 'marca_totvs') }} as brand,
        {{ read_value(contract, 'modal_comerc') }} as commercial_model_label,
        {{ read_value(contract, 'periodicidade') }} as billing_period_label,
        {{ read_value(contract, 'situacao_contrato') }} as contract_status_label,
        {{ read_value(contract, 'uf') }} as state,

        -- numbers
        {{ read_value(contract, 'pais') }} as country_code,
        {{ read_value(contract, 'vl_total_contrato') }} as contract_value_brl,

        -- dates
        {{ read_value(contract, 'dt_assinatura_contrato') }} as signature_date,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ is_too_large(contract) }} as is_too_large,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
