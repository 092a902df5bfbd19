with

customers as (

    select * from {{ ref('int_customers__screened') }}

    where row_status = 'kept'

),

main_attributes as (

    select * from {{ ref('int_contract_lines__main_attributes') }}

),

families as (

    select * from {{ ref('int_families__delivered') }}

),

delivered as (

    -- One row: which families were delivered, so that gold can tell "none" from
    -- "not known".
    select
        {%- for family in screened_families() %}
        max(case when family = '{{ family }}' and is_delivered then 1 else 0 end) = 1
            as is_{{ family }}_delivered,
        {%- endfor %}
        max(case when family like 'nps%' and is_delivered then 1 else 0 end) = 1 as is_any_nps_delivered

    from families

),

profiled as (

    select
        customers.customer_id,
        main_attributes.segment,
        main_attributes.sub_segment,
        main_attributes.revenue_band,
        main_attributes.revenue_band_rank,
        main_attributes.city,
        main_attributes.state,
        main_attributes.country_name,
        main_attributes.economic_activity,
        main_attributes.commercial_model as main_commercial_model,
        customers.customer_since_date,
        {{ months_between('customers.customer_since_date', as_of_date()) }} as tenure_months,
        -- The vendor's own and its test customers: its segment, or a key of another
        -- shape than every customer's.
        coalesce(main_attributes.segment = 'TOTVS', false)
        or not {{ matches('customers.customer_id', '^T[0-9A-Z]{5}$') }} as is_internal,
        {%- for family in screened_families() %}
        delivered.is_{{ family }}_delivered,
        {%- endfor %}
        delivered.is_any_nps_delivered

    from customers

    cross join delivered

    left join main_attributes
        on customers.customer_id = main_attributes.customer_id

)

select * from profiled
