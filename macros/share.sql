{#
    A share as DOUBLE from two integers; null where there is nothing to share.
#}
{% macro share(part, whole) -%}
    cast({{ part }} as double) / nullif({{ whole }}, 0)
{%- endmacro %}
