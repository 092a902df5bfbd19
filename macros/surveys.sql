{#
    The surveys in the order of the contract: dict of survey -> family.
#}
{% macro surveys() -%}
    {%- set found = {} -%}
    {%- for family, models in screened_families().items() if models.survey -%}
        {%- do found.update({models.survey: family}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
