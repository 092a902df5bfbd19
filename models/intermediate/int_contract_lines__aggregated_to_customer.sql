with

contract_lines as (

    select * from {{ ref('int_contract_lines__screened') }}

    where row_status = 'kept'

)

select
    customer_id,
    count(*) as contract_line_count,
    {%- for status in ['active', 'cancelled', 'swapped', 'free'] %}
    count(case when contract_status = '{{ status }}' then customer_id end)
        as {{ status }}_contract_line_count,
    coalesce({{ sum_brl("case when contract_status = '" ~ status ~ "' then contract_value_brl end") }}, 0)
        as {{ status }}_contract_value_brl,
    {%- endfor %}
    count(
        case when contract_status not in ('active', 'cancelled', 'swapped', 'free') then customer_id end
    ) as other_contract_line_count,
    coalesce({{ sum_brl('contract_value_brl') }}, 0) as contract_value_brl,
    -- What a customer has now: only active lines count.
    count(distinct case when contract_status = 'active' then product_name end) as product_count,
    count(distinct case when contract_status = 'active' then product_line end) as product_line_count,
    count(distinct case when contract_status = 'active' then brand end) as brand_count,
    count(
        case
            when contract_status = 'active'
                and (
                    product_line like 'CLOUD%'
                    or product_name like 'CLOUD %'
                    or product_name like 'IAAS%'
                )
                then customer_id
        end
    ) as cloud_contract_line_count,
    max(signature_date) as last_signature_date

from contract_lines

group by customer_id
