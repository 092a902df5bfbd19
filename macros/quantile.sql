{#
    The smallest value of a group that at least a share of its values do not exceed;
    null where there is none. An exact value of the column, so equal on both engines and in
    every run; Trino's own approx_percentile is neither.
#}
{% macro quantile(column, share) -%}
    {{ adapter.dispatch('quantile', 'arcana')(column, share) }}
{%- endmacro %}

{% macro default__quantile(column, share) -%}
    quantile_disc({{ column }}, {{ share }})
{%- endmacro %}

{% macro athena__quantile(column, share) -%}
    element_at(
        array_sort(array_agg({{ column }}) filter (where {{ column }} is not null)),
        greatest(1, cast(ceiling({{ share }} * count({{ column }})) as integer))
    )
{%- endmacro %}
