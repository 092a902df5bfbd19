with

mrr as (

    select * from {{ ref('stg_erp__mrr') }}

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
        mrr.*,
        mrr.delivery_date != families.delivery_in_force as is_superseded,
        coalesce(
            {{ key_reason('mrr', 'customers') }},
            {{ value_reason('mrr', has_money=true) }},
            case when mrr.mrr_brl < 0 then 'negative_amount' end,
            case when mrr.mrr_brl > {{ var_int('maximum_amount_brl') }} then 'above_maximum' end
        ) as row_reason_code

    from mrr

    inner join families
        on families.family = 'mrr'

    left join customers
        on mrr.customer_id = customers.customer_id

),

ranked as (

    -- Where a customer has two amounts the larger stays, whatever the order of the
    -- file; the other is shown as a conflict.
    select
        *,
        row_number() over (
            partition by customer_id, is_superseded, row_reason_code
            order by mrr_brl desc, file_name asc, file_line asc
        ) as copy_number,
        max(mrr_brl) over (partition by customer_id, is_superseded, row_reason_code) as kept_mrr_brl

    from judged

),

compared as (

    select
        *,
        copy_number > 1 as is_duplicate,
        coalesce(
            row_reason_code,
            case when copy_number > 1 and mrr_brl is distinct from kept_mrr_brl then 'key_conflict' end
        ) as reason_code

    from ranked

)

select
    customer_id,
    mrr_brl,
    delivery_date,
    file_name,
    file_line,
    reason_code,
    unreadable_value,
    {{ row_status('is_superseded', is_duplicate='is_duplicate') }} as row_status

from compared
