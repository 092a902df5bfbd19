{#
    The day the build looks back from, as a scalar: the only clock there is.

    A model that calls this has `int_build__context` among its parents, so a unit
    test gives the day as a row.
#}
{% macro as_of_date() -%}
    (select build_context.as_of_date from {{ ref('int_build__context') }} as build_context)
{%- endmacro %}
