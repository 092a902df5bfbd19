with

landed as (

    select * from {{ source('erp', 'dados_clientes') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- text
        {{ clean_text('ds_prod') }} as product_name,
        {{ clean_text('ds_lin_rec') }} as product_line,
        {{ clean_text('cidade') }} as city,
        {{ clean_text('ds_cnae') }} as economic_activity,
        {{ clean_text('ds_segmento') }} as segment_label,
        {{ clean_text('ds_subsegmento') }} as sub_segment_label,
        {{ clean_text('fat_faixa') }} as revenue_band_label,
        {{ clean_text('marca_totvs') }} as brand,
        {{ clean_text('modal_comerc') }} as commercial_model_label,
        {{ clean_text('periodicidade') }} as billing_period_label,
        {{ clean_text('situacao_contrato') }} as contract_status_label,
        {{ clean_text('uf') }} as state,

        -- numbers
        {{ parse_integer('pais') }} as country_code,
        {{ parse_decimal('vl_total_contrato', ',') }} as contract_value_brl,

        -- dates
        {{ parse_date('dt_assinatura_contrato') }} as signature_date,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value({
            'pais': parse_integer('pais'),
            'vl_total_contrato': parse_decimal('vl_total_contrato', ','),
            'dt_assinatura_contrato': parse_date('dt_assinatura_contrato')
        }) }} as unreadable_value

    from landed

)

select * from renamed
