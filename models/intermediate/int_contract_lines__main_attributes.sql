with

contract_lines as (

    select * from {{ ref('int_contract_lines__screened') }}

    where row_status = 'kept'

),

segments as (

    select * from {{ ref('segments') }}

),

sub_segments as (

    select * from {{ ref('sub_segments') }}

),

revenue_bands as (

    select * from {{ ref('revenue_bands') }}

),

commercial_models as (

    select * from {{ ref('commercial_models') }}

),

countries as (

    select * from {{ ref('countries') }}

),

mapped as (

    -- A label the seeds do not know becomes OUTROS and shows in quality; a label that
    -- says "unknown" becomes null, so that it never outvotes a known one.
    select
        contract_lines.customer_id,
        case
            when contract_lines.segment_label is not null then coalesce(segments.segment, 'OUTROS')
        end as segment,
        case
            when contract_lines.sub_segment_label is not null
                then coalesce(sub_segments.sub_segment, 'OUTROS')
        end as sub_segment,
        case when revenue_bands.revenue_band_rank is not null then revenue_bands.label end as revenue_band,
        contract_lines.city,
        contract_lines.state,
        case
            when contract_lines.country_code is not null
                then coalesce(countries.country_name, 'País ' || cast(contract_lines.country_code as varchar))
        end as country_name,
        contract_lines.economic_activity,
        case
            when contract_lines.commercial_model_label is not null
                then coalesce(commercial_models.commercial_model, 'OUTROS')
        end as commercial_model

    from contract_lines

    left join segments
        on contract_lines.segment_label = segments.label

    left join sub_segments
        on contract_lines.sub_segment_label = sub_segments.label

    left join revenue_bands
        on contract_lines.revenue_band_label = revenue_bands.label

    left join commercial_models
        on contract_lines.commercial_model_label = commercial_models.label

    left join countries
        on contract_lines.country_code = countries.country_code

),

customers as (

    select distinct customer_id

    from mapped

),
{% set attributes = [
    'segment',
    'sub_segment',
    'revenue_band',
    'city',
    'state',
    'country_name',
    'economic_activity',
    'commercial_model'
] %}
{%- for attribute in attributes %}
main_{{ attribute }} as (

    {{ most_frequent('mapped', attribute) | indent(4) }}

),
{% endfor %}
joined as (

    select
        customers.customer_id,
        {%- for attribute in attributes %}
        main_{{ attribute }}.{{ attribute }},
        {%- endfor %}
        revenue_bands.revenue_band_rank

    from customers
    {% for attribute in attributes %}
    left join main_{{ attribute }}
        on customers.customer_id = main_{{ attribute }}.customer_id
    {% endfor %}
    left join revenue_bands
        on main_revenue_band.revenue_band = revenue_bands.label

)

select * from joined
