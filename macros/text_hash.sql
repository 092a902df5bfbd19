{#
    A text's MD5 as 32 lower-case hexadecimal letters: a short, stable id.
#}
{% macro text_hash(expression) -%}
    {{ adapter.dispatch('text_hash', 'arcana')(expression) }}
{%- endmacro %}

{% macro default__text_hash(expression) -%}
    md5({{ expression }})
{%- endmacro %}

{% macro athena__text_hash(expression) -%}
    lower(to_hex(md5(to_utf8({{ expression }}))))
{%- endmacro %}
