-- Where is recurring revenue concentrated? Customers by tenth of MRR, the largest
-- first, with the share of all MRR that each tenth carries.
with

customers as (

    select
        customer_id,
        mrr_brl

    from {{ ref('customer_360') }}

    where mrr_brl is not null
        and not is_internal

),

ranked as (

    select
        customer_id,
        mrr_brl,
        ntile(10) over (order by mrr_brl desc, customer_id asc) as mrr_tenth

    from customers

),

totals as (

    select cast(sum(mrr_brl) as double) as all_mrr_brl

    from customers

)

select
    ranked.mrr_tenth,
    count(*) as customer_count,
    {{ sum_brl('ranked.mrr_brl') }} as mrr_brl,
    cast(sum(ranked.mrr_brl) as double) / max(totals.all_mrr_brl) as mrr_share

from ranked

cross join totals

group by ranked.mrr_tenth

order by ranked.mrr_tenth
