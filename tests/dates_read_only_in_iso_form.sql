-- A row here is a day that staging reads as another day, or reads although it does not
-- exist (a bare cast of 01/02/24 can be the year 24). The fault is in the macro
-- parse_date.
with

literals as (

    select
        listed.literal,
        cast(listed.expected_day as date) as expected_day

    from (
        values
        ('2025-03-25', '2025-03-25'),
        (' 2025-03-25 ', '2025-03-25'),
        ('1971-01-01', '1971-01-01'),
        ('2024-02-29', '2024-02-29'),
        ('2000-02-29', '2000-02-29'),
        ('2025-12-31', '2025-12-31'),
        ('2025-02-29', null),
        ('1900-02-29', null),
        ('2025-02-31', null),
        ('2025-04-31', null),
        ('2025-13-01', null),
        ('2025-00-10', null),
        ('2025-01-00', null),
        ('2025-1-5', null),
        ('25-03-25', null),
        ('01/02/24', null),
        ('25/03/2025', null),
        ('3/25/2025', null),
        ('2025/03/25', null),
        ('20250325', null),
        ('2025-03-25 10:00:00', null),
        ('2025-03-25T10:00:00', null),
        ('12025-03-25', null),
        ('-2025-03-25', null),
        ('45741', null),
        ('infinity', null),
        ('epoch', null),
        ('ontem', null),
        ('', null),
        ('  ', null),
        (cast(null as varchar), null)
    ) as listed (literal, expected_day)

),

parsed as (

    select
        literal,
        expected_day,
        {{ parse_date('literal') }} as parsed_day

    from literals

)

select *

from parsed

where expected_day is distinct from parsed_day
