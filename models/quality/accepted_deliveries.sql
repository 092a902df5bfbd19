{{
    config(
        materialized='table',
        full_refresh=false,
        table_type='iceberg'
    )
}}
with

checks as (

    select * from {{ ref('quality_delivery_checks') }}

),

personas as (

    select * from {{ ref('customer_personas') }}

),

accepted_before as (

    {{ last_build_of('accepted_deliveries', accepted_delivery_columns()) }}

),

whole_build as (

    -- The personas rest on the deliveries of all families.
    select
        extract_id,
        max(delivery_date) as delivery_date,
        {{ text_hash(joined_text('distinct content_hash', 'content_hash')) }} as content_hash

    from {{ ref('quality_delivery_figures') }}

    group by extract_id

),

persona_figures as (

    select
        'persona_share' as figure,
        coalesce(persona_name, '') as column_name,
        {{ share('count(*)', '(select count(*) from personas)') }} as figure_value,
        count(*) as measured_count

    from personas

    group by coalesce(persona_name, '')

    union all

    select
        'persona_status_share' as figure,
        persona_status as column_name,
        {{ share('count(*)', '(select count(*) from personas)') }} as figure_value,
        count(*) as measured_count

    from personas

    group by persona_status

),

compared_figures as (

    -- The others compare a delivery with the last one themselves.
    select distinct figure

    from checks

    where compared_with != 'nothing'

),

figures as (

    select
        measured.extract_id,
        measured.subject,
        measured.delivery_date,
        measured.content_hash,
        measured.figure,
        measured.column_name,
        measured.figure_value,
        measured.measured_count

    from {{ ref('quality_delivery_figures') }} as measured

    inner join compared_figures
        on measured.figure = compared_figures.figure

    union all

    select
        whole_build.extract_id,
        'personas' as subject,
        whole_build.delivery_date,
        whole_build.content_hash,
        persona_figures.figure,
        persona_figures.column_name,
        persona_figures.figure_value,
        persona_figures.measured_count

    from persona_figures

    cross join whole_build

),

acceptances as (

    -- A delivery that is built once more keeps its number, whatever its figures are now.
    select
        extract_id,
        subject,
        delivery_date,
        content_hash,
        min(acceptance_number) as acceptance_number,
        max(case when is_accepted_by_hand then 1 else 0 end) as is_accepted_by_hand

    from accepted_before

    group by
        extract_id,
        subject,
        delivery_date,
        content_hash

),

named as (

    select distinct subject

    from checks

    where is_named

),

following as (

    select coalesce(max(acceptance_number), 0) + 1 as acceptance_number

    from accepted_before

),

accepted_now as (

    select
        figures.extract_id,
        figures.subject,
        figures.delivery_date,
        figures.content_hash,
        coalesce(acceptances.acceptance_number, following.acceptance_number) as acceptance_number,
        coalesce(acceptances.is_accepted_by_hand, 0) = 1 or named.subject is not null as is_accepted_by_hand,
        figures.figure,
        figures.column_name,
        figures.figure_value,
        figures.measured_count

    from figures

    cross join following

    left join acceptances
        on figures.extract_id = acceptances.extract_id
        and figures.subject = acceptances.subject
        and figures.delivery_date = acceptances.delivery_date
        and figures.content_hash = acceptances.content_hash

    left join named
        on figures.subject = named.subject

),

built_now as (

    select distinct
        extract_id,
        subject,
        delivery_date,
        content_hash

    from figures

),

kept as (

    select accepted_before.*

    from accepted_before

    left join built_now
        on accepted_before.extract_id = built_now.extract_id
        and accepted_before.subject = built_now.subject
        and accepted_before.delivery_date = built_now.delivery_date
        and accepted_before.content_hash = built_now.content_hash

    where built_now.subject is null

)

select * from kept

union all

select * from accepted_now
