-- Everything by which reading could be made to write. Each trap leaves a row in trap.sprung if it goes off: directly,
-- and through dblink, for which a read-only transaction is no obstacle.
CREATE EXTENSION dblink;
CREATE SCHEMA trap;
GRANT USAGE ON SCHEMA trap TO PUBLIC;
CREATE TABLE trap.sprung (what text);
CREATE SEQUENCE trap.counter;

CREATE FUNCTION trap.spring(what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.dblink_exec(
        pg_catalog.format('host=%s port=%s dbname=billing user=su application_name=trap',
            pg_catalog.current_setting('unix_socket_directories'), pg_catalog.current_setting('port')),
        pg_catalog.format('INSERT INTO trap.sprung VALUES (%L)', what));
    BEGIN
        PERFORM pg_catalog.nextval('trap.counter');
        PERFORM pg_catalog.lo_create(0);
        PERFORM pg_catalog.pg_advisory_lock(42);
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    RETURN what;
END $$;
CREATE FUNCTION trap.spring_as_definer(what text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT trap.spring(what) $$;

-- Names that are looked up before those of the system when a statement does not say which it means.
CREATE FUNCTION public.concat(text) RETURNS text LANGUAGE sql AS $$ SELECT trap.spring_as_definer('concat') $$;
CREATE FUNCTION public.concat("PlanType") RETURNS text LANGUAGE sql AS $$ SELECT trap.spring_as_definer('concat') $$;
CREATE FUNCTION public.count(anyelement) RETURNS bigint LANGUAGE sql AS $$ SELECT trap.spring_as_definer('count'); SELECT 0::bigint $$;
CREATE FUNCTION public.format(text, text, text) RETURNS text LANGUAGE sql AS $$ SELECT trap.spring_as_definer('format') $$;
CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT trap.spring_as_definer('current_setting') $$;
CREATE FUNCTION public.text_more(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT trap.spring_as_definer('operator') IS NOT NULL $$;
CREATE OPERATOR public.> (LEFTARG = text, RIGHTARG = text, FUNCTION = public.text_more);
CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.text_more);
CREATE FUNCTION public.plan_as_text("PlanType") RETURNS text LANGUAGE sql AS $$ SELECT trap.spring_as_definer('cast') $$;
CREATE CAST ("PlanType" AS text) WITH FUNCTION public.plan_as_text("PlanType") AS IMPLICIT;
ALTER DATABASE billing SET search_path = public, pg_catalog;

-- Schemas of the right shape in which one table is not what it seems.
CREATE FUNCTION pg_temp.shape(schema text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE pg_catalog.format('CREATE SCHEMA %I', schema);
    EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %I TO PUBLIC', schema);
    EXECUTE pg_catalog.format('CREATE TABLE %I."StripeCustomer" (LIKE public."StripeCustomer")', schema);
    EXECUTE pg_catalog.format('CREATE TABLE %I."BillingEvent" (LIKE public."BillingEvent")', schema);
    EXECUTE pg_catalog.format('CREATE TABLE %I."Subscription" (LIKE public."Subscription")', schema);
    EXECUTE pg_catalog.format('CREATE TABLE %I."User" (LIKE public."User")', schema);
END $$;
SELECT pg_temp.shape('a_view'), pg_temp.shape('a_policy'), pg_temp.shape('a_partition'), pg_temp.shape('a_domain');

CREATE VIEW a_view."Invoice" AS
SELECT i."id", trap.spring_as_definer('view') AS "userId", i."stripeInvoiceId", i."amountDue", i."amountPaid", i."currency",
       i."status", i."createdAt", i."updatedAt"
FROM public."Invoice" AS i;

CREATE TABLE a_policy."Invoice" (LIKE public."Invoice");
INSERT INTO a_policy."Invoice" SELECT * FROM public."Invoice";
ALTER TABLE a_policy."Invoice" ENABLE ROW LEVEL SECURITY;
CREATE POLICY trapped ON a_policy."Invoice" USING (trap.spring_as_definer('policy') IS NOT NULL);

CREATE FOREIGN DATA WRAPPER elsewhere;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER elsewhere;
CREATE TABLE a_partition."Invoice" (LIKE public."Invoice") PARTITION BY LIST ("currency");
CREATE TABLE a_partition.here PARTITION OF a_partition."Invoice" FOR VALUES IN ('usd') PARTITION BY LIST ("status");
CREATE FOREIGN TABLE a_partition.there PARTITION OF a_partition.here FOR VALUES IN ('paid') SERVER elsewhere;

CREATE DOMAIN a_domain.amount AS integer;
CREATE TABLE a_domain."Invoice" (LIKE public."Invoice");
ALTER TABLE a_domain."Invoice" ALTER COLUMN "amountDue" TYPE a_domain.amount;

-- Roles: who owns the tables, who may change one column of one, who may only read. `su` is the server's superuser.
CREATE ROLE owner LOGIN;
CREATE ROLE writer LOGIN;
ALTER TABLE "User" OWNER TO owner;
ALTER TABLE "StripeCustomer" OWNER TO owner;
ALTER TABLE "Subscription" OWNER TO owner;
ALTER TABLE "Invoice" OWNER TO owner;
ALTER TABLE "BillingEvent" OWNER TO owner;
GRANT SELECT ON ALL TABLES IN SCHEMA public, a_view, a_policy, a_partition, a_domain TO writer;
GRANT UPDATE ("status") ON "Invoice" TO writer;
