-- The billing tables of DevFlowHub as its own tools make them, with a few rows.
CREATE TYPE "PlanType" AS ENUM ('FREE', 'PRO', 'ENTERPRISE');
CREATE TABLE "User" (
    "id" text PRIMARY KEY,
    "email" text NOT NULL UNIQUE,
    "name" text,
    "password" text,
    "twoFactorSecret" text,
    "plan" "PlanType" NOT NULL DEFAULT 'FREE',
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE "StripeCustomer" (
    "id" text PRIMARY KEY,
    "userId" text NOT NULL UNIQUE REFERENCES "User" ("id") ON DELETE CASCADE,
    "stripeCustomerId" text NOT NULL UNIQUE,
    "email" text NOT NULL,
    "name" text,
    "address" jsonb,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL
);
CREATE TABLE "Subscription" (
    "id" text PRIMARY KEY,
    "userId" text NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE,
    "stripeSubscriptionId" text NOT NULL UNIQUE,
    "stripePriceId" text NOT NULL,
    "status" text NOT NULL,
    "currentPeriodStart" timestamp(3) NOT NULL,
    "currentPeriodEnd" timestamp(3) NOT NULL,
    "trialStart" timestamp(3),
    "trialEnd" timestamp(3),
    "cancelAtPeriodEnd" boolean NOT NULL DEFAULT false,
    "canceledAt" timestamp(3),
    "plan" text NOT NULL,
    "metadata" jsonb,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL
);
CREATE TABLE "Invoice" (
    "id" text PRIMARY KEY,
    "userId" text NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE,
    "stripeInvoiceId" text NOT NULL UNIQUE,
    "amountDue" integer NOT NULL,
    "amountPaid" integer NOT NULL,
    "currency" text NOT NULL DEFAULT 'usd',
    "status" text NOT NULL,
    "paid" boolean NOT NULL DEFAULT false,
    "periodStart" timestamp(3) NOT NULL,
    "periodEnd" timestamp(3) NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL
);
CREATE TABLE "BillingEvent" (
    "id" text PRIMARY KEY,
    "userId" text REFERENCES "User" ("id") ON DELETE SET NULL,
    "eventType" text NOT NULL,
    "stripeEventId" text UNIQUE,
    "metadata" jsonb,
    "processed" boolean NOT NULL DEFAULT false,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

INSERT INTO "User" ("id", "email", "password", "plan")
SELECT 'user_' || lpad(n::text, 5, '0'), 'user' || n || '@invented.example', 'hash', CASE n % 3 WHEN 0 THEN 'PRO' ELSE 'FREE' END::"PlanType"
FROM generate_series(1, 30) AS n;
INSERT INTO "StripeCustomer" ("id", "userId", "stripeCustomerId", "email", "createdAt", "updatedAt")
SELECT 'cust_' || lpad(n::text, 5, '0'), 'user_' || lpad(n::text, 5, '0'), 'cus_' || n, 'x', '2026-01-31 23:30:00.123', '2026-02-01 00:00:00'
FROM generate_series(1, 20) AS n;
INSERT INTO "Subscription" ("id", "userId", "stripeSubscriptionId", "stripePriceId", "status", "currentPeriodStart",
    "currentPeriodEnd", "cancelAtPeriodEnd", "canceledAt", "plan", "createdAt", "updatedAt")
SELECT 'subs_' || lpad(n::text, 5, '0'), 'user_' || lpad(n::text, 5, '0'), 'sub_' || n, 'price_pro', 'active', '2026-02-01', '2026-03-01',
    n = 2, CASE n WHEN 2 THEN timestamp '2026-02-10 10:00' END, 'pro', '2026-01-01', timestamp '2026-02-01' + n * interval '1 hour'
FROM generate_series(1, 10) AS n;
INSERT INTO "Invoice" ("id", "userId", "stripeInvoiceId", "amountDue", "amountPaid", "currency", "status", "paid", "periodStart", "periodEnd", "createdAt", "updatedAt")
SELECT 'invo_' || lpad(n::text, 5, '0'), 'user_00001', 'in_' || n, 2900, 2900, 'usd', 'paid', true, '2026-01-01', '2026-02-01', '2026-01-01', '2026-01-02'
FROM generate_series(1, 15) AS n;
INSERT INTO "BillingEvent" ("id", "eventType", "stripeEventId", "metadata", "createdAt")
SELECT 'even_' || lpad(n::text, 5, '0'), 'invoice.payment_succeeded', 'evt_' || n, '{"secret": "canary"}', timestamp '2026-01-01' + n * interval '1 second'
FROM generate_series(1, 2500) AS n;
