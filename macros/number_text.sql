{#
    A number as people write it, in Portuguese and in English: without decimals where it is
    whole, else with two; null where it is null.

    mark: the decimal mark.
#}
{% macro number_text(expression, mark=',') -%}
    case
        when {{ expression }} = floor({{ expression }})
            then cast(cast({{ expression }} as bigint) as varchar)
        else replace(cast(cast(round({{ expression }}, 2) as decimal(18, 2)) as varchar), '.', '{{ mark }}')
    end
{%- endmacro %}
