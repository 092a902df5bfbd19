{#
    Cast text to TIMESTAMP; null for any other form and for moments that do not
    exist.

    format: 'iso_timestamp' 2025-03-25 13:45:00.000, 'us_timestamp' 3/25/2025 1:45:00 PM,
    as declared in the family contract. The American form is read by strptime on
    DuckDB and by date_parse on Trino, which would both take more than is meant,
    hence the pattern first.
#}
{% macro parse_timestamp(column, format) -%}
    {%- if format == 'iso_timestamp' -%}
    case
        when {{ matches('trim(' ~ column ~ ')', '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?$') }}
            then try_cast(trim({{ column }}) as timestamp)
    end
    {%- elif format == 'us_timestamp' -%}
    case
        when {{ matches('trim(' ~ column ~ ')', '^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M$') }}
            then {{ adapter.dispatch('parse_us_timestamp', 'arcana')(column) }}
    end
    {%- else -%}
        {{ exceptions.raise_compiler_error("parse_timestamp knows iso_timestamp and us_timestamp, not '" ~ format ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{% macro default__parse_us_timestamp(column) -%}
    try_strptime(trim({{ column }}), '%m/%d/%Y %I:%M:%S %p')
{%- endmacro %}

{% macro athena__parse_us_timestamp(column) -%}
    try(cast(date_parse(trim({{ column }}), '%c/%e/%Y %l:%i:%s %p') as timestamp))
{%- endmacro %}
