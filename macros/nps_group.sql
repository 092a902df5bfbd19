{#
    The group of an answer from 0 to 10 to "would you recommend us", as is usual for the
    NPS: 9 and 10 are promoters, 7 and 8 passive, 0 to 6 detractors. Null for no answer.

    labels: what to call the three, in this order.
#}
{% macro nps_group(score, labels=['promoter', 'passive', 'detractor']) -%}
    case
        when {{ score }} >= 9 then '{{ labels[0] }}'
        when {{ score }} >= 7 then '{{ labels[1] }}'
        when {{ score }} is not null then '{{ labels[2] }}'
    end
{%- endmacro %}
