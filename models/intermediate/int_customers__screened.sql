with

customers as (

    select * from {{ ref('stg_erp__customers') }}

),

families as (

    select * from {{ ref('int_families__delivered') }}

),

judged as (

    select
        customers.*,
        customers.delivery_date != families.delivery_in_force as is_superseded,
        coalesce(customers.customer_since_date > {{ as_of_date() }}, false) as is_later,
        coalesce(
            {{ key_reason('customers') }},
            {{ value_reason('customers') }},
            {{ date_reason('customers.customer_since_date', 'customers.delivery_date') }}
        ) as row_reason_code

    from customers

    inner join families
        on families.family = 'clientes_desde'

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, is_superseded, is_later, row_reason_code
            order by customer_since_date, file_name, file_line
        ) as copy_number,
        min(customer_since_date) over (
            partition by customer_id, is_superseded, is_later, row_reason_code
        ) as kept_customer_since_date

    from judged

),

compared as (

    select
        *,
        copy_number > 1 as is_duplicate,
        coalesce(
            row_reason_code,
            case
                when copy_number > 1 and customer_since_date is distinct from kept_customer_since_date
                    then 'key_conflict'
            end
        ) as reason_code

    from ranked

)

select
    customer_id,
    customer_since_date,
    delivery_date,
    file_name,
    file_line,
    reason_code,
    unreadable_value,
    {{ row_status('is_superseded', 'is_later', 'is_duplicate') }} as row_status

from compared
