{#- Deliveries that a figure is compared with. -#}
{%- set compared_deliveries = 6 -%}

with

figures as (

    select * from {{ ref('quality_delivery_figures') }}

),

checks as (

    select * from {{ ref('delivery_checks') }}

),

accepted as (

    {{ last_build_of('accepted_deliveries', accepted_delivery_columns()) }}

),

current_deliveries as (

    select distinct
        extract_id,
        subject,
        delivery_date,
        content_hash

    from figures

),

comparable as (

    -- Of the same extract, and no later than the delivery that is judged.
    select
        accepted.*,
        accepted.content_hash = current_deliveries.content_hash as is_same_content,
        max(case when accepted.is_accepted_by_hand then accepted.acceptance_number end)
            over (partition by accepted.subject) as restart_number,
        max(accepted.acceptance_number)
            over (partition by accepted.subject, accepted.delivery_date) as newest_number

    from accepted

    inner join current_deliveries
        on accepted.extract_id = current_deliveries.extract_id
        and accepted.subject = current_deliveries.subject
        and accepted.delivery_date <= current_deliveries.delivery_date

    where {{ is_still_delivered('accepted.delivery_date') }}

),

ranked as (

    -- A delivery counts once, as it was accepted last; after one that a user accepted
    -- although it failed, the comparison starts anew with it.
    select
        *,
        dense_rank() over (partition by subject order by delivery_date desc) as delivery_rank

    from comparable

    where acceptance_number = newest_number
        and acceptance_number >= coalesce(restart_number, acceptance_number)

),

baselines as (

    select
        subject,
        figure,
        column_name,
        {{ quantile('figure_value', 0.5) }} as baseline_value,
        min(figure_value) as lowest_before,
        max(figure_value) as highest_before,
        count(*) as compared_count

    from ranked

    where delivery_rank <= {{ compared_deliveries }}

    group by
        subject,
        figure,
        column_name

),

accepted_by_hand as (

    select distinct subject

    from comparable

    where is_same_content
        and is_accepted_by_hand

),

compared as (

    select
        figures.*,
        checks.compared_with,
        checks.lowest,
        checks.highest,
        checks.meaning,
        checks.likely_cause,
        checks.what_to_do,
        baselines.baseline_value,
        baselines.lowest_before,
        baselines.highest_before,
        coalesce(baselines.compared_count, 0) as compared_count,
        case checks.compared_with
            when 'nothing' then figures.figure_value
            when 'ratio' then figures.figure_value / nullif(baselines.baseline_value, 0)
            when 'difference' then figures.figure_value - baselines.baseline_value
        end as compared_value,
        -- Few records are what is judged where the figure is their number.
        greatest(
            figures.measured_count,
            case when figures.figure = 'row_count' then coalesce(baselines.baseline_value, 0) else 0 end
        ) >= checks.least_count as is_judged,
        figures.subject in ({{ var_names('accept_data') }}) as is_named,
        -- What was accepted beyond a limit is from then on only compared.
        checks.compared_with = 'nothing' and coalesce(
            baselines.baseline_value <= checks.lowest or baselines.baseline_value >= checks.highest, false
        ) as is_accepted_beyond,
        accepted_by_hand.subject is not null as is_accepted_before

    from figures

    inner join checks
        on figures.figure = checks.figure

    left join baselines
        on figures.subject = baselines.subject
        and figures.figure = baselines.figure
        and figures.column_name = baselines.column_name

    left join accepted_by_hand
        on figures.subject = accepted_by_hand.subject

)

select
    subject,
    family,
    delivery_date,
    figure,
    column_name,
    compared_with,
    figure_value,
    measured_count,
    baseline_value,
    lowest_before,
    highest_before,
    compared_count,
    compared_value,
    lowest,
    highest,
    is_judged
    and not is_accepted_beyond
    and coalesce(compared_value <= lowest or compared_value >= highest, false) as is_breached,
    is_named or is_accepted_before as is_accepted,
    is_named,
    meaning,
    likely_cause,
    what_to_do,
    example,
    file_name,
    file_line

from compared
