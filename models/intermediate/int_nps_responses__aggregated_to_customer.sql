with

responses as (

    select * from {{ ref('int_nps_responses__screened') }}

    where row_status = 'kept'
        and score is not null

),

ranked as (

    -- The support survey has no date; its ticket number grows with time instead.
    -- Among answers of one moment the id decides, so that the last one is the same on
    -- every run.
    select
        *,
        case when {{ nps_group('score') }} = 'promoter' then 1 else 0 end as is_promoter,
        case when {{ nps_group('score') }} = 'detractor' then 1 else 0 end as is_detractor,
        row_number() over (
            partition by customer_id, survey
            order by answered_at desc, {{ parse_integer('ticket_id') }} desc, response_id asc
        ) as recency_in_survey,
        row_number() over (
            partition by customer_id
            order by answered_at desc, {{ parse_integer('ticket_id') }} desc, response_id asc
        ) as recency

    from responses

)

select
    customer_id,
    {%- for survey in surveys() %}
    {%- set is_survey = "survey = '" ~ survey ~ "'" %}
    {%- set responses = 'count(case when ' ~ is_survey ~ ' then response_id end)' %}
    {%- set scores = 'sum(case when ' ~ is_survey ~ ' then score end)' %}
    {%- set promoters = 'sum(case when ' ~ is_survey ~ ' then is_promoter end)' %}
    {%- set detractors = 'sum(case when ' ~ is_survey ~ ' then is_detractor end)' %}
    {{ responses }} as nps_{{ survey }}_response_count,
    max(case when {{ is_survey }} and recency_in_survey = 1 then score end) as nps_{{ survey }}_last_score,
    {{ share(scores, responses) }} as nps_{{ survey }}_mean_score,
    {{ share(promoters, responses) }} as nps_{{ survey }}_promoter_share,
    {{ share(detractors, responses) }} as nps_{{ survey }}_detractor_share,
    {%- endfor %}
    count(*) as nps_response_count,
    max(case when recency = 1 then score end) as nps_last_score,
    {{ share('sum(score)', 'count(*)') }} as nps_mean_score,
    {{ share('sum(is_promoter)', 'count(*)') }} as nps_promoter_share,
    {{ share('sum(is_detractor)', 'count(*)') }} as nps_detractor_share

from ranked

group by customer_id
