with

landed as (

    select * from {{ source('erp', 'extract') }}

),

renamed as (

    select
        cast(delivery_date as date) as delivery_date,
        is_synthetic = 'true' as is_synthetic,
        extract_id

    from landed

)

select * from renamed
