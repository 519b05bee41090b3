-- The billing tables of the invented company's application, as its schema has them: names, types, unique keys.
-- Instants are text in UTC with milliseconds; SQLite has no enumerations, no jsonb and no time zones.

CREATE TABLE "User" (
    "id" text NOT NULL PRIMARY KEY, "email" text NOT NULL UNIQUE, "name" text, "password" text, "twoFactorSecret" text,
    "plan" text NOT NULL DEFAULT 'FREE', "paymentStatus" text NOT NULL DEFAULT 'PENDING', "razorpayCustomerId" text,
    "razorpaySubscriptionId" text, "nextBillingDate" timestamp, "trialEndsAt" timestamp,
    "createdAt" timestamp NOT NULL,
    -- The application's own, and in no profile: who the new billing is switched on for.
    "newBillingEnabled" boolean NOT NULL DEFAULT 0);

CREATE TABLE "StripeCustomer" (
    "id" text NOT NULL PRIMARY KEY, "userId" text NOT NULL, "stripeCustomerId" text NOT NULL, "email" text NOT NULL,
    "name" text, "phone" text, "address" jsonb, "taxId" text, "createdAt" timestamp NOT NULL,
    "updatedAt" timestamp NOT NULL);
CREATE UNIQUE INDEX "StripeCustomer_userId_key" ON "StripeCustomer" ("userId");
CREATE UNIQUE INDEX "StripeCustomer_stripeCustomerId_key" ON "StripeCustomer" ("stripeCustomerId");

CREATE TABLE "Subscription" (
    "id" text NOT NULL PRIMARY KEY, "userId" text NOT NULL, "stripeSubscriptionId" text NOT NULL,
    "stripePriceId" text NOT NULL, "status" text NOT NULL, "currentPeriodStart" timestamp NOT NULL,
    "currentPeriodEnd" timestamp NOT NULL, "trialStart" timestamp, "trialEnd" timestamp,
    "cancelAtPeriodEnd" boolean NOT NULL DEFAULT 0, "canceledAt" timestamp, "plan" text NOT NULL, "metadata" jsonb,
    "createdAt" timestamp NOT NULL, "updatedAt" timestamp NOT NULL);
CREATE UNIQUE INDEX "Subscription_stripeSubscriptionId_key" ON "Subscription" ("stripeSubscriptionId");

CREATE TABLE "UsageRecord" (
    "id" text NOT NULL PRIMARY KEY, "subscriptionId" text NOT NULL, "stripeSubscriptionItemId" text NOT NULL,
    "quantity" integer NOT NULL, "timestamp" timestamp NOT NULL, "projectId" text, "action" text NOT NULL,
    "metadata" jsonb, "createdAt" timestamp NOT NULL);

CREATE TABLE "Invoice" (
    "id" text NOT NULL PRIMARY KEY, "userId" text NOT NULL, "stripeInvoiceId" text NOT NULL,
    "amountDue" integer NOT NULL, "amountPaid" integer NOT NULL, "currency" text NOT NULL DEFAULT 'usd',
    "status" text NOT NULL, "paid" boolean NOT NULL DEFAULT 0, "hostedInvoiceUrl" text, "invoicePdf" text,
    "periodStart" timestamp NOT NULL, "periodEnd" timestamp NOT NULL, "createdAt" timestamp NOT NULL,
    "updatedAt" timestamp NOT NULL);
CREATE UNIQUE INDEX "Invoice_stripeInvoiceId_key" ON "Invoice" ("stripeInvoiceId");

CREATE TABLE "Coupon" (
    "id" text NOT NULL PRIMARY KEY, "stripeCouponId" text NOT NULL, "name" text NOT NULL, "percentOff" integer,
    "amountOff" integer, "currency" text, "duration" text NOT NULL, "durationInMonths" integer,
    "maxRedemptions" integer, "redeemBy" timestamp, "valid" boolean NOT NULL DEFAULT 1,
    "createdAt" timestamp NOT NULL, "updatedAt" timestamp NOT NULL);
CREATE UNIQUE INDEX "Coupon_stripeCouponId_key" ON "Coupon" ("stripeCouponId");

CREATE TABLE "BillingEvent" (
    "id" text NOT NULL PRIMARY KEY, "userId" text, "eventType" text NOT NULL, "stripeEventId" text, "metadata" jsonb,
    "processed" boolean NOT NULL DEFAULT 0, "createdAt" timestamp NOT NULL);
CREATE UNIQUE INDEX "BillingEvent_stripeEventId_key" ON "BillingEvent" ("stripeEventId");

CREATE TABLE "BillingUsage" (
    "id" text NOT NULL PRIMARY KEY, "userId" text NOT NULL, "period" text NOT NULL,
    "aiTokensUsed" integer NOT NULL DEFAULT 0, "previewMinutes" integer NOT NULL DEFAULT 0,
    "sandboxesStarted" integer NOT NULL DEFAULT 0, "deployments" integer NOT NULL DEFAULT 0,
    "storageBytes" bigint NOT NULL DEFAULT 0, "cost" double NOT NULL DEFAULT 0, "createdAt" timestamp NOT NULL,
    "updatedAt" timestamp NOT NULL);
CREATE UNIQUE INDEX "BillingUsage_userId_period_key" ON "BillingUsage" ("userId", "period");
CREATE INDEX "BillingUsage_period_idx" ON "BillingUsage" ("period");

CREATE TABLE "AITokenUsage" (
    "id" text NOT NULL PRIMARY KEY, "userId" text NOT NULL, "projectId" text, "model" text NOT NULL,
    "promptTokens" integer NOT NULL, "completionTokens" integer NOT NULL, "totalTokens" integer NOT NULL,
    "cost" double NOT NULL, "endpoint" text NOT NULL, "successful" boolean NOT NULL DEFAULT 1, "errorMessage" text,
    "timestamp" timestamp NOT NULL, "createdAt" timestamp NOT NULL);
CREATE INDEX "AITokenUsage_userId_idx" ON "AITokenUsage" ("userId");
CREATE INDEX "AITokenUsage_projectId_idx" ON "AITokenUsage" ("projectId");
CREATE INDEX "AITokenUsage_model_idx" ON "AITokenUsage" ("model");
CREATE INDEX "AITokenUsage_timestamp_idx" ON "AITokenUsage" ("timestamp");

-- What people wrote to the application; its rows are counted and never read.
CREATE TABLE "Feedback" (
    "id" text NOT NULL PRIMARY KEY, "userId" text NOT NULL, "type" text NOT NULL, "message" text NOT NULL,
    "createdAt" timestamp NOT NULL);

CREATE TABLE "Notification" (
    "id" text NOT NULL PRIMARY KEY, "userId" text NOT NULL, "type" text NOT NULL, "title" text NOT NULL,
    "message" text NOT NULL, "read" boolean NOT NULL DEFAULT 0, "metadata" jsonb, "createdAt" timestamp NOT NULL);
CREATE INDEX "Notification_userId_read_idx" ON "Notification" ("userId", "read");
CREATE INDEX "Notification_type_createdAt_idx" ON "Notification" ("type", "createdAt");
