-- What does the Power BI report have to show? Every measure of the model, worked out in
-- SQL for each persona and for all of them, to compare with the report unfiltered:
-- dbt show --select powerbi_measures --limit 1000. Shares are parts of one; a day is its
-- number, as Power BI counts: days since 1899-12-30.
{#- By customer, with what it answered and asked; sums of DECIMAL and BIGINT only. What the page and
    the console show too is of the macro `figures`. #}
{%- set figure = figures() %}
{%- set by_customer = {
    'Clientes': figure['customer_count'],
    'Participação de clientes': share('count(*)', 'max(all_customer_count)'),
    'Clientes ativos': figure['active_count'],
    'Participação de ativos': share(figure['active_count'], figure['customer_count']),
    'Tempo de casa médio (meses)': share('sum(tenure_months)', 'count(tenure_months)'),
    'MRR': "sum(mrr_brl)",
    'Participação no MRR': share('sum(mrr_brl)', 'max(all_mrr_brl)'),
    'MRR médio': share('sum(mrr_brl)', 'count(mrr_brl)'),
    'Valor de contratos ativos': "sum(active_contract_value_brl)",
    'Contratado em 12 meses': "sum(purchase_value_last_12_months_brl)",
    'Respostas': "sum(answer_count)",
    'Promotores': figure['promoter_count'],
    'Detratores': figure['detractor_count'],
    'NPS': '100 * ' ~ share(
        '(' ~ figure['promoter_count'] ~ ' - ' ~ figure['detractor_count'] ~ ')', figure['answered_count']
    ),
    'NPS de todas as respostas': '100 * ' ~ share(
        'sum(promoter_answer_count - detractor_answer_count)', 'sum(answer_count)'
    ),
    'Nota média': share('sum(score_sum)', 'sum(answer_count)'),
    'Clientes que responderam': figure['answered_count'],
    'Taxa de resposta': share(figure['answered_count'], figure['customer_count']),
    'Quantidade de tickets': "sum(created_count)",
    'Tickets em 12 meses': figure['ticket_count'],
    'Tickets por cliente em 12 meses': share(figure['ticket_count'], figure['customer_count']),
    'Tickets em aberto': "sum(open_count)",
    'Participação de altos e urgentes': share('sum(high_count)', 'sum(created_count)'),
    'Dias médios até a última atualização': share('sum(update_days)', 'sum(updated_count)'),
    'Certeza média': share(figure['probability_sum'], figure['with_persona_count']),
    'Clientes ambíguos': figure['ambiguous_count'],
    'Participação de ambíguos': share(figure['ambiguous_count'], figure['customer_count']),
    'Clientes sem persona': "count(case when persona_id = -1 then customer_id end)",
    'MRR de ambíguos e sem persona': "sum(case when persona_status != 'assigned' then mrr_brl end)",
    'Data de referência': days_between("cast('1899-12-30' as date)", 'max(as_of_date)'),
} %}
{%- set by_survey = {
    'NPS relacional': "relational",
    'NPS de aquisição': "acquisition",
    'NPS de implantação': "implementation",
    'NPS de onboarding': "onboarding",
    'NPS de produto': "product",
    'NPS de suporte': "support",
} %}
{%- set by_runner_up = {
    'Clientes com esta segunda persona': "count(*)",
} %}
{%- set by_feature = {
    'Diferença média': "difference_from_rest",
    'Mediana da característica': "median",
} %}

with

metrics as (

    select * from {{ ref('dim_customers') }}

    where not is_internal

),

customer_personas as (

    select * from {{ ref('customer_personas') }}

),

answers as (

    select * from {{ ref('fct_nps_responses') }}

    where question_number = 0

),

tickets as (

    select * from {{ ref('fct_tickets') }}

),

feature_profiles as (

    select * from {{ ref('persona_feature_profiles') }}

),

personas as (

    select * from {{ ref('dim_personas') }}

),

answered as (

    select
        customer_id,
        count(*) as answer_count,
        sum(score) as score_sum,
        count(case when promoter_group = 'promoter' then response_id end) as promoter_answer_count,
        count(case when promoter_group = 'detractor' then response_id end) as detractor_answer_count

    from answers

    group by customer_id

),

asked as (

    select
        customer_id,
        count(*) as created_count,
        count(case when not is_closed then ticket_id end) as open_count,
        count(case when priority in ('high', 'urgent') then ticket_id end) as high_count,
        sum(days_to_last_update) as update_days,
        count(days_to_last_update) as updated_count

    from tickets

    group by customer_id

),

scopes as (

    -- Each persona by itself, and all of them once more together.
    select
        persona_id,
        persona_name,
        sort_order

    from personas

    union all

    select
        persona_id,
        'Todas' as persona_name,
        0 as sort_order

    from personas

),

totals as (

    select
        count(*) as all_customer_count,
        sum(mrr_brl) as all_mrr_brl

    from metrics

),

customers as (

    select
        scopes.persona_name,
        scopes.sort_order,
        metrics.customer_id,
        metrics.persona_id,
        metrics.tenure_months,
        metrics.mrr_brl,
        metrics.active_contract_value_brl,
        metrics.purchase_value_last_12_months_brl,
        metrics.usage_active_day_count,
        metrics.nps_last_score,
        metrics.ticket_count_last_12_months,
        metrics.persona_status,
        metrics.probability,
        customer_personas.as_of_date,
        answered.answer_count,
        answered.score_sum,
        answered.promoter_answer_count,
        answered.detractor_answer_count,
        asked.created_count,
        asked.open_count,
        asked.high_count,
        asked.update_days,
        asked.updated_count,
        totals.all_customer_count,
        totals.all_mrr_brl

    from metrics

    inner join scopes
        on metrics.persona_id = scopes.persona_id

    inner join customer_personas
        on metrics.customer_id = customer_personas.customer_id

    left join answered
        on metrics.customer_id = answered.customer_id

    left join asked
        on metrics.customer_id = asked.customer_id

    cross join totals

),

survey_answers as (

    select
        scopes.persona_name,
        scopes.sort_order,
        answers.survey,
        answers.promoter_group

    from answers

    inner join metrics
        on answers.customer_id = metrics.customer_id

    inner join scopes
        on metrics.persona_id = scopes.persona_id

),

runners_up as (

    select
        scopes.persona_name,
        scopes.sort_order

    from customer_personas

    inner join scopes
        on customer_personas.runner_up_persona_id = scopes.persona_id

),

features as (

    select
        scopes.persona_name,
        scopes.sort_order,
        cast(feature_profiles.difference_from_rest as decimal(18, 6)) as difference_from_rest,
        cast(feature_profiles.median as decimal(18, 6)) as median

    from feature_profiles

    inner join scopes
        on feature_profiles.persona_id = scopes.persona_id

),

measured as (
    {% for measure, expression in by_customer.items() %}
    select
        '{{ measure }}' as measure,
        persona_name,
        sort_order,
        cast({{ expression }} as double) as measure_value

    from customers

    group by persona_name, sort_order

    union all
    {% endfor %}
    {%- for measure, survey in by_survey.items() %}
    select
        '{{ measure }}' as measure,
        persona_name,
        sort_order,
        100 * {{ share(
            "(count(case when promoter_group = 'promoter' then survey end)"
            ~ " - count(case when promoter_group = 'detractor' then survey end))",
            'count(*)'
        ) }} as measure_value

    from survey_answers

    where survey = '{{ survey }}'

    group by persona_name, sort_order

    union all
    {% endfor %}
    {%- for measure, expression in by_runner_up.items() %}
    select
        '{{ measure }}' as measure,
        persona_name,
        sort_order,
        cast({{ expression }} as double) as measure_value

    from runners_up

    group by persona_name, sort_order

    union all
    {% endfor %}
    {%- for measure, column in by_feature.items() %}
    select
        '{{ measure }}' as measure,
        persona_name,
        sort_order,
        {{ share('sum(' ~ column ~ ')', 'count(' ~ column ~ ')') }} as measure_value

    from features

    group by persona_name, sort_order
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select
    measure,
    persona_name,
    measure_value

from measured

order by measure, sort_order
