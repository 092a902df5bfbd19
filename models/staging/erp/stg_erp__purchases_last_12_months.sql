{%- set contract = contract_of('contratacoes_ultimos_12_meses') -%}

with

landed as (

    select * from {{ source('erp', 'contratacoes_ultimos_12_meses') }}

),

renamed as (

    select
        -- ids
        customer_key as customer_id,

        -- numbers
        {{ read_value(contract, 'qtd_contratacoes_12m') }} as purchase_count,
        {{ read_value(contract, 'vlr_contratacoes_12m') }} as purchase_value_brl,

        -- landing
        {{ landing_columns() }},
        {{ unreadable_value(contract) }} as unreadable_value,
        {{ is_too_large(contract) }} as is_too_large,
        {{ null_word_count(contract) }} as null_word_count

    from landed

)

select * from renamed
