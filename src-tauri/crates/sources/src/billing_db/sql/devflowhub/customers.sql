SELECT r."id" AS row_id,
       r."userId" AS user_id,
       r."stripeCustomerId" AS stripe_customer,
       NULLIF(pg_catalog.concat(u."plan"), '') AS plan,
       r."createdAt" AS created_at
FROM {StripeCustomer} AS r
LEFT JOIN {User} AS u ON u."id" = r."userId"
WHERE ($1::pg_catalog.text IS NULL OR r."id" > $1)
  AND ($3::pg_catalog.text[] IS NULL OR r."stripeCustomerId" = ANY ($3))
ORDER BY r."id"
LIMIT $4
