with

contract_lines as (

    select * from {{ ref('int_contract_lines__screened') }}

    where row_status = 'kept'

)

select
    -- The file has no number of its own for a line; its place in the file is one
    -- within the delivery in force.
    file_line as contract_line_id,
    customer_id,
    product_name,
    product_line,
    brand,
    commercial_model_label as commercial_model,
    billing_period_label as billing_period,
    contract_status,
    contract_value_brl,
    signature_date

from contract_lines
