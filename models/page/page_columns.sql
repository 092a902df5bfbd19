{%- set smallest_cell = var_int('smallest_cell') -%}
{#- Texts of a customer whose values are few, in the page's order. -#}
{%- set domains = [
    'segment', 'sub_segment', 'revenue_band', 'state', 'country_name', 'main_commercial_model'
] -%}

with

customers as (

    select * from {{ ref('customer_360') }}

    where not is_internal

),

labels as (

    select * from {{ ref('page_dimensions') }}

),

features as (

    select dim_features.*

    from {{ ref('persona_features') }} as persona_features

    inner join {{ ref('dim_features') }} as dim_features
        on persona_features.feature = dim_features.feature

),

domain_values as (
    {% for column in domains %}
    select
        {{ loop.index }} as sort_order,
        '{{ column }}' as column_name,
        {{ column }} as column_value,
        count(*) as customer_count

    from customers

    group by {{ column }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

ranked_values as (

    select
        *,
        case when column_value is null then customer_count else 0 end as unknown_count,
        case when customer_count >= {{ smallest_cell }} then column_value end as shown_value,
        row_number() over (
            partition by column_name
            order by
                case when column_value is null then 1 else 0 end,
                customer_count desc,
                column_value asc
        ) as value_rank

    from domain_values

),

domain_columns as (

    select
        sort_order,
        column_name,
        count(column_value) as value_count,
        {{ share('sum(unknown_count)', 'sum(customer_count)') }} as unknown_share,
        {%- for rank in range(1, 5) %}
        max(case when value_rank = {{ rank }} then shown_value end) as most_frequent_{{ rank }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}

    from ranked_values

    group by sort_order, column_name

),

feature_columns as (

    select
        customer_features.feature as column_name,
        {{ share('count(*) - count(customer_features.feature_value)', 'count(*)') }} as unknown_share

    from {{ ref('customer_features') }} as customer_features

    inner join customers
        on customer_features.customer_id = customers.customer_id

    group by customer_features.feature

),

family_columns as (
    {% for family in screened_families() %}
    select
        '{{ family }}' as column_name,
        count(case when in_{{ family }} then customer_id end) as customer_count

    from customers
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

listed as (

    select
        'domain' as column_role,
        domain_columns.column_name,
        domain_columns.sort_order,
        labels.label_pt,
        labels.label_en,
        cast(null as bigint) as customer_count,
        domain_columns.value_count,
        round(domain_columns.unknown_share, 4) as unknown_share,
        domain_columns.most_frequent_1,
        domain_columns.most_frequent_2,
        domain_columns.most_frequent_3,
        domain_columns.most_frequent_4

    from domain_columns

    left join labels
        on domain_columns.column_name = labels.dimension

    union all

    select
        'feature' as column_role,
        feature_columns.column_name,
        row_number() over (order by features.feature_label) as sort_order,
        features.feature_label as label_pt,
        features.feature_label_en as label_en,
        cast(null as bigint) as customer_count,
        cast(null as bigint) as value_count,
        round(feature_columns.unknown_share, 4) as unknown_share,
        cast(null as varchar) as most_frequent_1,
        cast(null as varchar) as most_frequent_2,
        cast(null as varchar) as most_frequent_3,
        cast(null as varchar) as most_frequent_4

    from feature_columns

    inner join features
        on feature_columns.column_name = features.feature

    union all

    select
        'family' as column_role,
        column_name,
        row_number() over (order by column_name) as sort_order,
        column_name as label_pt,
        column_name as label_en,
        -- Zero customers are no group that could be recognised.
        case when customer_count = 0 or customer_count >= {{ smallest_cell }} then customer_count end
            as customer_count,
        cast(null as bigint) as value_count,
        cast(null as double) as unknown_share,
        cast(null as varchar) as most_frequent_1,
        cast(null as varchar) as most_frequent_2,
        cast(null as varchar) as most_frequent_3,
        cast(null as varchar) as most_frequent_4

    from family_columns

)

select * from listed
