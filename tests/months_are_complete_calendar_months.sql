-- A row here is a pair of days whose complete months are counted otherwise than people
-- count them (decision 16): tenure and every window of twelve months would be off by
-- one. The fault is in the macro months_between.
with

pairs as (

    select
        cast(listed.start_date as date) as start_date,
        cast(listed.end_date as date) as end_date,
        cast(listed.expected_months as bigint) as expected_months

    from (
        values
        ('2025-03-25', '2025-03-25', 0),
        ('2025-02-25', '2025-03-24', 0),
        ('2025-02-25', '2025-03-25', 1),
        ('2025-01-31', '2025-02-28', 0),
        ('2025-01-31', '2025-03-01', 1),
        ('2025-01-31', '2025-03-31', 2),
        ('2025-01-28', '2025-02-28', 1),
        ('2025-03-31', '2025-04-30', 0),
        ('2024-02-29', '2025-02-28', 11),
        ('2024-02-29', '2025-03-01', 12),
        ('2024-02-28', '2025-02-28', 12),
        ('2023-02-28', '2024-02-28', 12),
        ('2023-02-28', '2024-02-29', 12),
        ('2023-03-01', '2024-02-29', 11),
        ('2020-02-29', '2024-02-29', 48),
        ('2024-12-31', '2025-12-31', 12),
        ('2025-01-01', '2025-12-31', 11),
        ('2024-12-31', '2025-01-01', 0),
        ('2024-03-25', '2025-03-25', 12),
        ('2024-03-26', '2025-03-25', 11),
        ('1971-01-01', '2025-03-25', 650),
        ('2025-03-25', '2025-02-25', -1),
        (cast(null as varchar), '2025-03-25', null),
        ('2025-03-25', null, null)
    ) as listed (start_date, end_date, expected_months)

),

counted as (

    select
        start_date,
        end_date,
        expected_months,
        {{ months_between('start_date', 'end_date') }} as counted_months

    from pairs

)

select *

from counted

where expected_months is distinct from counted_months
