//! What figures of one request stand on: everybody's segments, rates, zone, method, and how far the data reaches.
//!
//! Loaded once per request; the segments come from memory. In one currency the others are not there at all, instead of
//! being counted as unconverted.

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign_domain::Instant;
use countersign_domain::failure::Failure;
use countersign_domain::metrics::fx::{FxRate, Rates};
use countersign_domain::metrics::reading::Reading;
use countersign_domain::metrics::{DiscountRule, Fx, Segment, Settings, Source};
use countersign_domain::money::Currency;
use countersign_domain::stripe::ObjectKind;
use countersign_domain::workspace::{Environment, ExchangeRate};
use countersign_domain::zones::Zone;
use countersign_store::mirror::rollup::changed;
use countersign_store::mirror::sync::kinds::{self, KindStanding, KindState};

use crate::app::App;
use crate::failure::{Tell as _, invalid};
use crate::settings::stripe::mirrored_as;
use crate::{clock, mirror, record, rollup};

/// Kinds that recurring figures are made of: they are known as far as the one that lags most.
const KINDS: [ObjectKind; 5] =
    [ObjectKind::Price, ObjectKind::Coupon, ObjectKind::Customer, ObjectKind::Subscription, ObjectKind::Invoice];

/// What figures stand on.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Everybody's segments, customer by customer; of one currency where one was asked for.
    pub segments: Arc<Vec<Segment>>,
    /// Whether anything was read at all. Without that there are no figures, not even zeros.
    pub is_read: bool,
    /// Rates into the currency of the figures.
    pub fx: Fx,
    /// The reporting zone.
    pub zone: Zone,
    /// How far the data reaches: what is not over closes here.
    pub now: Instant,
    /// The one currency that was asked for; `None` is all of them, converted.
    pub only: Option<Currency>,
    /// Every currency with segments.
    pub currencies: BTreeSet<Currency>,
    /// Method of counting.
    pub method: Settings,
    /// Event types whose handling leaves a row, where the billing database keeps such rows.
    pub handled: Vec<String>,
    rates: Vec<FxRate>,
}

impl Ground {
    /// Gives the input of the recurring figures.
    #[must_use]
    pub fn reading(&self) -> Reading<'_> {
        Reading { segments: &self.segments, fx: &self.fx, zone: &self.zone }
    }

    /// Gives the rates of the local date of an instant.
    #[must_use]
    pub fn rates_at(&self, at: Instant) -> Rates<'_> {
        self.fx.on(self.zone.date_of(at))
    }

    /// Says whether records of a currency are asked for.
    #[must_use]
    pub fn counts(&self, currency: Currency) -> bool {
        self.only.is_none_or(|only| currency == only)
    }

    /// Gives the currency of the figures.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.fx.reporting()
    }

    /// Gives the newest date of the rates that were used; `None` where nothing was converted.
    #[must_use]
    pub fn converted_at(&self) -> Option<String> {
        let (reporting, today) = (self.currency(), self.zone.date_of(self.now));
        let is_used = |rate: &&FxRate| {
            let other = if rate.quote == reporting { rate.base } else { rate.quote };
            (rate.quote == reporting || rate.base == reporting)
                && self.currencies.contains(&other)
                && rate.date <= today
        };
        let newest = self.rates.iter().filter(is_used).map(|rate| rate.date).max();
        newest.filter(|_| self.only.is_none()).map(|date| date.to_string())
    }

    /// Gives the first instant that was observed and not rebuilt from invoices.
    #[must_use]
    pub fn observed_since(&self) -> Option<Instant> {
        self.segments.iter().filter(|segment| segment.source == Source::Observed).map(|segment| segment.start_at).min()
    }

    /// Says the method in sentences.
    #[must_use]
    pub fn settings(&self) -> Vec<String> {
        let past_due = if self.method.count_past_due {
            "Past-due subscriptions count until Stripe gives them up."
        } else {
            "Past-due subscriptions do not count."
        };
        let discounts = match self.method.discounts {
            DiscountRule::Recurring => "Forever and repeating discounts are taken off; those for one invoice are not.",
            DiscountRule::ForeverOnly => "Only discounts for ever are taken off.",
            DiscountRule::All => "Every discount in force is taken off.",
            DiscountRule::None => "Discounts are not taken off: list prices count.",
        };
        let only = match self.only {
            Some(currency) => format!("Only {} is counted.", currency.iso()),
            None => format!("Other currencies are converted to {}.", self.currency().iso()),
        };
        vec![
            past_due.to_owned(),
            discounts.to_owned(),
            "Trials, metered and one-time items, and included tax never count.".to_owned(),
            format!("Days and months are those of {}.", self.zone.name()),
            only,
        ]
    }
}

/// Loads the ground of an environment, in one currency or, for an empty text, in all of them converted.
///
/// **Errors**: a currency that is none, settings that cannot be used, a mirror that cannot be read.
pub async fn load(app: &App, environment: &Environment, currency: &str) -> Result<Ground, Failure> {
    let what = "Could not load the figures";
    let workspace = record::record(app).await?.workspace.clone();
    let parsed = |code: &str| Currency::parse(code).map_err(|error| invalid("currency", error.to_string()));
    let only = if currency.trim().is_empty() { None } else { Some(parsed(currency)?) };
    let zone = Zone::named(&workspace.zone).map_err(|error| invalid("zone", error.to_string()))?;
    let stores = app.stores()?;
    let found = match mirrored_as(environment) {
        Some(whose) => stores.books.segments(&stores.mirror, &whose).await.map_err(|error| error.tell(what))?,
        None => None,
    };
    let (now, is_read) = standing(app, environment, found.as_ref().is_none_or(|segments| segments.is_empty())).await?;
    let is_read = is_read && found.is_some();
    let all = found.unwrap_or_default();
    let currencies: BTreeSet<Currency> = all.iter().map(|segment| segment.currency).collect();
    let segments = match only {
        // Where there is one currency, asking for it is asking for all.
        Some(only) if currencies.iter().any(|other| *other != only) => {
            Arc::new(all.iter().filter(|segment| segment.currency == only).cloned().collect())
        }
        _ => all,
    };
    let rates: Vec<FxRate> = workspace.rates.iter().filter_map(rate).collect();
    let reporting = only.map_or_else(|| parsed(&workspace.currency), Ok)?;
    Ok(Ground {
        segments,
        is_read,
        fx: Fx::new(reporting, &rates),
        zone,
        now,
        only,
        currencies,
        method: rollup::settings(&workspace),
        handled: workspace.events.clone(),
        rates,
    })
}

/// Says up to when the recurring figures of an environment are known, the oldest of their kinds or now, and whether they
/// are known at all: while the first read goes on there are no figures, not even zeros.
async fn standing(app: &App, environment: &Environment, is_empty: bool) -> Result<(Instant, bool), Failure> {
    let what = "Could not look at the mirror";
    let found = mirror::read(app, environment, what, move |conn, scope| {
        // Customers wait to be computed and none ever was: the first read is over, its figures are not.
        let is_computing = is_empty && !changed(conn, scope, 1)?.is_empty();
        Ok((kinds::all(conn, scope)?, is_computing))
    });
    let (kinds, is_computing) = found.await?.unwrap_or_default();
    let meant: Vec<_> = kinds.iter().filter(|kind| KINDS.contains(&kind.kind)).collect();
    let through = meant.iter().filter(|kind| kind.state == KindState::Complete).filter_map(|kind| kind.through).min();
    let was_read = |kind: &KindStanding| kind.state != KindState::Partial || kind.through.is_some();
    let is_read = KINDS.iter().all(|name| meant.iter().any(|kind| kind.kind == *name && was_read(kind)));
    Ok((through.unwrap_or_else(clock::now), is_read && !is_computing))
}

/// Reads a line of the workspace's table; the settings were checked when they were set.
fn rate(line: &ExchangeRate) -> Option<FxRate> {
    Some(FxRate {
        date: line.date.parse().ok()?,
        base: Currency::parse(&line.base).ok()?,
        quote: Currency::parse(&line.quote).ok()?,
        rate: line.rate.parse().ok()?,
    })
}
