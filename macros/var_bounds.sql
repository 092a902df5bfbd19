{#
    What a var with a number may be: its least and its largest value, by name.

    A var is read with `var_int`, `var_number` or `var_date` and never with `var`: text
    that is pasted into SQL unchecked is an injection.
#}
{% macro var_bounds() -%}
    {{ return({
        'maximum_amount_brl': [1, 999999999999],
        'maximum_event_duration': [1, 999999999999],
        'usage_window_days': [1, 3660],
        'insight_z': [1, 10],
        'smallest_cell': [2, 1000000],
        'list_capacity': [1, 1000000],
        'unreadable_floor': [1, 1000000],
    }) }}
{%- endmacro %}
