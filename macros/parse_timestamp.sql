{#
    Cast text in one of these forms to TIMESTAMP; null for any other form and for moments
    that do not exist. A form without a time is midnight. formats: names of `date_forms`, as
    declared in the family contract.
#}
{% macro parse_timestamp(column, formats) -%}
    {%- set text = 'trim(' ~ column ~ ')' -%}
    case
        {%- for format in formats %}
        {%- set read = date_forms()[format] %}
        when {{ matches(text, read.form) }}
            then {% if not read.patterns -%}
                try_cast({{ text }} as timestamp)
            {%- elif read.patterns | length == 1 -%}
                {{ parse_pattern(text, read.patterns[0]) }}
            {%- else -%}
                coalesce(
                    {%- for pattern in read.patterns %}{{ parse_pattern(text, pattern) }}{% if not loop.last %}, {% endif %}{% endfor -%}
                )
            {%- endif %}
        {%- endfor %}
    end
{%- endmacro %}
