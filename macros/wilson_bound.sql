{#
    A bound of a proportion by Wilson (1927): `direction` -1 for the lower one, 1 for the
    upper one, `z` normal deviates away. Null for a proportion of nothing.
#}
{% macro wilson_bound(part, whole, z, direction) -%}
    (
        {{ part }} + {{ z }} * {{ z }} / 2.0
        + {{ direction }} * {{ z }} * sqrt(
            cast({{ part }} as double) * ({{ whole }} - {{ part }}) / nullif({{ whole }}, 0)
            + {{ z }} * {{ z }} / 4.0
        )
    ) / ({{ whole }} + {{ z }} * {{ z }})
{%- endmacro %}
