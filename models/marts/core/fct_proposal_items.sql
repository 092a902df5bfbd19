with

proposal_items as (

    select * from {{ ref('int_proposal_items__screened') }}

    where row_status = 'kept'

)

select
    proposal_id,
    proposal_item_number,
    customer_id,
    product_code,
    hosting_label as hosting,
    quantity,
    unit_price_brl,
    item_value_brl,
    discount_brl,
    temporary_discount_brl,
    is_discounted,
    bonus_months,
    is_bonus_permanent,
    uploaded_date

from proposal_items
