{#
    The first value of a row that is there but could not be cast, as `column=text`;
    null when all were read.

    columns: dict of landed column -> parsing expression. Silver sets such a row
    aside and shows this text; a null in the file is not a fault.
#}
{% macro unreadable_value(columns) -%}
    case
        {%- for column, parsed in columns.items() %}
        when {{ clean_text(column) }} is not null and {{ parsed }} is null then '{{ column }}=' || {{ column }}
        {%- endfor %}
    end
{%- endmacro %}
