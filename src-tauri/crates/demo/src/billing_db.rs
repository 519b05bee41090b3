//! What the company's application wrote into its billing database, as a SQLite file.
//!
//! Rows are those its event handlers would have left with their known defects mended: every handled event has a row,
//! subscriptions follow their events, paid invoices are recorded once. What differs is planted, and listed in `faults`.
//! The file is disposable: it is only ever replaced when it is one of ours.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};
use serde_json::json;

use crate::calendar::{month_starts, month_text, row_text};
use crate::faults::Planted;
use crate::random::{Random, mix_word};
use crate::world::event::Mention;
use crate::world::invoice::{Invoice, Standing};
use crate::world::subscription::{Status, Subscription};
use crate::world::{Customer, Event, EventKind, No, Object, World};

/// What marks a file as ours: "CSDM".
const APPLICATION_ID: i32 = 0x4353_444D;

/// Memory for pages: keys are drawn, so a large company writes all over its indexes. **Units**: KiB.
const CACHE_KIB: i64 = 64 * 1024;

/// How many months back usage is kept for each user.
const USAGE_MONTHS: usize = 6;

/// Share of the users for whom the new billing is switched on at the beginning, of a hundred.
const EXPOSED_PCT: u32 = 10;

/// Why the application's database was not written.
#[derive(Debug, thiserror::Error)]
pub enum BillingDbError {
    /// A file of that name exists and is something else.
    #[error("{0} exists and is not a demo billing database; it is left as it is")]
    NotOurs(PathBuf),
    /// The file cannot be replaced.
    #[error("replacing {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// SQLite refuses.
    #[error("writing the demo billing database")]
    Sqlite(#[from] rusqlite::Error),
}

/// The application's database, kept up with the company.
pub(crate) struct BillingDb {
    file: Connection,
    planted: Planted,
    /// How many events were handled.
    handled: usize,
    /// Share of the users for whom the new billing is switched on, of a hundred.
    exposed_pct: u32,
}

impl BillingDb {
    /// Writes the database of a company, in place of an older one of ours.
    pub(crate) fn create(path: &Path, world: &World) -> Result<Self, BillingDbError> {
        if path.exists() && !is_ours(path) {
            return Err(BillingDbError::NotOurs(path.to_owned()));
        }
        let failed = |cause| BillingDbError::File { path: path.to_owned(), cause };
        let fresh = path.with_extension("new");
        if fresh.exists() {
            std::fs::remove_file(&fresh).map_err(failed)?;
        }
        let planted = Planted::of(world);
        let mut file = Connection::open(&fresh)?;
        file.pragma_update(None, "application_id", APPLICATION_ID)?;
        // Nobody reads the file before it has its name.
        file.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
        file.execute_batch(include_str!("billing_db/schema.sql"))?;
        Rows::write(&mut file, (world, EXPOSED_PCT), &planted, |rows| rows.all())?;
        file.close().map_err(|(_, cause)| cause)?;
        std::fs::rename(&fresh, path).map_err(failed)?;
        let handled = world.tables.events.len();
        Ok(Self { file: Connection::open(path)?, planted, handled, exposed_pct: EXPOSED_PCT })
    }

    /// Handles the events since the last call.
    pub(crate) fn follow(&mut self, world: &World) -> Result<(), BillingDbError> {
        let from = self.handled;
        self.handled = world.tables.events.len();
        Rows::write(&mut self.file, (world, self.exposed_pct), &self.planted, |rows| rows.handle_from(from))
    }

    /// Moves the application's flag: the new billing is switched on for this share of the users, of a hundred.
    pub(crate) fn expose(&mut self, world: &World, pct: u32) -> Result<(), BillingDbError> {
        self.exposed_pct = pct;
        Rows::write(&mut self.file, (world, pct), &self.planted, |rows| {
            rows.world.tables.customers.iter().try_for_each(|(no, _)| rows.expose(no))
        })
    }
}

fn is_ours(path: &Path) -> bool {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|file| file.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0)))
        .is_ok_and(|id| id == APPLICATION_ID)
}

/// Writes rows in one transaction.
struct Rows<'a> {
    file: &'a Connection,
    world: &'a World,
    exposed_pct: u32,
    planted: &'a Planted,
}

impl Rows<'_> {
    fn write(
        file: &mut Connection,
        (world, exposed_pct): (&World, u32),
        planted: &Planted,
        work: impl FnOnce(&Rows<'_>) -> Result<(), rusqlite::Error>,
    ) -> Result<(), BillingDbError> {
        // The file can be made again at any time, so it need not survive a power cut.
        file.pragma_update(None, "synchronous", "OFF")?;
        file.pragma_update(None, "cache_size", -CACHE_KIB)?;
        let transaction = file.transaction()?;
        work(&Rows { file: &transaction, world, exposed_pct, planted })?;
        transaction.commit()?;
        Ok(())
    }

    fn all(&self) -> Result<(), rusqlite::Error> {
        let tables = &self.world.tables;
        for (no, customer) in tables.customers.iter() {
            self.user(no, customer)?;
        }
        for (no, subscription) in tables.subscriptions.iter() {
            let drifted = self.planted.drifted.iter().find(|(drifted, _)| *drifted == no);
            let begun = subscription.items.first().map_or(subscription.created, |item| item.start);
            let updated = subscription.ended.unwrap_or(begun).max(subscription.created);
            let status = drifted.map_or(subscription.status, |(_, status)| *status);
            self.subscription(no, subscription, status, updated)?;
            self.grant(subscription)?;
            self.usage(subscription)?;
        }
        self.orphan()?;
        for (no, invoice) in tables.invoices.iter().filter(|(_, invoice)| invoice.standing == Standing::Paid) {
            self.invoice(no, invoice)?;
        }
        for event in &self.world.handled {
            self.event(No::new(event.no.number()), event.kind, event.created + 1, event.about)?;
        }
        for (no, event) in tables.events.iter() {
            self.handled(no, event)?;
        }
        Ok(())
    }

    /// Does what the application's handlers do with the events from a number on.
    fn handle_from(&self, from: usize) -> Result<(), rusqlite::Error> {
        let events = &self.world.tables.events;
        for (no, event) in (from..events.len()).filter_map(|place| {
            let no = No::<Event>::at(place);
            events.get(no).map(|event| (no, event))
        }) {
            match (event.kind, event.subject.mention()) {
                (EventKind::CustomerCreated, Mention::Customer(no)) => {
                    self.with(no, |customer| self.user(no, customer))?;
                }
                (kind, Mention::Subscription(no)) if kind.is_handled() => self.with(no, |held: &Subscription| {
                    self.subscription(no, held, held.status, event.created)?;
                    self.grant(held)
                })?,
                // A payment outside Stripe is entered by hand, the others by their event.
                (EventKind::InvoicePaid, Mention::Invoice(no)) => {
                    self.with(no, |invoice| self.invoice(no, invoice))?;
                }
                _ => {}
            }
            self.handled(no, event)?;
        }
        Ok(())
    }

    fn with<T: Object>(
        &self,
        no: No<T>,
        write: impl FnOnce(&T) -> Result<(), rusqlite::Error>,
    ) -> Result<(), rusqlite::Error> {
        self.world.get(no).map_or(Ok(()), |object| write(object))
    }

    /// Draws the primary key of a row: a cuid.
    fn key(&self, table: &str, number: u32) -> String {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let mut random = Random::new(self.world.seed ^ mix_word(table), u64::from(number));
        let rest = (0..24).map(|_| char::from(random.pick(DIGITS)));
        std::iter::once('c').chain(rest).collect()
    }

    fn user(&self, no: No<Customer>, customer: &Customer) -> Result<(), rusqlite::Error> {
        let id = Customer::user_id(no, self.world);
        let email = customer.email.as_deref().map_or_else(|| format!("{id}@example.org"), str::to_owned);
        let created = row_text(customer.created);
        self.file
            .prepare_cached(
                "INSERT OR REPLACE INTO \"User\" (id, email, name, password, \"twoFactorSecret\", plan, \
                 \"paymentStatus\", \"createdAt\", \"newBillingEnabled\") \
                 VALUES (?1, ?2, ?3, ?4, ?5, 'FREE', 'PENDING', ?6, ?7)",
            )?
            .execute(params![
                id,
                email,
                &*customer.name,
                "invented-hash",
                "invented-secret",
                created,
                self.is_exposed(no)
            ])?;
        self.file
            .prepare_cached(
                "INSERT OR REPLACE INTO \"StripeCustomer\" (id, \"userId\", \"stripeCustomerId\", email, name, \
                 \"createdAt\", \"updatedAt\") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
            )?
            .execute(params![
                self.key("StripeCustomer", no.number()),
                id,
                self.world.id(no),
                email,
                &*customer.name,
                created
            ])?;
        Ok(())
    }

    /// Says whether the new billing is on for somebody: of any hundred who sign up one after the other, for as many as it
    /// says, and whoever has it keeps it while the share grows.
    fn is_exposed(&self, no: No<Customer>) -> bool {
        const SPREAD: u64 = 61;
        u64::from(no.number()) * SPREAD % 100 < u64::from(self.exposed_pct)
    }

    fn expose(&self, no: No<Customer>) -> Result<(), rusqlite::Error> {
        self.file
            .prepare_cached("UPDATE \"User\" SET \"newBillingEnabled\" = ?2 WHERE id = ?1")?
            .execute(params![Customer::user_id(no, self.world), self.is_exposed(no)])?;
        Ok(())
    }

    /// Grants what a subscription pays for, and takes it back when it ended; the failing handler does not.
    fn grant(&self, subscription: &Subscription) -> Result<(), rusqlite::Error> {
        let (plan, standing) = match subscription.status {
            Status::Canceled if subscription.ended.is_some_and(|at| at >= self.world.failing_from) => return Ok(()),
            Status::Canceled | Status::IncompleteExpired => ("free", "CANCELLED"),
            Status::Incomplete => ("free", "PENDING"),
            Status::PastDue | Status::Unpaid => (application_plan(subscription), "FAILED"),
            Status::Active | Status::Trialing | Status::Paused => (application_plan(subscription), "ACTIVE"),
        };
        let trial_end = subscription.trial.map(|(_, end)| row_text(end));
        self.file
            .prepare_cached(
                "UPDATE \"User\" SET plan = ?2, \"paymentStatus\" = ?3, \"trialEndsAt\" = ?4, \"nextBillingDate\" = ?5 \
                 WHERE id = ?1",
            )?
            .execute(params![
                Customer::user_id(subscription.customer, self.world),
                plan.to_uppercase(),
                standing,
                trial_end,
                row_text(subscription.next_renewal())
            ])?;
        Ok(())
    }

    fn subscription(
        &self,
        no: No<Subscription>,
        held: &Subscription,
        status: Status,
        updated: i64,
    ) -> Result<(), rusqlite::Error> {
        let Some(item) = held.items.first() else { return Ok(()) };
        let canceled = if status == Status::Canceled { held.ended.map(|at| row_text(at + 2)) } else { None };
        self.file
            .prepare_cached(
                "INSERT OR REPLACE INTO \"Subscription\" (id, \"userId\", \"stripeSubscriptionId\", \"stripePriceId\", \
                 status, \"currentPeriodStart\", \"currentPeriodEnd\", \"trialStart\", \"trialEnd\", \
                 \"cancelAtPeriodEnd\", \"canceledAt\", plan, \"createdAt\", \"updatedAt\") \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute(params![
                self.key("Subscription", no.number()),
                Customer::user_id(held.customer, self.world),
                self.world.id(no),
                self.world.id(item.price),
                status.word(),
                row_text(item.start),
                row_text(item.end),
                held.trial.map(|(start, _)| row_text(start)),
                held.trial.map(|(_, end)| row_text(end)),
                held.cancels_at_period_end,
                canceled,
                application_plan(held),
                row_text(held.created + 1),
                row_text(updated + 1),
            ])?;
        self.feedback(no, held)
    }

    /// What somebody wrote when they asked for the end.
    fn feedback(&self, no: No<Subscription>, held: &Subscription) -> Result<(), rusqlite::Error> {
        let Some((asked, said)) = held.cancellation.as_ref().and_then(|end| Some((end.asked, end.feedback?))) else {
            return Ok(());
        };
        self.file
            .prepare_cached(
                "INSERT OR IGNORE INTO \"Feedback\" (id, \"userId\", type, message, \"createdAt\") \
                 VALUES (?1, ?2, 'cancellation', ?3, ?4)",
            )?
            .execute(params![
                self.key("Feedback", no.number()),
                Customer::user_id(held.customer, self.world),
                said,
                row_text(asked)
            ])?;
        Ok(())
    }

    /// The planted row of a subscription that Stripe does not have.
    fn orphan(&self) -> Result<(), rusqlite::Error> {
        let (no, customer) = self.planted.orphan;
        let Some(model) = self.world.tables.subscriptions.iter().next().map(|(_, held)| held.as_ref().clone()) else {
            return Ok(());
        };
        self.subscription(no, &Subscription { customer, ..model }, Status::Active, self.world.as_of)
    }

    fn invoice(&self, no: No<Invoice>, invoice: &Invoice) -> Result<(), rusqlite::Error> {
        let (Some(paid), Some(line)) = (invoice.at.paid, invoice.lines.first()) else { return Ok(()) };
        let short = i64::from(self.planted.short == Some(no));
        let hosted = invoice.hosted_url(no, self.world);
        self.file
            .prepare_cached(
                "INSERT OR REPLACE INTO \"Invoice\" (id, \"userId\", \"stripeInvoiceId\", \"amountDue\", \"amountPaid\", \
                 currency, status, paid, \"hostedInvoiceUrl\", \"invoicePdf\", \"periodStart\", \"periodEnd\", \
                 \"createdAt\", \"updatedAt\") VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'paid', 1, ?7, ?8, ?9, ?10, ?11, ?11)",
            )?
            .execute(params![
                self.key("Invoice", no.number()),
                Customer::user_id(invoice.customer, self.world),
                self.world.id(no),
                invoice.amount_due(),
                invoice.amount_paid - short,
                invoice.currency.code(),
                hosted,
                hosted.as_ref().map(|url| format!("{url}/pdf")),
                row_text(line.start),
                row_text(line.end),
                row_text(paid + 2),
            ])?;
        Ok(())
    }

    /// Leaves the row of an event that was handled, unless it is one that was not.
    fn handled(&self, no: No<Event>, event: &Event) -> Result<(), rusqlite::Error> {
        match event.delivered {
            Some(delivered) if event.kind.is_handled() && !self.planted.silent.contains(&no) => {
                self.event(no, event.kind, delivered, event.subject.mention())
            }
            _ => Ok(()),
        }
    }

    fn event(&self, no: No<Event>, kind: EventKind, at: i64, about: Mention) -> Result<(), rusqlite::Error> {
        let email = match about {
            Mention::Invoice(no) => self.world.get(no).and_then(|invoice| invoice.email.as_deref()),
            _ => None,
        };
        let metadata = json!({ "id": about.id(self.world), "object": about.word(), "customer_email": email });
        self.file
            .prepare_cached(
                "INSERT INTO \"BillingEvent\" (id, \"eventType\", \"stripeEventId\", metadata, \"createdAt\") \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                self.key("BillingEvent", no.number()),
                kind.word(),
                self.world.id(no),
                metadata.to_string(),
                row_text(at)
            ])?;
        let title = match kind {
            EventKind::InvoicePaymentFailed => "Payment failed",
            EventKind::SubscriptionTrialWillEnd => "Your trial ends soon",
            _ => return Ok(()),
        };
        self.notify(no, title, at, about)
    }

    fn notify(&self, no: No<Event>, title: &str, at: i64, about: Mention) -> Result<(), rusqlite::Error> {
        let customer = match about {
            Mention::Invoice(no) => self.world.get(no).map(|invoice| invoice.customer),
            Mention::Subscription(no) => self.world.get(no).map(|subscription| subscription.customer),
            _ => None,
        };
        let user = customer.map(|customer| Customer::user_id(customer, self.world));
        self.file
            .prepare_cached(
                "INSERT INTO \"Notification\" (id, \"userId\", type, title, message, \"createdAt\") \
                 VALUES (?1, ?2, 'billing_event', ?3, ?3, ?4)",
            )?
            .execute(params![self.key("Notification", no.number()), user.unwrap_or_default(), title, row_text(at)])?;
        Ok(())
    }

    /// What the user of a subscription used in each of the last months it ran.
    fn usage(&self, held: &Subscription) -> Result<(), rusqlite::Error> {
        let until = held.ended.unwrap_or(self.world.as_of);
        let user = Customer::user_id(held.customer, self.world);
        let earliest = crate::calendar::minus_months(self.world.as_of, u32::try_from(USAGE_MONTHS).unwrap_or(0));
        let starts = month_starts(held.start.max(earliest), until);
        for start in starts {
            let period = month_text(start);
            let key = self.key(&format!("BillingUsage {period}"), held.customer.number());
            let mut random = Random::new(self.world.seed ^ mix_word(&key), 0);
            let (tokens, minutes) = (random.between(0, 90_000), random.between(0, 700));
            let (runs, deployments) = (random.between(0, 90), random.between(0, 45));
            let cents = tokens + 10 * minutes + 50 * runs + 200 * deployments;
            self.file
                .prepare_cached(
                    "INSERT OR IGNORE INTO \"BillingUsage\" (id, \"userId\", period, \"aiTokensUsed\", \
                     \"previewMinutes\", \"sandboxesStarted\", deployments, \"storageBytes\", cost, \"createdAt\", \
                     \"updatedAt\") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 / 100.0, ?10, ?10)",
                )?
                .execute(params![
                    key,
                    user,
                    period,
                    tokens,
                    minutes,
                    runs,
                    deployments,
                    tokens * 4096,
                    cents,
                    row_text(start)
                ])?;
        }
        Ok(())
    }
}

/// The application's word for a plan; it knows three, and takes what it does not know for `pro`.
fn application_plan(subscription: &Subscription) -> &'static str {
    match subscription.plan {
        "enterprise" => "enterprise",
        _ => "pro",
    }
}
