//! Customers lost in the last complete month: why they left, and when they had come.

use std::collections::{BTreeMap, BTreeSet};

use countersign_domain::failure::Failure;
use countersign_domain::ids::{CustomerId, SubscriptionId};
use countersign_domain::metrics::Segment;
use countersign_domain::metrics::movements::{Movement, movements};
use countersign_domain::stripe::Subscription;
use countersign_domain::stripe::subscription::CancellationReason;
use countersign_domain::workspace::Environment;
use countersign_domain::zones::Month;
use countersign_store::mirror::load;

use super::made_of::money;
use super::{SeenTable, WHAT};
use crate::app::App;
use crate::figures::{Ground, Span};
use crate::mirror;

/// A lost customer.
struct Lost {
    customer: CustomerId,
    /// MRR at the opening. **Units**: micro-units.
    micro: i128,
    /// The subscription that ended last.
    subscription: Option<SubscriptionId>,
}

/// Shows the lost customers by reason and by the month of their first MRR.
///
/// **Errors**: a mirror that cannot be read.
pub(super) async fn lost(app: &App, environment: &Environment, ground: &Ground) -> Result<Vec<SeenTable>, Failure> {
    if !ground.is_read {
        return Ok(vec![SeenTable::unknown("Lost customers", "Nothing was read from Stripe yet.")]);
    }
    let span = Span::month(&ground.zone, ground.zone.month_of(ground.now).plus(-1), ground.now);
    let by_customer: BTreeMap<&CustomerId, &[Segment]> =
        ground.reading().customers().filter_map(|own| Some((&own.first()?.customer, own))).collect();
    let moved = movements(&ground.reading(), span.period, ground.now);
    let (mut all, mut cohorts) = (Vec::new(), BTreeMap::<Month, (u64, u64)>::new());
    for row in moved.rows.iter().filter(|row| row.opening_at_closing_rate.0 > 0) {
        let own = by_customer.get(row.customer).copied().unwrap_or_default();
        let came = own.iter().map(|segment| segment.start_at).min().map(|at| ground.zone.month_of(at));
        let is_lost = row.movement == Some(Movement::Churn);
        if let Some(came) = came {
            let cohort = cohorts.entry(came).or_default();
            cohort.0 += 1;
            cohort.1 += u64::from(is_lost);
        }
        if is_lost {
            let ended = own.iter().filter(|segment| segment.end_at.is_some_and(|end| end <= span.period.end));
            let subscription = ended.max_by_key(|segment| segment.end_at).map(|segment| segment.subscription.clone());
            let micro = row.opening_at_closing_rate.0;
            all.push(Lost { customer: row.customer.clone(), micro, subscription });
        }
    }
    let reasons = reasons(app, environment, ground, &all).await?;
    let title = |by: &str| format!("Lost customers by {by}, {}", span.words());
    let cohort = |(month, (had, lost)): (Month, (u64, u64))| {
        (lost > 0).then(|| vec![month.to_string(), had.to_string(), lost.to_string()])
    };
    let cohorts = cohorts.into_iter().filter_map(cohort).collect();
    let cohort_heads = ["First paid in", "Paying at the opening#", "Lost#"];
    Ok(vec![
        SeenTable::new(&title("reason"), &["Reason", "Customers#", "MRR#"], reasons),
        SeenTable::new(&title("cohort"), &cohort_heads, cohorts).noted("Cohorts that lost nobody are left out."),
    ])
}

async fn reasons(
    app: &App,
    environment: &Environment,
    ground: &Ground,
    all: &[Lost],
) -> Result<Vec<Vec<String>>, Failure> {
    let wanted: BTreeSet<SubscriptionId> = all.iter().filter_map(|lost| lost.subscription.clone()).collect();
    let read = mirror::read(app, environment, WHAT, move |conn, scope| {
        let mut found = BTreeMap::new();
        for id in wanted {
            let reason = load::<Subscription>(conn, scope, id.as_str())?.and_then(|found| found.cancellation_reason);
            found.insert(id, reason);
        }
        Ok(found)
    });
    let known = read.await?.unwrap_or_default();
    let mut by_reason = BTreeMap::<String, (BTreeSet<&CustomerId>, i128)>::new();
    for lost in all {
        let reason = lost.subscription.as_ref().and_then(|id| known.get(id)?.as_ref());
        let (customers, micro) = by_reason.entry(words(reason)).or_default();
        customers.insert(&lost.customer);
        *micro += lost.micro;
    }
    let mut rows: Vec<_> = by_reason.into_iter().collect();
    rows.sort_by_key(|(_, (_, micro))| -micro);
    let row = |(reason, (customers, micro)): (String, (BTreeSet<_>, i128))| {
        vec![reason, customers.len().to_string(), money(ground, micro)]
    };
    Ok(rows.into_iter().map(row).collect())
}

fn words(reason: Option<&CancellationReason>) -> String {
    match reason {
        Some(CancellationReason::CancellationRequested) => "Asked to end it".to_owned(),
        Some(CancellationReason::PaymentFailed) => "Payment failed for good".to_owned(),
        Some(CancellationReason::PaymentDisputed) => "Payment disputed".to_owned(),
        Some(CancellationReason::CanceledByRetentionPolicy) => "Ended by the retention rules".to_owned(),
        Some(other) => other.as_str().to_owned(),
        None => "No reason given".to_owned(),
    }
}
