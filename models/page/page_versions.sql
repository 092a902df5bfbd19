{{ config(materialized='view') }}

with

mixtures as (

    select * from {{ ref('persona_mixture') }}

    where component = -1
        and feature = '*'

),

customer_personas as (

    select * from {{ ref('customer_personas') }}

),

builds as (

    select * from {{ ref('page_build') }}

),

in_use as (

    select max(mixture_version) as mixture_version

    from customer_personas

)

select
    mixtures.mixture_version,
    coalesce(mixtures.mixture_version = in_use.mixture_version, false) as is_in_use,
    mixtures.status,
    mixtures.reason,
    mixtures.fitted_because,
    mixtures.as_of_date,
    mixtures.persona_model,
    mixtures.customer_count,
    mixtures.customers_needed,
    round(mixtures.moved_share, 4) as moved_share,
    mixtures.changes,
    mixtures.checks

from mixtures

inner join builds
    on mixtures.is_synthetic = builds.is_synthetic

cross join in_use
