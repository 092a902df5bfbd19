-- A row here is a day that staging reads as another one (3 April and 4 March are the
-- classic), reads although it does not exist, or reads in a form that the column does not
-- declare. The fault is in parse_date, parse_timestamp or date_forms.
with

literals as (

    select
        listed.literal,
        cast(listed.br_value as timestamp) as br_value,
        cast(listed.us_value as timestamp) as us_value,
        cast(listed.iso_value as timestamp) as iso_value

    from (
        values
        ('25/03/2025', '2025-03-25', null, null),
        ('03/04/2025', '2025-04-03', '2025-03-04', null),
        ('3/4/2025', '2025-04-03', '2025-03-04', null),
        (' 03/04/2025 ', '2025-04-03', '2025-03-04', null),
        ('3/25/2025', null, '2025-03-25', null),
        ('29/02/2024', '2024-02-29', null, null),
        ('29/02/2025', null, null, null),
        ('31/04/2025', null, null, null),
        ('00/04/2025', null, null, null),
        ('03/04/25', null, null, null),
        ('03-04-2025', null, null, null),
        ('25/03/2025 13:45', '2025-03-25 13:45:00', null, null),
        ('25/03/2025 13:45:07', '2025-03-25 13:45:07', null, null),
        ('5/3/2025 7:05', '2025-03-05 07:05:00', null, null),
        ('25/03/2025 24:00', null, null, null),
        ('25/03/2025 13:60', null, null, null),
        ('25/03/2025 1:45:00 PM', null, null, null),
        ('3/25/2025 1:45:00 PM', null, '2025-03-25 13:45:00', null),
        ('3/4/2025 12:00:00 AM', null, '2025-03-04', null),
        ('3/4/2025 13:45', '2025-04-03 13:45:00', null, null),
        ('2025-03-25', null, null, '2025-03-25'),
        ('2025-03-25 13:45:00.000', null, null, '2025-03-25 13:45:00'),
        ('2025-25-03', null, null, null),
        ('2025-03-25 13:45', null, null, null),
        ('20250325', null, null, null),
        ('45741', null, null, null),
        ('ontem', null, null, null),
        ('', null, null, null),
        (cast(null as varchar), null, null, null)
    ) as listed (literal, br_value, us_value, iso_value)

),

parsed as (

    select
        literal,
        br_value,
        us_value,
        iso_value,
        {{ parse_timestamp('literal', ['br_date', 'br_timestamp']) }} as parsed_br,
        {{ parse_timestamp('literal', ['us_timestamp', 'us_date']) }} as parsed_us,
        {{ parse_timestamp('literal', ['iso_date', 'iso_timestamp']) }} as parsed_iso,
        {{ parse_timestamp('literal', ['iso_date', 'br_date', 'iso_timestamp', 'br_timestamp']) }}
            as parsed_either,
        {{ parse_date('literal', ['br_date', 'br_timestamp']) }} as parsed_br_day,
        {{ parse_date('literal', ['us_timestamp', 'us_date']) }} as parsed_us_day,
        {{ parse_date('literal', ['iso_timestamp', 'iso_date']) }} as parsed_iso_day

    from literals

)

select *

from parsed

where br_value is distinct from parsed_br
    or us_value is distinct from parsed_us
    or iso_value is distinct from parsed_iso
    or coalesce(br_value, iso_value) is distinct from parsed_either
    or cast(br_value as date) is distinct from parsed_br_day
    or cast(us_value as date) is distinct from parsed_us_day
    or cast(iso_value as date) is distinct from parsed_iso_day
