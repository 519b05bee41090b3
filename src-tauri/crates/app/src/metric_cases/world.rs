//! A case's objects as `domain` knows them, and the view of them under one choice of settings.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use countersign_domain::billing::BillingInvoice;
use countersign_domain::ids::CustomerId;
use countersign_domain::metrics::disputes::Dispute;
use countersign_domain::metrics::payments::IntentFailure;
use countersign_domain::metrics::revenue::BalanceEntry;
use countersign_domain::metrics::usage::{MeterCount, UsageRow};
use countersign_domain::metrics::webhooks::Delivery;
use countersign_domain::metrics::{Catalog, CustomerBook, Fx, FxRate, Reading, Segment, segments_of};
use countersign_domain::money::{Currency, Micro, Minor};
use countersign_domain::stripe::{Charge, Coupon, Customer, Discount, Invoice, Price, Subscription};
use countersign_domain::zones::{Period, Zone};
use countersign_sources::stripe::FromWire;
use num_rational::BigRational;
use rust_decimal::Decimal;
use serde_json::Value;

use super::CaseError;
use super::file::{
    BalanceWire, Case, DisputeWire, EventRowWire, EventWire, FxWire, IntentErrorWire, IntentWire, InvoiceRowWire,
    MeterWire, SettingsWire, UsageRowWire,
};

/// Everything a case says, understood.
pub(super) struct World {
    pub now: Instant,
    pub zone: Zone,
    pub period: Option<Period>,
    pub subscriptions: Vec<Subscription>,
    pub invoices: Vec<Invoice>,
    pub charges: Vec<Charge>,
    pub intent_failures: Vec<IntentFailure>,
    pub disputes: Vec<Dispute>,
    pub balance: Vec<BalanceEntry>,
    pub deliveries: Vec<Delivery>,
    pub meters: Vec<MeterCount>,
    pub usage: Vec<UsageRow>,
    pub billing_invoices: Vec<BillingInvoice>,
    pub catalog: Catalog,
    discounts: BTreeMap<CustomerId, Discount>,
    observations: Vec<(Instant, Subscription)>,
    fx: Vec<FxRate>,
}

/// A world under one choice of settings.
pub(super) struct View<'a> {
    pub world: &'a World,
    pub fx: Fx,
    segments: Vec<Segment>,
}

impl World {
    pub(super) fn of(case: &Case) -> Result<Self, CaseError> {
        let word = Words { case: &case.id };
        let objects = &case.objects;
        let mut observations = Vec::new();
        for snapshot in &case.snapshots {
            let at = word.instant(snapshot.at)?;
            observations
                .extend(word.read::<Subscription>(&snapshot.subscriptions)?.into_iter().map(|state| (at, state)));
        }
        let customers = word.read::<Customer>(&objects.customers)?.into_iter();
        let prices = word.read::<Price>(&objects.prices)?.into_iter();
        let coupons = word.read::<Coupon>(&objects.coupons)?.into_iter();
        let period = case.period.map(|period| word.period(period.start, period.end)).transpose()?;
        Ok(Self {
            now: word.instant(case.as_of)?,
            zone: Zone::named(&case.timezone).map_err(|error| word.wrong(error))?,
            period,
            subscriptions: word.read(&objects.subscriptions)?,
            invoices: word.read(&objects.invoices)?,
            charges: word.read(&objects.charges)?,
            intent_failures: word.intent_failures(case)?,
            disputes: word.disputes(case)?,
            balance: word.balance(case)?,
            deliveries: word.deliveries(case)?,
            meters: word.meters(case)?,
            usage: word.usage(case)?,
            billing_invoices: word.billing_invoices(case)?,
            catalog: Catalog {
                prices: prices.map(|price| (price.id.clone(), price)).collect(),
                coupons: coupons.map(|coupon| (coupon.id.clone(), coupon)).collect(),
            },
            discounts: customers.filter_map(|customer| Some((customer.id, customer.discount?))).collect(),
            observations,
            fx: word.fx(case)?,
        })
    }

    pub(super) fn view(&self, settings: SettingsWire) -> View<'_> {
        let mut by_customer = BTreeMap::<&CustomerId, (Vec<Subscription>, Vec<(Instant, Subscription)>)>::new();
        for subscription in &self.subscriptions {
            by_customer.entry(&subscription.customer).or_default().0.push(subscription.clone());
        }
        for observation in &self.observations {
            by_customer.entry(&observation.1.customer).or_default().1.push(observation.clone());
        }
        let mut segments = Vec::new();
        for (customer, (subscriptions, observations)) in by_customer {
            let of_customer = |invoice: &&Invoice| invoice.customer.as_ref() == Some(customer);
            let invoices: Vec<Invoice> = self.invoices.iter().filter(of_customer).cloned().collect();
            let book = CustomerBook {
                customer,
                discount: self.discounts.get(customer),
                subscriptions: &subscriptions,
                observations: &observations,
                invoices: &invoices,
                catalog: &self.catalog,
            };
            segments.extend(segments_of(&book, &settings.method(), self.now).segments);
        }
        let reporting = settings.reporting_currency.unwrap_or(Currency::USD);
        View { world: self, fx: Fx::new(reporting, &self.fx), segments }
    }
}

impl View<'_> {
    pub(super) fn reading(&self) -> Reading<'_> {
        Reading { segments: &self.segments, fx: &self.fx, zone: &self.world.zone }
    }

    /// Gives how far an exact value may lie from the unrounded one: a micro-unit for each item, a year of them for ARR.
    pub(super) fn tolerance(&self) -> BigRational {
        let items = i64::try_from(self.segments.len()).unwrap_or(i64::MAX).saturating_add(1);
        let micro = i64::try_from(Micro::PER_MINOR).unwrap_or(i64::MAX);
        BigRational::new((items.saturating_mul(12)).into(), micro.into())
    }
}

/// Understands the words of one case and names it where it cannot.
struct Words<'a> {
    case: &'a str,
}

impl Words<'_> {
    fn wrong(&self, what: impl ToString) -> CaseError {
        CaseError::Meaning { case: self.case.to_owned(), what: what.to_string() }
    }

    fn instant(&self, seconds: i64) -> Result<Instant, CaseError> {
        Instant::from_timestamp(seconds, 0).ok_or_else(|| self.wrong("an instant outside the calendar"))
    }

    fn period(&self, start: i64, end: i64) -> Result<Period, CaseError> {
        Ok(Period { start: self.instant(start)?, end: self.instant(end)? })
    }

    fn currency(&self, code: &str) -> Result<Currency, CaseError> {
        Currency::parse(code).map_err(|error| self.wrong(error))
    }

    /// Reads a quantity, a number or a decimal string; a number goes through its printed text.
    fn quantity(&self, quantity: &Value) -> Result<Decimal, CaseError> {
        let text = quantity.as_str().map_or_else(|| quantity.to_string(), str::to_owned);
        let read = text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(&text));
        read.map_err(|error| self.wrong(error))
    }

    fn read<T: FromWire>(&self, objects: &[Value]) -> Result<Vec<T>, CaseError> {
        let read = |object: &Value| T::read(object.clone()).map(|record| record.value);
        let object = |cause| CaseError::Object { case: self.case.to_owned(), cause };
        objects.iter().map(read).collect::<Result<_, _>>().map_err(object)
    }

    fn fx(&self, case: &Case) -> Result<Vec<FxRate>, CaseError> {
        let read = |line: &FxWire| {
            Ok(FxRate {
                date: line.date.parse().map_err(|_| self.wrong(format!("`{}` is not a date", line.date)))?,
                base: self.currency(&line.base)?,
                quote: self.currency(&line.quote)?,
                rate: line.rate,
            })
        };
        case.fx.iter().map(read).collect()
    }

    fn intent_failures(&self, case: &Case) -> Result<Vec<IntentFailure>, CaseError> {
        let failed =
            case.objects.payment_intents.iter().filter_map(|wire| Some((wire, wire.last_payment_error.as_ref()?)));
        let read = |(wire, error): (&IntentWire, &IntentErrorWire)| {
            Ok(IntentFailure {
                payment_intent: wire.id.as_str().into(),
                created_at: self.instant(wire.created)?,
                currency: self.currency(&wire.currency)?,
                amount: Minor(wire.amount),
                code: error.decline_code.clone().or_else(|| error.code.clone()),
            })
        };
        failed.map(read).collect()
    }

    fn disputes(&self, case: &Case) -> Result<Vec<Dispute>, CaseError> {
        let read = |wire: &DisputeWire| {
            let created_at = self.instant(wire.created)?;
            Ok(Dispute { charge: wire.charge.as_str().into(), created_at, status: wire.status.clone() })
        };
        case.objects.disputes.iter().map(read).collect()
    }

    fn balance(&self, case: &Case) -> Result<Vec<BalanceEntry>, CaseError> {
        let read = |wire: &BalanceWire| {
            Ok(BalanceEntry {
                created_at: self.instant(wire.created)?,
                currency: self.currency(&wire.currency)?,
                amount: Minor(wire.amount),
                fee: Minor(wire.fee),
                net: Minor(wire.net),
                reporting_category: wire.reporting_category.clone(),
            })
        };
        case.objects.balance_transactions.iter().map(read).collect()
    }

    fn deliveries(&self, case: &Case) -> Result<Vec<Delivery>, CaseError> {
        let rows = case.database.webhook_events.as_deref();
        let read = |wire: &EventWire| {
            let is_processed = |row: &EventRowWire| row.event_id == wire.id && row.status == "processed";
            Ok(Delivery {
                event: wire.id.as_str().into(),
                created_at: self.instant(wire.created)?,
                is_delivered: wire.is_delivered.unwrap_or(wire.pending_webhooks == 0),
                was_in_time: None,
                is_processed: rows.map(|rows| rows.iter().any(is_processed)),
            })
        };
        case.objects.events.iter().map(read).collect()
    }

    fn meters(&self, case: &Case) -> Result<Vec<MeterCount>, CaseError> {
        let read = |wire: &MeterWire| {
            let quantity = self.quantity(&wire.aggregated_value)?;
            Ok(MeterCount { customer: wire.customer.clone(), meter: wire.meter.clone(), quantity })
        };
        case.objects.meter_event_summaries.iter().map(read).collect()
    }

    fn usage(&self, case: &Case) -> Result<Vec<UsageRow>, CaseError> {
        let read = |wire: &UsageRowWire| {
            Ok(UsageRow {
                customer: wire.customer.clone(),
                meter: wire.meter.clone(),
                quantity: self.quantity(&wire.quantity)?,
                used_at: self.instant(wire.ts)?,
            })
        };
        case.database.usage.iter().map(read).collect()
    }

    fn billing_invoices(&self, case: &Case) -> Result<Vec<BillingInvoice>, CaseError> {
        let read = |(place, wire): (usize, &InvoiceRowWire)| {
            Ok(BillingInvoice {
                row_id: place.to_string(),
                user: "".into(),
                stripe_invoice: wire.stripe_invoice_id.clone(),
                status: wire.status.clone(),
                currency: wire.currency.as_deref().map(|code| self.currency(code)).transpose()?,
                amount_due: None,
                amount_paid: wire.amount_paid.map(Minor),
                is_inexact: false,
                paid_at: wire.paid_at.map(|at| self.instant(at)).transpose()?,
                created_at: None,
                updated_at: None,
            })
        };
        case.database.invoices.iter().enumerate().map(read).collect()
    }
}
