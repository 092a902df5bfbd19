with

mrr as (

    select * from {{ ref('int_mrr__screened') }}

    where row_status = 'kept'

),

purchases as (

    select * from {{ ref('int_purchases__screened') }}

    where row_status = 'kept'

),

proposal_items as (

    select * from {{ ref('int_proposal_items__screened') }}

    where row_status = 'kept'

),

proposals as (

    select
        customer_id,
        count(distinct case when is_recent then proposal_id end) as proposal_count_last_12_months,
        count(case when is_recent then customer_id end) as proposal_item_count_last_12_months,
        {{ sum_brl('case when is_recent then item_value_brl end') }} as proposal_value_last_12_months_brl,
        count(case when is_recent and is_discounted then customer_id end) as discounted_item_count,
        count(case when is_recent and hosting_label = 'TOTVS CLOUD' then customer_id end)
            as cloud_item_count,
        max(uploaded_date) as last_proposal_date

    from (
        select
            *,
            {{ months_between('uploaded_date', as_of_date()) }} < 12 as is_recent

        from proposal_items
    ) as dated_items

    group by customer_id

),

customers as (

    select customer_id from mrr

    union

    select customer_id from purchases

    union

    select customer_id from proposals

),

joined as (

    select
        customers.customer_id,
        mrr.customer_id is not null as in_mrr,
        mrr.mrr_brl,
        purchases.customer_id is not null as in_contratacoes_ultimos_12_meses,
        purchases.purchase_count as purchase_count_last_12_months,
        purchases.purchase_value_brl as purchase_value_last_12_months_brl,
        proposals.customer_id is not null as in_historico,
        proposals.proposal_count_last_12_months,
        proposals.proposal_item_count_last_12_months,
        proposals.proposal_value_last_12_months_brl,
        {{ share('proposals.discounted_item_count', 'proposals.proposal_item_count_last_12_months') }}
            as discounted_item_share,
        {{ share('proposals.cloud_item_count', 'proposals.proposal_item_count_last_12_months') }}
            as cloud_item_share,
        proposals.last_proposal_date

    from customers

    left join mrr
        on customers.customer_id = mrr.customer_id

    left join purchases
        on customers.customer_id = purchases.customer_id

    left join proposals
        on customers.customer_id = proposals.customer_id

)

select * from joined
