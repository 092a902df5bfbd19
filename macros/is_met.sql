{#
    Whether a feature's value meets a condition; null where the value is unknown.
#}
{% macro is_met(feature_value, comparison, threshold) -%}
    case
        when {{ feature_value }} is null then null
        when {{ comparison }} = 'at_least' then {{ feature_value }} >= {{ threshold }}
        when {{ comparison }} = 'at_most' then {{ feature_value }} <= {{ threshold }}
    end
{%- endmacro %}
