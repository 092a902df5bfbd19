{#
    Cast text in one of these forms to DATE; null for any other form and for days that do not
    exist. Of a form with a time the day is taken. formats: names of `date_forms`.
#}
{% macro parse_date(column, formats=['iso_date']) -%}
    {%- if formats == ['iso_date'] -%}
    case
        when {{ matches('trim(' ~ column ~ ')', date_forms().iso_date.form) }} then try_cast(trim({{ column }}) as date)
    end
    {%- else -%}
    cast({{ parse_timestamp(column, formats) }} as date)
    {%- endif -%}
{%- endmacro %}
