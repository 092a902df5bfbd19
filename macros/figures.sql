{#
    The figures that people see of a group of customers, each defined once: the page, the
    profiles of the personas, the console and the pairs of Power BI's measures count by these.

    Each is an aggregate over customers, internal ones left out, with the columns of
    `dim_customers`. A mean, a share or the NPS is `share` of two of them.

    customer_count       customers
    mrr_brl              monthly recurring revenue; customers without MRR on record add nothing
    with_persona_count   customers who have a persona, certain or ambiguous
    probability_sum      probabilities of those personas; by with_persona_count: the mean certainty
    ambiguous_count      customers whose best persona is not clearly the best
    answered_count       customers who ever answered a survey; each counts with its last answer
    promoter_count       of these, 9 or 10 in the last answer
    detractor_count      of these, 0 to 6; promoters less detractors by a hundred who answered: NPS
    ticket_count         tickets of the last twelve months; by customer_count: tickets per customer
    active_count         customers with an event in the usage window
#}
{% macro figures() -%}
    {{ return({
        'customer_count': 'count(*)',
        'mrr_brl': 'coalesce(' ~ sum_brl('mrr_brl') ~ ', 0)',
        'with_persona_count': 'count(case when persona_id >= 0 then customer_id end)',
        'probability_sum':
            'sum(case when persona_id >= 0 then cast(probability as decimal(18, 6)) end)',
        'ambiguous_count': "count(case when persona_status = 'ambiguous' then customer_id end)",
        'answered_count': 'count(nps_last_score)',
        'promoter_count':
            'count(case when ' ~ nps_group('nps_last_score') ~ " = 'promoter' then customer_id end)",
        'detractor_count':
            'count(case when ' ~ nps_group('nps_last_score') ~ " = 'detractor' then customer_id end)",
        'ticket_count': 'coalesce(cast(sum(ticket_count_last_12_months) as bigint), 0)',
        'active_count': 'count(case when usage_active_day_count > 0 then customer_id end)'
    }) }}
{%- endmacro %}
