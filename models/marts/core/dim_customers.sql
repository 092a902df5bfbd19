with

customer_360 as (

    select * from {{ ref('customer_360') }}

),

customer_personas as (

    select * from {{ ref('customer_personas') }}

),

segments as (

    -- Several labels of the vendor may be one segment.
    select distinct
        segment,
        segment_en

    from {{ ref('segments') }}

),

tenure_bands as (

    select * from {{ ref('tenure_bands') }}

)

select
    -- [[[cog import generated; cog.out(generated.inherited_selection()) ]]]
    customer_360.customer_id,
    customer_360.segment,
    customer_360.sub_segment,
    customer_360.revenue_band_rank,
    customer_360.city,
    customer_360.state,
    customer_360.country_name,
    customer_360.economic_activity,
    customer_360.main_commercial_model,
    customer_360.customer_since_date,
    customer_360.tenure_months,
    customer_360.is_internal,
    customer_360.contract_line_count,
    customer_360.active_contract_line_count,
    customer_360.cancelled_contract_line_count,
    customer_360.swapped_contract_line_count,
    customer_360.free_contract_line_count,
    customer_360.other_contract_line_count,
    customer_360.contract_value_brl,
    customer_360.active_contract_value_brl,
    customer_360.cancelled_contract_value_brl,
    customer_360.swapped_contract_value_brl,
    customer_360.free_contract_value_brl,
    customer_360.cancelled_contract_share,
    customer_360.swapped_contract_share,
    customer_360.product_count,
    customer_360.product_line_count,
    customer_360.brand_count,
    customer_360.cloud_contract_line_count,
    customer_360.last_signature_date,
    customer_360.mrr_brl,
    customer_360.purchase_count_last_12_months,
    customer_360.purchase_value_last_12_months_brl,
    customer_360.proposal_count_last_12_months,
    customer_360.proposal_item_count_last_12_months,
    customer_360.proposal_value_last_12_months_brl,
    customer_360.discounted_item_share,
    customer_360.cloud_item_share,
    customer_360.last_proposal_date,
    customer_360.ticket_count,
    customer_360.ticket_count_last_90_days,
    customer_360.ticket_count_last_12_months,
    customer_360.open_ticket_count,
    customer_360.closed_ticket_count,
    customer_360.question_ticket_count,
    customer_360.problem_ticket_count,
    customer_360.task_ticket_count,
    customer_360.incident_ticket_count,
    customer_360.low_ticket_count,
    customer_360.normal_ticket_count,
    customer_360.high_ticket_count,
    customer_360.urgent_ticket_count,
    customer_360.high_priority_ticket_share,
    customer_360.mean_days_to_last_update,
    customer_360.nps_relational_response_count,
    customer_360.nps_relational_last_score,
    customer_360.nps_relational_mean_score,
    customer_360.nps_relational_promoter_share,
    customer_360.nps_relational_detractor_share,
    customer_360.nps_acquisition_response_count,
    customer_360.nps_acquisition_last_score,
    customer_360.nps_acquisition_mean_score,
    customer_360.nps_acquisition_promoter_share,
    customer_360.nps_acquisition_detractor_share,
    customer_360.nps_implementation_response_count,
    customer_360.nps_implementation_last_score,
    customer_360.nps_implementation_mean_score,
    customer_360.nps_implementation_promoter_share,
    customer_360.nps_implementation_detractor_share,
    customer_360.nps_onboarding_response_count,
    customer_360.nps_onboarding_last_score,
    customer_360.nps_onboarding_mean_score,
    customer_360.nps_onboarding_promoter_share,
    customer_360.nps_onboarding_detractor_share,
    customer_360.nps_product_response_count,
    customer_360.nps_product_last_score,
    customer_360.nps_product_mean_score,
    customer_360.nps_product_promoter_share,
    customer_360.nps_product_detractor_share,
    customer_360.nps_support_response_count,
    customer_360.nps_support_last_score,
    customer_360.nps_support_mean_score,
    customer_360.nps_support_promoter_share,
    customer_360.nps_support_detractor_share,
    customer_360.nps_response_count,
    customer_360.nps_last_score,
    customer_360.nps_mean_score,
    customer_360.nps_promoter_share,
    customer_360.nps_detractor_share,
    customer_360.has_answered_nps,
    customer_360.usage_event_count,
    customer_360.usage_distinct_event_count,
    customer_360.usage_active_day_count,
    customer_360.usage_module_count,
    customer_360.usage_product_line_count,
    customer_360.usage_duration,
    customer_360.usage_implausible_duration_count,
    customer_360.licence_connected_event_count,
    customer_360.licence_disconnected_event_count,
    customer_360.licence_denied_event_count,
    -- [[[end]]]
    coalesce(customer_360.revenue_band, 'Sem informação') as revenue_band,
    case when customer_360.segment is not null then coalesce(segments.segment_en, 'Other') end as segment_en,
    coalesce(tenure_bands.tenure_band, 'Sem informação') as tenure_band,
    coalesce(tenure_bands.sort_order, 7) as tenure_band_sort_order,
    coalesce(customer_personas.persona_id, -1) as persona_id,
    customer_personas.persona_status,
    customer_personas.probability

from customer_360

left join customer_personas
    on customer_360.customer_id = customer_personas.customer_id

left join segments
    on customer_360.segment = segments.segment

left join tenure_bands
    on customer_360.tenure_months >= tenure_bands.from_month
    and customer_360.tenure_months < tenure_bands.below_month
