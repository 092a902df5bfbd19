with

contract_lines as (

    select * from {{ ref('int_contract_lines__screened') }}

    where row_status = 'kept'

),

contract_statuses as (

    -- Several labels of the vendor may be one status.
    select distinct
        contract_status,
        label_pt

    from {{ ref('contract_statuses') }}

)

select
    -- The file has no number of its own for a line; its place in the file is one
    -- within the delivery in force.
    contract_lines.file_line as contract_line_id,
    contract_lines.customer_id,
    contract_lines.product_name,
    contract_lines.product_line,
    contract_lines.brand,
    contract_lines.commercial_model_label as commercial_model,
    contract_lines.billing_period_label as billing_period,
    contract_lines.contract_status,
    case contract_lines.contract_status
        when 'unknown' then 'Desconhecida'
        when 'other' then 'Outra'
        else contract_statuses.label_pt
    end as contract_status_label,
    contract_lines.contract_value_brl,
    contract_lines.signature_date

from contract_lines

left join contract_statuses
    on contract_lines.contract_status = contract_statuses.contract_status
