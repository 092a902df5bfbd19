-- A row here is a moment that staging reads as another one (midnight and noon of the
-- American form are the classic), reads although it does not exist, or reads in a form
-- that its family does not declare. The fault is in the macro parse_timestamp.
with

literals as (

    select
        listed.literal,
        cast(listed.expected_iso as timestamp) as expected_iso,
        cast(listed.expected_us as timestamp) as expected_us

    from (
        values
        ('2025-03-25 13:45:00.000', '2025-03-25 13:45:00', null),
        ('2025-03-25 13:45:00', '2025-03-25 13:45:00', null),
        ('2025-03-25 13:45:00.123', '2025-03-25 13:45:00.123', null),
        ('2025-03-25 00:00:00.000', '2025-03-25 00:00:00', null),
        ('2024-02-29 23:59:59', '2024-02-29 23:59:59', null),
        (' 2025-03-25 13:45:00 ', '2025-03-25 13:45:00', null),
        ('2025-02-29 10:00:00', null, null),
        ('2025-03-25 25:00:00', null, null),
        ('2025-03-25 10:60:00', null, null),
        ('2025-03-25T13:45:00', null, null),
        ('2025-03-25 13:45:00Z', null, null),
        ('2025-03-25 13:45:00-03:00', null, null),
        ('2025-03-25 13:45', null, null),
        ('2025-03-25', null, null),
        ('3/25/2025 1:45:00 PM', null, '2025-03-25 13:45:00'),
        ('03/05/2025 01:45:00 AM', null, '2025-03-05 01:45:00'),
        ('3/5/2025 1:45:00 PM', null, '2025-03-05 13:45:00'),
        ('12/31/2024 12:00:00 AM', null, '2024-12-31 00:00:00'),
        ('12/31/2024 12:00:00 PM', null, '2024-12-31 12:00:00'),
        ('12/31/2024 11:59:59 PM', null, '2024-12-31 23:59:59'),
        ('2/29/2024 1:00:00 AM', null, '2024-02-29 01:00:00'),
        ('2/29/2025 1:00:00 AM', null, null),
        ('25/3/2025 1:45:00 PM', null, null),
        ('13/1/2025 1:45:00 PM', null, null),
        ('3/25/25 1:45:00 PM', null, null),
        ('3/25/2025 13:45:00 PM', null, null),
        ('3/25/2025 0:45:00 AM', null, null),
        ('3/25/2025 1:60:00 PM', null, null),
        ('3/25/2025 1:45:00', null, null),
        ('3/25/2025 13:45:00', null, null),
        ('3/25/2025 1:45 PM', null, null),
        ('3/25/2025 1:45:00 pm', null, null),
        ('3/25/2025', null, null),
        ('', null, null),
        (cast(null as varchar), null, null)
    ) as listed (literal, expected_iso, expected_us)

),

parsed as (

    select
        literal,
        expected_iso,
        expected_us,
        {{ parse_timestamp('literal', ['iso_timestamp']) }} as parsed_iso,
        {{ parse_timestamp('literal', ['us_timestamp']) }} as parsed_us

    from literals

)

select *

from parsed

where expected_iso is distinct from parsed_iso
    or expected_us is distinct from parsed_us
