-- The two variants of the billing module, each in a schema of its own.
CREATE SCHEMA models;
SET search_path = models;
CREATE TYPE "SubscriptionStatus" AS ENUM ('CREATED', 'ACTIVE', 'PAST_DUE', 'CANCELED');
CREATE TYPE "InvoiceStatus" AS ENUM ('DRAFT', 'OPEN', 'PAID', 'VOID', 'UNCOLLECTIBLE');
CREATE TABLE billing_users (
    "id" text PRIMARY KEY, "userId" text NOT NULL UNIQUE, "customerId" text, "balance" double precision NOT NULL DEFAULT 0,
    "createdAt" timestamptz(3) NOT NULL DEFAULT now(), "updatedAt" timestamptz(3) NOT NULL DEFAULT now()
);
CREATE TABLE "Subscription" (
    "id" text PRIMARY KEY, "billingUserId" text NOT NULL REFERENCES billing_users ("id") ON DELETE CASCADE,
    "stripeSubscriptionId" text UNIQUE, "stripePriceId" text, "planId" text, "planName" text,
    "status" "SubscriptionStatus" NOT NULL DEFAULT 'CREATED', "currentPeriodStart" timestamptz(3), "currentPeriodEnd" timestamptz(3),
    "cancelAtPeriodEnd" boolean NOT NULL DEFAULT false, "canceledAt" timestamptz(3),
    "createdAt" timestamptz(3) NOT NULL DEFAULT now(), "updatedAt" timestamptz(3) NOT NULL DEFAULT now()
);
CREATE TABLE "Invoice" (
    "id" text PRIMARY KEY, "billingUserId" text NOT NULL REFERENCES billing_users ("id"), "invoiceNumber" text UNIQUE,
    "amount" double precision NOT NULL, "currency" text NOT NULL DEFAULT 'USD', "status" "InvoiceStatus" NOT NULL DEFAULT 'DRAFT',
    "paidAt" timestamptz(3), "createdAt" timestamptz(3) NOT NULL DEFAULT now(), "updatedAt" timestamptz(3) NOT NULL DEFAULT now()
);
INSERT INTO billing_users ("id", "userId", "customerId") VALUES ('bu_1', 'app_1', 'cus_1'), ('bu_2', 'app_2', 'cus_1');
INSERT INTO "Subscription" ("id", "billingUserId", "stripeSubscriptionId", "planName", "status", "currentPeriodEnd", "updatedAt")
VALUES ('s_1', 'bu_1', 'sub_1', 'Basic', 'PAST_DUE', 'infinity', '2026-03-01 10:00+02'),
       ('s_2', 'bu_2', NULL, 'Basic', 'CREATED', NULL, '2026-03-01 12:00+02');
INSERT INTO "Invoice" ("id", "billingUserId", "amount", "status", "paidAt")
VALUES ('i_1', 'bu_1', 29.99, 'PAID', '2026-03-01 10:00+02'), ('i_2', 'bu_1', 0.125, 'OPEN', NULL);

CREATE SCHEMA documented;
SET search_path = documented;
CREATE TYPE "SubscriptionStatus" AS ENUM ('PENDING', 'ACTIVE', 'CANCELED');
CREATE TYPE "InvoiceStatus" AS ENUM ('DRAFT', 'OPEN', 'PAID');
CREATE TABLE billing_users (
    "id" text PRIMARY KEY, "userId" text NOT NULL UNIQUE, "customerId" text UNIQUE,
    "createdAt" timestamp(3) NOT NULL DEFAULT now(), "updatedAt" timestamp(3) NOT NULL DEFAULT now()
);
CREATE TABLE subscriptions (
    "id" text PRIMARY KEY, "billingUserId" text NOT NULL REFERENCES billing_users ("id"), "stripeSubscriptionId" text UNIQUE,
    "stripePriceId" text, "planName" text, "status" "SubscriptionStatus" NOT NULL DEFAULT 'PENDING',
    "currentPeriodStart" timestamp(3), "currentPeriodEnd" timestamp(3), "trialStart" timestamp(3), "trialEnd" timestamp(3),
    "cancelAtPeriodEnd" boolean NOT NULL DEFAULT false, "canceledAt" timestamp(3),
    "createdAt" timestamp(3) NOT NULL DEFAULT now(), "updatedAt" timestamp(3) NOT NULL DEFAULT now()
);
CREATE TABLE invoices (
    "id" text PRIMARY KEY, "billingUserId" text NOT NULL REFERENCES billing_users ("id"), "stripeInvoiceId" text UNIQUE,
    "amount" double precision NOT NULL, "currency" text NOT NULL DEFAULT 'USD', "status" "InvoiceStatus" NOT NULL DEFAULT 'DRAFT',
    "paidAt" timestamp(3), "createdAt" timestamp(3) NOT NULL DEFAULT now(), "updatedAt" timestamp(3) NOT NULL DEFAULT now()
);
INSERT INTO billing_users ("id", "userId") VALUES ('bu_1', 'app_1');
INSERT INTO subscriptions ("id", "billingUserId", "stripeSubscriptionId", "status", "trialEnd")
VALUES ('s_1', 'bu_1', 'sub_1', 'PENDING', '2026-04-01');
INSERT INTO invoices ("id", "billingUserId", "stripeInvoiceId", "amount", "currency", "status")
VALUES ('i_1', 'bu_1', 'in_1', 1200, 'JPY', 'PAID');
