{#
    A row of `customer_reasons` in words: how common such customers are, or the customer's
    value of a feature beside that which is typical of the persona.

    language: suffix of the columns label_, persona_ and runner_up_.
    words: the words of that language.
#}
{% macro reason_text(language, words) -%}
    case
        when term = 'prior'
            then
                '{{ words.prior }}'
                || {{ number_text('round(100 * customer_share, 1)', words.mark) }}
                || ' %{{ words.as }}'
                || persona_{{ language }}
                || '{{ words.against }}'
                || {{ number_text('round(100 * runner_up_share, 1)', words.mark) }}
                || ' %{{ words.as }}'
                || runner_up_{{ language }}
        when term = 'rest' then '{{ words.rest }}'
        else
            label_{{ language }}
            || ': '
            || coalesce({{ number_text('customer_value', words.mark) }}, '{{ words.unknown }}')
            || '{{ words.typical }}'
            || coalesce({{ number_text('typical_value', words.mark) }}, '{{ words.unknown }}')
            || ')'
    end
{%- endmacro %}
