{{ config(materialized='view') }}

{#- Zero customers are no group that could be recognised. -#}
{%- set is_shown = 'profiles.customer_count = 0 or profiles.customer_count >= ' ~ var_int('smallest_cell') -%}
{#- Figures that a persona of fewer customers does not show. -#}
{%- set figures = ['median_mrr_brl', 'size_level', 'value_level', 'loyalty_level', 'engagement_level',
    'satisfaction_level'] -%}

with

profiles as (

    select * from {{ ref('persona_profiles') }}

),

versions as (

    select * from {{ ref('page_versions') }}

    where is_in_use

),

components as (

    select * from {{ ref('persona_mixture') }}

    where component > 0
        and feature = '*'

),

found as (

    select
        components.persona_id,
        round(max(components.stability), 4) as stability,
        count(*) as component_count,
        round(min(components.name_distance), 2) as name_distance

    from components

    inner join versions
        on components.mixture_version = versions.mixture_version

    group by components.persona_id

)

select
    profiles.persona_id,
    profiles.persona_name,
    profiles.persona_name_en,
    profiles.is_found,
    case when {{ is_shown }} then profiles.customer_count end as customer_count,
    {%- for column in figures %}
    case when {{ is_shown }} then profiles.{{ column }} end as {{ column }},
    {%- endfor %}
    profiles.color,
    profiles.profile,
    profiles.profile_en,
    profiles.needs,
    profiles.needs_en,
    profiles.action,
    profiles.action_en,
    profiles.sort_order,
    found.stability,
    found.component_count,
    found.name_distance

from profiles

left join found
    on profiles.persona_id = found.persona_id
