SELECT r."id" AS row_id,
       r."stripeEventId" AS stripe_event,
       r."eventType" AS event_type,
       r."createdAt" AS created_at
FROM {BillingEvent} AS r
WHERE ($1::pg_catalog.text IS NULL OR r."id" > $1)
  AND ($2::pg_catalog.timestamp IS NULL OR r."createdAt" >= $2)
  AND ($3::pg_catalog.text[] IS NULL OR r."stripeEventId" = ANY ($3))
ORDER BY r."id"
LIMIT $4
