{#
    The grain of a model: its key is never null and never twice.

    Rows returned are keys with the number of their rows. nullable: columns of the key
    that may be null, where what is not known is a group of its own.
#}
{% test unique_key(model, columns, nullable=[]) %}

select
    {{ columns | join(',\n    ') }},
    count(*) as row_count

from {{ model }}

group by
    {{ columns | join(',\n    ') }}

having count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
