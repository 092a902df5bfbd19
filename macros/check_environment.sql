{#
    Stop the compilation where a value of the environment that reaches SQL has not its
    form, or a var is called by an old name. Values of the environment reach it by way of YAML files (profile, sources), which can check nothing.

    ARCANA_DATA and ARCANA_DUCKDB name files; `arcana.settings` and `arcana.dbt_plugin`
    check them before the file is opened.
#}
{% macro check_environment() -%}
    {%- set schema = ['[a-z_][a-z0-9_]{0,127}', 'a schema name of lower-case letters, digits and _'] -%}
    {%- set folder = ['s3://[a-z0-9][a-z0-9.-]+(/[A-Za-z0-9!_.()=/-]*)?', 'a folder as s3://bucket/path/'] -%}
    {%- set forms = {
        'ARCANA_LANDING_SCHEMA': schema,
        'ARCANA_ATHENA_PREFIX': schema,
        'ARCANA_ATHENA_CATALOG': ['[A-Za-z_][A-Za-z0-9_]*([/-][A-Za-z0-9_]+)*', 'a catalog name of letters, digits, _, / and -'],
        'ARCANA_ATHENA_STAGING': folder,
        'ARCANA_ATHENA_DATA': folder,
    } -%}
    {%- for name, form in forms.items() -%}
        {#- False, which no variable can be: unset, so that the default applies. #}
        {%- set value = env_var(name, false) -%}
        {%- if value is not false and not modules.re.fullmatch(form[0], value) -%}
            {{ exceptions.raise_compiler_error(
                "environment variable '" ~ name ~ "' must be " ~ form[1] ~ ", not '" ~ value ~ "'"
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- if var('accept_drift', none) is not none -%}
        {{ exceptions.raise_compiler_error("var 'accept_drift' is called 'accept_refit' now") }}
    {%- endif -%}
{%- endmacro %}
