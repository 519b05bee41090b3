SELECT r."id" AS row_id,
       r."userId" AS user_id,
       r."stripeInvoiceId" AS stripe_invoice,
       NULLIF(pg_catalog.concat(r."status"), '') AS status,
       NULLIF(pg_catalog.concat(r."currency"), '') AS currency,
       r."amountDue"::pg_catalog.int8 AS amount_due_minor,
       r."amountPaid"::pg_catalog.int8 AS amount_paid_minor,
       NULL::pg_catalog.float8 AS amount_due_major,
       NULL::pg_catalog.timestamp AS paid_at,
       r."createdAt" AS created_at,
       r."updatedAt" AS updated_at
FROM {Invoice} AS r
WHERE ($1::pg_catalog.text IS NULL OR r."id" > $1)
  AND ($2::pg_catalog.timestamp IS NULL OR r."updatedAt" >= $2)
  AND ($3::pg_catalog.text[] IS NULL OR r."stripeInvoiceId" = ANY ($3))
ORDER BY r."id"
LIMIT $4
