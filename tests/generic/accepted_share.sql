{#
    Casts did not eat the data: at least this share of a model's rows was read in
    full, judged by the null share of its column `unreadable_value`.

    A cast that does not understand a format returns null without a word; this is
    the word. An empty model passes.
#}
{% test accepted_share(model, column_name, minimum) %}

select
    count(*) as row_count,
    count({{ column_name }}) as unreadable_count

from {{ model }}

having count({{ column_name }}) > (1 - {{ minimum }}) * count(*)

{% endtest %}
