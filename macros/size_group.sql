{#
    The customer's own revenue band in three groups, as people speak of it; the bands are
    too many for a comparison. Below 25, from 25 to 150 and above 150 million a year.
#}
{% macro size_group(rank) -%}
    case
        when {{ rank }} is null then 'Sem informação'
        when {{ rank }} <= 3 then 'Pequena'
        when {{ rank }} <= 7 then 'Média'
        else 'Grande'
    end
{%- endmacro %}
