with

contract_lines as (

    select * from {{ ref('int_contract_lines__screened') }}

    where row_status = 'kept'

),

numbered as (

    -- Lines that agree in all that does not change are told apart by the rest. What changes
    -- least comes first, so that a new status seldom gives a line the id of its twin.
    select
        *,
        row_number() over (
            partition by customer_id, product_name, product_line, signature_date, brand
            order by
                commercial_model_label asc,
                billing_period_label asc,
                contract_value_brl asc,
                contract_status asc
        ) as twin_number

    from contract_lines

),

contract_statuses as (

    -- Several labels of the vendor may be one status.
    select distinct
        contract_status,
        label_pt

    from {{ ref('contract_statuses') }}

)

select
    -- The file has no number of its own for a line, and its rows may come in any order.
    {{ text_hash(row_content([
        'numbered.customer_id',
        'numbered.product_name',
        'numbered.product_line',
        'cast(numbered.signature_date as varchar)',
        'numbered.brand',
        'cast(numbered.twin_number as varchar)'
    ])) }} as contract_line_id,
    numbered.customer_id,
    numbered.product_name,
    numbered.product_line,
    numbered.brand,
    numbered.commercial_model_label as commercial_model,
    numbered.billing_period_label as billing_period,
    numbered.contract_status,
    case numbered.contract_status
        when 'unknown' then 'Desconhecida'
        when 'other' then 'Outra'
        else contract_statuses.label_pt
    end as contract_status_label,
    numbered.contract_value_brl,
    numbered.signature_date

from numbered

left join contract_statuses
    on numbered.contract_status = contract_statuses.contract_status
