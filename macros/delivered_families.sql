{#
    The families of the contract, as landed. A test holds this list to families.yml.
#}
{% macro delivered_families() -%}
    {{ return([
        'clientes_desde',
        'dados_clientes',
        'mrr',
        'contratacoes_ultimos_12_meses',
        'historico',
        'tickets',
        'nps_relacional',
        'nps_transacional_aquisicao',
        'nps_transacional_implantacao',
        'nps_transacional_onboarding',
        'nps_transacional_produto',
        'nps_transacional_suporte',
        'telemetria'
    ]) }}
{%- endmacro %}
