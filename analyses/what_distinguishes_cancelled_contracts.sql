-- What distinguishes cancelled contracts? Of the customers with a contract of a kind, active or
-- cancelled, those who cancelled one: a large customer with a hundred lines counts once.
with

contract_lines as (

    select * from {{ ref('fct_contract_lines') }}

    where contract_status in ('active', 'cancelled')

),

counted as (

    select
        'commercial_model' as dimension,
        commercial_model as group_name,
        count(*) as customer_count,
        count(case when is_met then customer_id end) as met_count

    from (
        select
            customer_id,
            coalesce(commercial_model, 'Sem informação') as commercial_model,
            max(case when contract_status = 'cancelled' then 1 else 0 end) = 1 as is_met

        from contract_lines

        group by customer_id, coalesce(commercial_model, 'Sem informação')
    ) as customers_by_commercial_model

    group by commercial_model

    union all

    select
        'product_line' as dimension,
        product_line as group_name,
        count(*) as customer_count,
        count(case when is_met then customer_id end) as met_count

    from (
        select
            customer_id,
            coalesce(product_line, 'Sem informação') as product_line,
            max(case when contract_status = 'cancelled' then 1 else 0 end) = 1 as is_met

        from contract_lines

        group by customer_id, coalesce(product_line, 'Sem informação')
    ) as customers_by_product_line

    group by product_line

    union all

    select
        'billing_period' as dimension,
        billing_period as group_name,
        count(*) as customer_count,
        count(case when is_met then customer_id end) as met_count

    from (
        select
            customer_id,
            coalesce(billing_period, 'Sem informação') as billing_period,
            max(case when contract_status = 'cancelled' then 1 else 0 end) = 1 as is_met

        from contract_lines

        group by customer_id, coalesce(billing_period, 'Sem informação')
    ) as customers_by_billing_period

    group by billing_period

)

select * from counted

order by dimension, group_name
