SELECT r."id" AS row_id,
       r."userId" AS user_id,
       r."customerId" AS stripe_customer,
       NULL::pg_catalog.text AS plan,
       r."createdAt" AS created_at
FROM {billing_users} AS r
WHERE ($1::pg_catalog.text IS NULL OR r."id" > $1)
  AND ($2::pg_catalog.timestamp IS NULL OR r."updatedAt" >= $2)
  AND ($3::pg_catalog.text[] IS NULL OR r."customerId" = ANY ($3))
ORDER BY r."id"
LIMIT $4
