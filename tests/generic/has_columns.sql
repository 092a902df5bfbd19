{#
    A table has exactly these columns, in this order.

    For Python models, on which dbt can enforce no contract. Rows returned are the
    names that are missing or should not be there.
#}
{% test has_columns(model, columns) %}

{#- `dbt compile --no-introspect` asks no engine. #}
{%- if execute and flags.INTROSPECT -%}
    {%- set actual = adapter.get_columns_in_relation(model) | map(attribute='name') | map('lower') | list -%}
{%- else -%}
    {%- set actual = columns -%}
{%- endif -%}

{%- if actual == columns %}
select 1 as fault where 1 = 0
{%- else %}
select
    'expected {{ columns | join(", ") }}' as expected,
    'found {{ actual | join(", ") }}' as found
{%- endif %}

{% endtest %}
