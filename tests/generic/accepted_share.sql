{#
    Casts did not eat the data: at least this share of a model's rows was read in
    full, judged by the null share of its column `unreadable_value`.

    A cast that does not understand a format returns null without a word; this is
    the word. A few rows are no share: fewer than the var unreadable_floor are set aside and
    stop nothing, unless they are more than half. An empty model passes. rows: what one row of
    the model stands for, where that is not one record.
#}
{% test accepted_share(model, column_name, minimum, rows=1) %}

select
    sum({{ rows }}) as row_count,
    sum(case when {{ column_name }} is not null then {{ rows }} else 0 end) as unreadable_count

from {{ model }}

having sum(case when {{ column_name }} is not null then {{ rows }} else 0 end)
    > (1 - {{ minimum }}) * sum({{ rows }})
    and (
        sum(case when {{ column_name }} is not null then {{ rows }} else 0 end)
        >= {{ var_int('unreadable_floor') }}
        or 2 * sum(case when {{ column_name }} is not null then {{ rows }} else 0 end) > sum({{ rows }})
    )

{% endtest %}
