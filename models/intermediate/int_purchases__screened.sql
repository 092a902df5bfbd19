with

purchases as (

    select * from {{ ref('stg_erp__purchases_last_12_months') }}

),

customers as (

    select * from {{ ref('int_customers__screened') }}

    where row_status = 'kept'

),

families as (

    select * from {{ ref('int_families__delivered') }}

),

judged as (

    select
        purchases.*,
        purchases.delivery_date != families.delivery_in_force as is_superseded,
        coalesce(
            {{ key_reason('purchases', 'customers') }},
            {{ value_reason('purchases', has_money=true) }},
            case
                when purchases.purchase_count < 0 or purchases.purchase_value_brl < 0
                    then 'negative_amount'
            end,
            case
                when purchases.purchase_value_brl > {{ var_int('maximum_amount_brl') }}
                    then 'above_maximum'
            end
        ) as row_reason_code

    from purchases

    inner join families
        on families.family = 'contratacoes_ultimos_12_meses'

    left join customers
        on purchases.customer_id = customers.customer_id

),

ranked as (

    -- Where a customer has two rows the one with more purchases stays, whatever the
    -- order of the file; the other is shown as a conflict.
    select
        *,
        row_number() over (
            partition by customer_id, is_superseded, row_reason_code
            order by purchase_count desc, purchase_value_brl desc, file_name asc, file_line asc
        ) as copy_number,
        first_value(purchase_count) over (
            partition by customer_id, is_superseded, row_reason_code
            order by purchase_count desc, purchase_value_brl desc, file_name asc, file_line asc
        ) as kept_purchase_count,
        first_value(purchase_value_brl) over (
            partition by customer_id, is_superseded, row_reason_code
            order by purchase_count desc, purchase_value_brl desc, file_name asc, file_line asc
        ) as kept_purchase_value_brl

    from judged

),

compared as (

    select
        *,
        copy_number > 1 as is_duplicate,
        coalesce(
            row_reason_code,
            case
                when copy_number > 1
                    and (
                        purchase_count is distinct from kept_purchase_count
                        or purchase_value_brl is distinct from kept_purchase_value_brl
                    )
                    then 'key_conflict'
            end
        ) as reason_code

    from ranked

)

select
    customer_id,
    purchase_count,
    purchase_value_brl,
    delivery_date,
    file_name,
    file_line,
    reason_code,
    unreadable_value,
    {{ row_status('is_superseded', is_duplicate='is_duplicate') }} as row_status

from compared
