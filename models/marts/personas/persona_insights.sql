{# Bonferroni over about a hundred tests, of every persona with every rule, at five per cent. #}
{% set z = var_number('insight_z') %}
{#- Findings of a persona that are shown before all others. -#}
{%- set front_count = 3 -%}
with

customers as (

    select * from {{ ref('dim_customers') }}

    where not is_internal

),

personas as (

    select * from {{ ref('dim_personas') }}

),

conditions as (

    select * from {{ ref('conditions') }}

),

rules as (

    select * from {{ ref('insight_rules') }}

),

actions as (

    select * from {{ ref('actions') }}

),

conditions_met as (

    select * from {{ ref('customer_conditions') }}

),

judged as (

    select
        customers.persona_id,
        conditions_met.condition,
        conditions_met.is_fitted,
        conditions_met.is_met,
        customers.mrr_brl,
        presupposed.is_met as is_action_possible

    from conditions_met

    inner join customers
        on conditions_met.customer_id = customers.customer_id

    inner join rules
        on conditions_met.condition = rules.condition

    inner join actions
        on rules.action = actions.action

    inner join conditions_met as presupposed
        on conditions_met.customer_id = presupposed.customer_id
        and actions.presupposes = presupposed.condition

),

counted as (

    select
        persona_id,
        condition,
        max(case when is_fitted then 1 else 0 end) = 1 as is_fitted,
        count(is_met) as known_count,
        count(case when is_met then condition end) as met_count,
        count(case when is_met and is_action_possible then condition end) as possible_count,
        coalesce({{ sum_brl('case when is_met then mrr_brl end') }}, 0) as mrr_brl

    from judged

    group by persona_id, condition

),

with_rest as (

    -- The rest are all other customers, also those without a persona.
    select
        *,
        cast(sum(known_count) over (partition by condition) as bigint) - known_count as rest_known_count,
        cast(sum(met_count) over (partition by condition) as bigint) - met_count as rest_met_count

    from counted

),

bounded as (

    select
        *,
        {{ share('met_count', 'known_count') }} as persona_share,
        {{ share('rest_met_count', 'rest_known_count') }} as rest_share,
        {{ wilson_bound('met_count', 'known_count', z, -1) }} as persona_low,
        {{ wilson_bound('met_count', 'known_count', z, 1) }} as persona_high,
        {{ wilson_bound('rest_met_count', 'rest_known_count', z, -1) }} as rest_low,
        {{ wilson_bound('rest_met_count', 'rest_known_count', z, 1) }} as rest_high

    from with_rest

    where persona_id >= 0

),

measured as (

    -- Interval of a difference of two proportions: Newcombe (1998), method 10.
    select
        *,
        persona_share - rest_share as effect,
        persona_share - rest_share - sqrt(
            power(persona_share - persona_low, 2) + power(rest_high - rest_share, 2)
        ) as effect_low,
        persona_share - rest_share + sqrt(
            power(persona_high - persona_share, 2) + power(rest_share - rest_low, 2)
        ) as effect_high

    from bounded

),

found as (

    select
        measured.*,
        rules.kind,
        rules.action,
        actions.text_pt as action_pt,
        actions.text_en as action_en,
        conditions.text_pt,
        conditions.text_en,
        personas.persona_name,
        personas.persona_name_en,
        cast(round(100 * measured.persona_share) as bigint) as persona_percent,
        cast(round(100 * measured.rest_share) as bigint) as rest_percent,
        -- Customers that the persona has surely more than if it were as the rest.
        cast(floor(measured.effect_low * measured.known_count) as bigint) as sure_count

    from measured

    inner join rules
        on measured.condition = rules.condition

    inner join actions
        on rules.action = actions.action

    inner join conditions
        on measured.condition = conditions.condition

    inner join personas
        on measured.persona_id = personas.persona_id

    where measured.effect_low > 0
        and measured.effect >= rules.least_effect
        -- A finding about fewer would be about persons.
        and measured.met_count >= {{ var_int('smallest_cell') }}
        -- An action that most of the group cannot take is no advice.
        and 2 * measured.possible_count >= measured.met_count

),

ranked as (

    select
        *,
        row_number() over (
            order by mrr_brl desc, sure_count desc, condition asc, persona_id asc
        ) as insight_rank,
        row_number() over (
            partition by persona_id
            order by mrr_brl desc, sure_count desc, condition asc
        ) as persona_rank

    from found

)

select
    kind || '-' || condition || '-' || cast(persona_id as varchar) as insight_id,
    insight_rank,
    persona_rank <= {{ front_count }} as is_in_front,
    persona_id,
    persona_name,
    kind,
    condition,
    persona_name || ': ' || text_pt as finding_pt,
    persona_name_en || ': ' || text_en as finding_en,
    cast(persona_percent as varchar)
    || ' % contra '
    || cast(rest_percent as varchar)
    || ' % dos demais' as evidence_pt,
    cast(persona_percent as varchar)
    || ' % against '
    || cast(rest_percent as varchar)
    || ' % of the others' as evidence_en,
    persona_share,
    rest_share,
    effect,
    effect_low,
    effect_high,
    met_count as customer_count,
    known_count as known_customer_count,
    sure_count as sure_customer_count,
    mrr_brl,
    is_fitted,
    action,
    action_pt,
    action_en,
    {{ share('possible_count', 'met_count') }} as action_possible_share

from ranked
