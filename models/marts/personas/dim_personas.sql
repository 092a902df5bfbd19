with

catalogue as (

    select * from {{ ref('persona_catalogue') }}

),

listed as (

    select
        persona_id,
        name_pt as persona_name,
        name_en as persona_name_en,
        profile_pt as profile,
        profile_en,
        needs_pt as needs,
        needs_en,
        action_pt as action,
        action_en,
        color,
        sort_order

    from catalogue

),

no_persona as (

    -- A row for customers without one, so that no fact is left without its dimension.
    select
        cast(-1 as bigint) as persona_id,
        'Sem persona' as persona_name,
        'No persona' as persona_name_en,
        'Não se parece com nenhuma persona do catálogo, ou ainda não foi avaliado' as profile,
        'Resembles no persona of the catalogue, or has not been scored' as profile_en,
        'Desconhecidas' as needs,
        'Unknown' as needs_en,
        'Olhar caso a caso' as action,
        'Look case by case' as action_en,
        '#9E9E9E' as color,
        cast(99 as bigint) as sort_order

),

personas as (

    select * from listed

    union all

    select * from no_persona

)

select * from personas
