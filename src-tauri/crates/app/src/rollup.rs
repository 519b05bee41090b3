//! MRR segments, computed anew for the customers whose rows changed and for nobody else.
//!
//! The mirror marks a customer with every row that changes; this takes the marks in batches, computes, and writes the
//! segments, the warnings and the customer's summary in one transaction each. Figures are read off the segments.

use std::sync::Arc;

use countersign_domain::Instant;
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::CustomerId;
use countersign_domain::metrics::{Catalog, CustomerBook, DiscountRule, History, Settings, segments_of};
use countersign_domain::stripe::{Coupon, Customer, Price};
use countersign_domain::workspace::{Environment, Workspace};
use countersign_store::mirror::rollup::{self, Changed};
use countersign_store::mirror::{Scope, load, load_each, segments};
use countersign_store::{Connection, Database, StoreError};

use crate::app::App;
use crate::bus::Topic;
use crate::failure::{Tell as _, told};
use crate::jobs::Job;
use crate::settings::stripe::mirrored_as;
use crate::{clock, record};

/// Customers computed between two transactions.
const BATCH: u32 = 250;

/// Gives the method settings of a workspace.
#[must_use]
pub fn settings(workspace: &Workspace) -> Settings {
    let discounts = match workspace.discounts.as_str() {
        "forever_only" => DiscountRule::ForeverOnly,
        "all" => DiscountRule::All,
        "none" => DiscountRule::None,
        _ => DiscountRule::Recurring,
    };
    Settings { count_past_due: workspace.count_past_due, discounts }
}

/// Marks everybody: a method setting changed, so that every segment has to be computed anew.
///
/// **Errors**: a mirror that cannot be written.
pub async fn start_over(app: &App) -> Result<(), Failure> {
    let mirror = app.stores()?.mirror.clone();
    mirror.write(rollup::mark_all).await.map_err(|error| error.tell("Could not start the figures over"))
}

/// Computes what changed in an environment.
///
/// **Shape**: gives how many customers were computed; stops between two batches when the job is told to.
/// **Errors**: a mirror that cannot be read or written; a cancelled job.
pub async fn run(app: &App, environment: &Environment, job: Option<&Arc<Job>>) -> Result<u64, Failure> {
    let what = "Could not compute the figures";
    let Some(whose) = mirrored_as(environment) else { return Ok(0) };
    let (account, mode) = whose.clone();
    let stores = app.stores()?;
    let mirror = stores.mirror.clone();
    let found = mirror.read(move |conn| Scope::find(conn, &account, mode)).await.map_err(|error| error.tell(what))?;
    let Some(scope) = found else { return Ok(0) };
    let method = settings(&record::record(app).await?.workspace);
    let due = mirror.read(move |conn| rollup::changed_count(conn, scope)).await.map_err(|error| error.tell(what))?;
    if due == 0 {
        return Ok(0);
    }
    let catalog = Arc::new(mirror.read(move |conn| catalog(conn, scope)).await.map_err(|error| error.tell(what))?);
    let mut done = 0;
    loop {
        if job.is_some_and(|job| job.cancel_token().is_cancelled()) {
            return Err(told(Code::Cancelled, what, ""));
        }
        let batch = compute(&mirror, scope, &catalog, method).await.map_err(|error| error.tell(what))?;
        if batch.is_empty() {
            break;
        }
        done += batch.len() as u64;
        stores.books.changed(&whose, batch);
        if let Some(job) = job {
            job.tell(|view| {
                "figures".clone_into(&mut view.step);
                (view.done, view.about) = (done, Some(due.max(done)));
            });
        }
    }
    app.bus().publish(&[Topic::Metrics, Topic::Mirror]);
    Ok(done)
}

fn catalog(conn: &Connection, scope: Scope) -> Result<Catalog, StoreError> {
    let prices = load_each::<Price>(conn, scope)?.into_iter().map(|price| (price.id.clone(), price)).collect();
    let coupons = load_each::<Coupon>(conn, scope)?.into_iter().map(|coupon| (coupon.id.clone(), coupon)).collect();
    Ok(Catalog { prices, coupons })
}

/// Computes one batch and says whose it was: read in one snapshot, computed on a blocking thread, written in one transaction.
async fn compute(
    mirror: &Database,
    scope: Scope,
    catalog: &Arc<Catalog>,
    method: Settings,
) -> Result<Vec<CustomerId>, StoreError> {
    let now = clock::now();
    let catalog = Arc::clone(catalog);
    let computed = mirror.read(move |conn| {
        let mut computed = Vec::new();
        for changed in rollup::changed(conn, scope, BATCH)? {
            let history = of_customer(conn, scope, &changed, &catalog, &method, now)?;
            computed.push((changed, history));
        }
        Ok(computed)
    });
    let computed = computed.await?;
    let customers: Vec<CustomerId> = computed.iter().map(|(changed, _)| changed.customer.clone()).collect();
    if !customers.is_empty() {
        let write = mirror.write(move |tx| {
            for (changed, History { segments, warnings }) in &computed {
                segments::replace(tx, scope, changed, segments, warnings, now)?;
            }
            Ok(())
        });
        write.await?;
    }
    Ok(customers)
}

fn of_customer(
    conn: &Connection,
    scope: Scope,
    changed: &Changed,
    catalog: &Catalog,
    method: &Settings,
    now: Instant,
) -> Result<History, StoreError> {
    let book = rollup::book(conn, scope, &changed.customer)?;
    let customer = load::<Customer>(conn, scope, changed.customer.as_str())?;
    let of = CustomerBook {
        customer: &changed.customer,
        discount: customer.as_ref().and_then(|customer| customer.discount.as_ref()),
        subscriptions: &book.subscriptions,
        observations: &book.observations,
        invoices: &book.invoices,
        catalog,
    };
    Ok(segments_of(&of, method, now))
}
