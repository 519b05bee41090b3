//! Checks answered by the billing database.
//!
//! Read-only by session and by role; nothing here looks at personal data beyond counting it.

use super::CheckSource::Database;
use super::{Check, HEALTH_HOURS, check};

pub(super) const CHECKS: &[Check] = &[
    check(
        "db.connection",
        Database,
        "Connection",
        "Does the database answer over TLS, and is the application connected?",
    )
    .fresh(HEALTH_HOURS)
    .words(&["database connection working", "database reachable", "database connection", "database accessible"]),
    check("db.identity", Database, "Identity", "Is this the database pinned to the environment?").words(&[
        "database connection string",
        "database url",
        "connection string",
    ]),
    check(
        "db.schema.billing_present",
        Database,
        "Billing tables",
        "Do all tables, columns and types of the profile exist?",
    )
    .words(&["database migrated", "billing schema", "table created", "billing table", "prisma studio"]),
    check("db.migrations.applied", Database, "Migrations", "Is every migration finished, and none failed?").words(&[
        "execute migration",
        "run migration",
        "prisma db push",
        "migrate deploy",
        "migration applied",
        "run production migration",
        "apply migration",
    ]),
    check("db.indexes.present", Database, "Indexes", "Do all indexes of the profile exist and hold?").words(&[
        "index created",
        "database index",
        "index performance",
    ]),
    check("db.indexes.fk_covered", Database, "Indexes of foreign keys", "Does every foreign key have an index?")
        .words(&["foreign key index", "index foreign key"]),
    check("db.constraints.valid", Database, "Constraints", "Are all foreign keys there and validated?").words(&[
        "foreign key constraint",
        "database constraint",
        "check constraint",
    ]),
    check("db.integrity.orphans", Database, "Integrity", "Are there no orphans, duplicates or unknown words?")
        .words(&["data integrity", "orphan row", "integrity check"]),
    check("db.integrity.balances", Database, "Balances", "Do balances equal the sums of their transactions?").words(&[
        "balance check",
        "balance verified",
        "ledger balance",
    ]),
    check("db.role.least_privilege", Database, "Database roles", "May the roles do no more than they need?").words(&[
        "database user permission",
        "database permission",
        "least privilege",
        "access control implemented",
        "database role",
    ]),
    check("db.pool.usage", Database, "Connection pool", "Do sessions stay under 80 % of the limit?")
        .partial("The pool is set up as intended")
        .words(&["connection pooling", "connection pool", "pgbouncer"]),
    check("db.backup.archiving", Database, "Backups", "Was the log archived within 24 hours?")
        .partial("The backups are the ones meant")
        .words(&["database backup configured", "backup configured", "backup strategy", "backup enabled"]),
    check("db.monitoring.statements", Database, "Statement statistics", "Are statement statistics kept and read?")
        .partial("Somebody looks at them")
        .words(&["database monitoring", "database query monitoring", "slow query log", "query monitoring"]),
    check("db.encryption.in_transit", Database, "Encryption", "Do all remote sessions of the application use TLS?")
        .partial("Data is encrypted at rest")
        .words(&["data encryption", "encryption verified", "encryption transit", "encrypted connection"]),
    check("db.audit_log.rows", Database, "Audit rows", "Were audit rows written within 24 hours?")
        .partial("The actions that must be covered are")
        .words(&["audit logging", "audit log", "audit trail"]),
    check("db.usage.counters_moving", Database, "Usage counters", "Do the usage counters of this period rise?")
        .words(&["usage tracking tested", "usage tracking working", "usage tracking", "usage counter"]),
    check("db.usage.ai_tokens", Database, "AI tokens", "Does the counter of AI tokens rise?").words(&[
        "token usage",
        "ai token",
        "ai usage",
    ]),
    check("db.usage.preview_minutes", Database, "Preview minutes", "Does the counter of preview minutes rise?")
        .words(&["preview time", "preview minute", "preview usage"]),
    check("db.usage.sandbox_runs", Database, "Sandbox runs", "Does the counter of sandbox runs rise?")
        .words(&["sandbox run", "sandbox usage"]),
    check("db.usage.deployments", Database, "Deployments", "Does the counter of deployments rise?")
        .words(&["deployment usage", "deployment tracked"]),
    check("db.usage.limits_enforced", Database, "Usage limits", "Does no counter grow past its plan's limit?")
        .partial("The application refuses the call")
        .words(&["usage limit enforced", "limit enforced", "quota enforced", "plan limit"]),
    check(
        "db.no_card_data",
        Database,
        "No card numbers",
        "Does the schema hold nothing that looks like a card number?",
    )
    .assists()
    .words(&["pci dss", "pci compliance", "card data", "card number"]),
];
