with

families_in_force as (

    select * from {{ ref('int_families__delivered') }}

    where is_delivered

),

landed_files as (

    select * from {{ ref('stg_erp__landed_files') }}

    where file_status in ('landed', 'same_as_earlier')

),

deliveries as (

    -- The delivery of each family that this build rests on, and what stands for its bytes.
    select
        families_in_force.family,
        families_in_force.delivery_in_force as delivery_date,
        {{ text_hash(joined_text(
            "landed_files.file_name || '/' || landed_files.file_hash || '/' || landed_files.contract_hash",
            'landed_files.file_name'
        )) }} as content_hash

    from families_in_force

    inner join landed_files
        on families_in_force.family = landed_files.family
        and families_in_force.delivery_in_force = landed_files.delivery_date

    group by
        families_in_force.family,
        families_in_force.delivery_in_force

),

figures as (

    select
        family,
        subject,
        figure,
        '' as column_name,
        figure_value,
        measured_count,
        example,
        file_name,
        file_line

    from {{ ref('quality_figures_of_records') }}

    union all

    select
        family,
        subject,
        figure,
        column_name,
        figure_value,
        measured_count,
        cast(null as varchar) as example,
        file_name,
        file_line

    from {{ ref('quality_figures_of_amounts') }}

    union all

    select
        family,
        subject,
        figure,
        column_name,
        figure_value,
        measured_count,
        cast(null as varchar) as example,
        cast(null as varchar) as file_name,
        cast(null as bigint) as file_line

    from {{ ref('quality_figures_of_features') }}

    union all

    select
        family,
        subject,
        figure,
        column_name,
        figure_value,
        measured_count,
        cast(null as varchar) as example,
        cast(null as varchar) as file_name,
        cast(null as bigint) as file_line

    from {{ ref('quality_figures_of_labels') }}

)

select
    build_context.extract_id,
    figures.subject,
    figures.family,
    deliveries.delivery_date,
    deliveries.content_hash,
    figures.figure,
    figures.column_name,
    figures.figure_value,
    figures.measured_count,
    figures.example,
    figures.file_name,
    figures.file_line

from figures

inner join deliveries
    on figures.family = deliveries.family

cross join {{ ref('int_build__context') }} as build_context

where figures.figure_value is not null
