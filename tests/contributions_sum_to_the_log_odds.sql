-- What customer_reasons says of a customer sums to the log-odds of persona against runner-up.
-- Probabilities are published with six decimals, so odds near nothing or all are not held
-- against; the five reasons, prior and rest of customer_personas are the same sum.
with

summed as (

    select
        customer_id,
        sum(cast(contribution as decimal(18, 6))) as log_odds

    from {{ ref('customer_reasons') }}

    group by customer_id

),

compared as (

    select
        customer_personas.customer_id,
        customer_personas.probability,
        customer_personas.runner_up_probability,
        cast(summed.log_odds as double) as log_odds,
        customer_personas.reason_prior
        {%- for number in range(1, 6) %}
        + coalesce(customer_personas.reason_{{ number }}_value, 0)
        {%- endfor %}
        + customer_personas.reason_rest as sum_of_reasons

    from {{ ref('customer_personas') }} as customer_personas

    left join summed
        on customer_personas.customer_id = summed.customer_id

    where customer_personas.runner_up_probability is not null

)

select *

from compared

where log_odds is null
    or abs(log_odds - sum_of_reasons) > 0.0001
    or (
        runner_up_probability > 0.01
        and abs(log_odds - ln(probability / runner_up_probability)) > 0.001
    )
