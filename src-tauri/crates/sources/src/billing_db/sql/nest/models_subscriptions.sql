SELECT r."id" AS row_id,
       COALESCE(u."userId", r."billingUserId") AS user_id,
       r."stripeSubscriptionId" AS stripe_subscription,
       r."stripePriceId" AS stripe_price,
       NULLIF(pg_catalog.concat(r."status"), '') AS status,
       r."currentPeriodStart" AS period_start_at,
       r."currentPeriodEnd" AS period_end_at,
       NULL::pg_catalog.timestamp AS trial_end_at,
       r."cancelAtPeriodEnd" AS cancels_at_period_end,
       r."canceledAt" AS canceled_at,
       r."planName" AS plan,
       r."createdAt" AS created_at,
       r."updatedAt" AS updated_at
FROM {Subscription} AS r
LEFT JOIN {billing_users} AS u ON u."id" = r."billingUserId"
WHERE ($1::pg_catalog.text IS NULL OR r."id" > $1)
  AND ($2::pg_catalog.timestamp IS NULL OR r."updatedAt" >= $2)
  AND ($3::pg_catalog.text[] IS NULL OR r."stripeSubscriptionId" = ANY ($3))
ORDER BY r."id"
LIMIT $4
