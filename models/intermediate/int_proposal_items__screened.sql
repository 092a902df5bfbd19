with

proposal_items as (

    select * from {{ ref('stg_erp__proposal_items') }}

),

customers as (

    select * from {{ ref('int_customers__screened') }}

    where row_status = 'kept'

),

judged as (

    select
        proposal_items.*,
        {{ row_content([
            'proposal_items.customer_id',
            'proposal_items.product_code',
            'proposal_items.hosting_label',
            'cast(proposal_items.uploaded_date as varchar)',
            'cast(proposal_items.quantity as varchar)',
            'cast(proposal_items.unit_price_brl as varchar)',
            'cast(proposal_items.item_value_brl as varchar)',
            'cast(proposal_items.discount_brl as varchar)'
        ]) }} as item_content,
        coalesce(proposal_items.uploaded_date > {{ as_of_date() }}, false)
        or (
            proposal_items.delivery_date > {{ as_of_date() }}
            and proposal_items.delivery_date > min(proposal_items.delivery_date) over (
                partition by proposal_items.proposal_id, proposal_items.proposal_item_number
            )
        ) as is_later,
        coalesce(
            {{ key_reason('proposal_items', 'customers') }},
            case
                when proposal_items.proposal_id is null or proposal_items.proposal_item_number is null
                    then 'id_null'
            end,
            {{ value_reason('proposal_items', has_money=true) }},
            case
                when abs(proposal_items.item_value_brl) > {{ var_int('maximum_amount_brl') }}
                    then 'above_maximum'
            end,
            {{ date_reason('proposal_items.uploaded_date', 'proposal_items.delivery_date') }}
        ) as row_reason_code

    from proposal_items

    left join customers
        on proposal_items.customer_id = customers.customer_id

),

ranked as (

    -- The newest delivery knows an item best; within it the content decides, so that
    -- the order of the file does not.
    select
        *,
        row_number() over (
            partition by proposal_id, proposal_item_number, is_later, row_reason_code
            order by delivery_date desc, item_content asc, file_name asc, file_line asc
        ) as copy_number,
        max(delivery_date) over (
            partition by proposal_id, proposal_item_number, is_later, row_reason_code
        ) as kept_delivery_date,
        first_value(item_content) over (
            partition by proposal_id, proposal_item_number, is_later, row_reason_code
            order by delivery_date desc, item_content asc, file_name asc, file_line asc
        ) as kept_item_content

    from judged

),

compared as (

    select
        *,
        row_reason_code is null and delivery_date < kept_delivery_date as is_superseded,
        copy_number > 1 as is_duplicate,
        coalesce(
            row_reason_code,
            case when copy_number > 1 and item_content != kept_item_content then 'key_conflict' end
        ) as reason_code

    from ranked

)

select
    proposal_id,
    proposal_item_number,
    customer_id,
    product_code,
    hosting_label,
    quantity,
    -- 999 stands for a bonus that never ends.
    nullif(bonus_months, 999) as bonus_months,
    coalesce(bonus_months = 999, false) as is_bonus_permanent,
    unit_price_brl,
    temporary_discount_brl,
    item_value_brl,
    discount_brl,
    coalesce(discount_brl > 0 or temporary_discount_brl > 0, false) as is_discounted,
    uploaded_date,
    delivery_date,
    file_name,
    file_line,
    reason_code,
    unreadable_value,
    {{ row_status('is_superseded', 'is_later', 'is_duplicate') }} as row_status

from compared
