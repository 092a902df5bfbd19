-- What earlier deliveries said of a customer, so that a customer who has left is known by
-- what it was worth. Rows of deliveries after as_of_date are not known yet.
with

mrr as (

    select * from {{ ref('int_mrr__screened') }}

    where row_status = 'superseded'
        and reason_code is null
        and delivery_date <= {{ as_of_date() }}

),

contract_lines as (

    select * from {{ ref('int_contract_lines__screened') }}

    where row_status = 'superseded'
        and reason_code is null
        and not is_later
        and contract_status = 'active'
        and delivery_date <= {{ as_of_date() }}

),

active_value_by_delivery as (

    select
        customer_id,
        delivery_date,
        {{ sum_brl('contract_value_brl') }} as active_contract_value_brl

    from contract_lines

    group by customer_id, delivery_date

),

amounts as (

    select
        customer_id,
        mrr_brl,
        cast(null as decimal(18, 6)) as active_contract_value_brl

    from mrr

    union all

    select
        customer_id,
        cast(null as decimal(18, 6)) as mrr_brl,
        active_contract_value_brl

    from active_value_by_delivery

)

select
    customer_id,
    max(mrr_brl) as earlier_mrr_brl,
    max(active_contract_value_brl) as earlier_active_contract_value_brl

from amounts

group by customer_id
