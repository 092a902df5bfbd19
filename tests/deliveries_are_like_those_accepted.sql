-- A row here is a figure of a delivery that no honest delivery shows: nothing is published.
-- What it says and what to do stand in its columns; `arcana build --accept-data SUBJECT` (or the
-- var accept_data) takes the delivery as it is.
select *

from {{ ref('quality_delivery_checks') }}

where is_breached
    and not is_accepted
