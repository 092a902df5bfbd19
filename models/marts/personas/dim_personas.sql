with

catalogue as (

    select * from {{ ref('persona_catalogue') }}

),

customer_personas as (

    select * from {{ ref('customer_personas') }}

),

used as (

    select persona_id

    from customer_personas

    union distinct

    select runner_up_persona_id as persona_id

    from customer_personas

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

    -- A persona that claims nothing of some level stands in for the others where that level
    -- was not measured. Where it was measured, no customer can have such a persona.
    where (
        size_level is not null
        and value_level is not null
        and loyalty_level is not null
        and engagement_level is not null
    )
    or persona_id in (select used.persona_id from used)

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
