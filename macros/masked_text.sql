{#
    The form of a text without what it says: a letter becomes A, a digit 9, everything else
    stays. Shows how a key is spoilt and no customer's key.
#}
{% macro masked_text(column) -%}
    {{ adapter.dispatch('masked_text', 'arcana')(column) }}
{%- endmacro %}

{% macro default__masked_text(column) -%}
    regexp_replace(regexp_replace({{ column }}, '\p{L}', 'A', 'g'), '\p{N}', '9', 'g')
{%- endmacro %}

{% macro athena__masked_text(column) -%}
    regexp_replace(regexp_replace({{ column }}, '\p{L}', 'A'), '\p{N}', '9')
{%- endmacro %}
