SELECT r."id" AS row_id,
       COALESCE(u."userId", r."billingUserId") AS user_id,
       NULL::pg_catalog.text AS stripe_invoice,
       NULLIF(pg_catalog.concat(r."status"), '') AS status,
       NULLIF(pg_catalog.concat(r."currency"), '') AS currency,
       NULL::pg_catalog.int8 AS amount_due_minor,
       NULL::pg_catalog.int8 AS amount_paid_minor,
       r."amount"::pg_catalog.float8 AS amount_due_major,
       r."paidAt" AS paid_at,
       r."createdAt" AS created_at,
       r."updatedAt" AS updated_at
FROM {Invoice} AS r
LEFT JOIN {billing_users} AS u ON u."id" = r."billingUserId"
WHERE ($1::pg_catalog.text IS NULL OR r."id" > $1)
  AND ($2::pg_catalog.timestamp IS NULL OR r."updatedAt" >= $2)
ORDER BY r."id"
LIMIT $4
