{#
    One row per customer with its most frequent known value of a column.

    Unknown (null) never wins over a known value. Ties go to the value that comes
    first in the alphabet, so that the answer is the same on every run.
#}
{% macro most_frequent(relation, column) -%}
    select
        customer_id,
        {{ column }}

    from (
        select
            customer_id,
            {{ column }},
            row_number() over (
                partition by customer_id
                order by count(*) desc, {{ column }}
            ) as frequency_rank

        from {{ relation }}

        where {{ column }} is not null

        group by customer_id, {{ column }}
    ) as ranked_values

    where frequency_rank = 1
{%- endmacro %}
