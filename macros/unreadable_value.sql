{#
    The first value of a row that is there but could not be cast, as `column=text`;
    null when all were read.

    columns: dict of landed column -> parsing expression. Silver sets such a row
    aside and shows this text; a null in the file is not a fault. What was cast comes
    first in each condition, so that the text is looked at only where that failed.
#}
{% macro unreadable_value(columns) -%}
    case
        {%- for column, parsed in columns.items() %}
        when {{ parsed }} is null and {{ clean_text(column) }} is not null then '{{ column }}=' || {{ column }}
        {%- endfor %}
    end
{%- endmacro %}
