{#
    The forms of dates that a contract can declare: dict of name -> regular expression, and
    the patterns of strptime to read it by, tried in order; none where a cast reads it.
    A test holds the names to those of `arcana.families`.
#}
{% macro date_forms() -%}
    {%- set slashes = '[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}' -%}
    {{ return({
        'iso_date': {'form': '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', 'patterns': []},
        'iso_timestamp': {
            'form': '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?$',
            'patterns': []
        },
        'br_date': {'form': '^' ~ slashes ~ '$', 'patterns': ['%d/%m/%Y']},
        'br_timestamp': {
            'form': '^' ~ slashes ~ ' [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$',
            'patterns': ['%d/%m/%Y %H:%M:%S', '%d/%m/%Y %H:%M']
        },
        'us_date': {'form': '^' ~ slashes ~ '$', 'patterns': ['%m/%d/%Y']},
        'us_timestamp': {
            'form': '^' ~ slashes ~ ' [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M$',
            'patterns': ['%m/%d/%Y %I:%M:%S %p']
        }
    }) }}
{%- endmacro %}
