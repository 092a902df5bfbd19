with

customers as (

    select * from {{ ref('page_customers') }}

),

cells as (

    -- Null in one of the first three columns: any. A persona's cell and, with null for the
    -- persona, all personas together: what is too small is left out after the sums.
    select
        segment,
        size_group,
        state_group,
        persona_id,
        {%- for figure, expression in figures().items() %}
        {{ expression }} as {{ figure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}

    from customers

    group by cube(segment, size_group, state_group, persona_id)

)

select *

from cells

where customer_count >= {{ var_int('smallest_cell') }}
