{#
    The families of the contract and the models that read them: the one list of them in SQL.

    staging    the model that reads the family's landed records
    screened   the silver model that gives each of them one row_status
    amounts    columns of it whose scale is compared with that of earlier deliveries
    survey     of the surveys: what their columns are called after
    day        of families whose deliveries add up: the day of a record, null where it has none.
               A first delivery may hold years and the next a month, so records are compared
               by day
#}
{% macro screened_families() -%}
    {{ return({
        'clientes_desde': {
            'staging': 'stg_erp__customers', 'screened': 'int_customers__screened', 'amounts': []
        },
        'dados_clientes': {
            'staging': 'stg_erp__contract_lines', 'screened': 'int_contract_lines__screened',
            'amounts': ['contract_value_brl']
        },
        'mrr': {'staging': 'stg_erp__mrr', 'screened': 'int_mrr__screened', 'amounts': ['mrr_brl']},
        'contratacoes_ultimos_12_meses': {
            'staging': 'stg_erp__purchases_last_12_months', 'screened': 'int_purchases__screened',
            'amounts': ['purchase_count', 'purchase_value_brl']
        },
        'historico': {
            'staging': 'stg_erp__proposal_items', 'screened': 'int_proposal_items__screened',
            'amounts': ['quantity', 'unit_price_brl', 'item_value_brl', 'discount_brl', 'temporary_discount_brl'],
            'day': 'uploaded_date'
        },
        'tickets': {
            'staging': 'stg_erp__tickets', 'screened': 'int_tickets__screened', 'amounts': [],
            'day': 'created_date'
        },
        'nps_relacional': {
            'staging': 'stg_erp__nps_relational', 'screened': 'int_nps_responses__screened', 'amounts': [],
            'survey': 'relational',
            'day': 'cast(answered_at as date)'
        },
        'nps_transacional_aquisicao': {
            'staging': 'stg_erp__nps_acquisition', 'screened': 'int_nps_responses__screened', 'amounts': [],
            'survey': 'acquisition',
            'day': 'cast(answered_at as date)'
        },
        'nps_transacional_implantacao': {
            'staging': 'stg_erp__nps_implementation', 'screened': 'int_nps_responses__screened', 'amounts': [],
            'survey': 'implementation',
            'day': 'cast(answered_at as date)'
        },
        'nps_transacional_onboarding': {
            'staging': 'stg_erp__nps_onboarding', 'screened': 'int_nps_responses__screened', 'amounts': [],
            'survey': 'onboarding',
            'day': 'cast(answered_at as date)'
        },
        'nps_transacional_produto': {
            'staging': 'stg_erp__nps_product', 'screened': 'int_nps_responses__screened', 'amounts': [],
            'survey': 'product',
            'day': 'cast(answered_at as date)'
        },
        'nps_transacional_suporte': {
            'staging': 'stg_erp__nps_support', 'screened': 'int_nps_responses__screened', 'amounts': [],
            'survey': 'support',
            'day': 'cast(answered_at as date)'
        },
        'telemetria': {
            'staging': 'stg_erp__telemetry', 'screened': 'int_telemetry__screened',
            'amounts': ['event_count', 'distinct_event_duration'], 'day': 'usage_date'
        }
    }) }}
{%- endmacro %}
