//! A customer's book becomes segments: what was observed, before that what invoice lines tell, before that dates alone.
//!
//! The value at an instant is a pure function (`status.rs`, `lines.rs`, `mrr.rs`) that changes only at known turns, so it
//! is evaluated at each turn and equal neighbours are joined.

use std::collections::{BTreeMap, BTreeSet};

use super::book::{CustomerBook, Warning, WarningKind, Warnings};
use super::lines::Lines;
use super::mrr::{Scope, Worth, value};
use super::segment::{Segment, Silence, Source};
use super::settings::Settings;
use super::status;
use crate::Instant;
use crate::ids::{CustomerId, SubscriptionId, SubscriptionItemId};
use crate::stripe::subscription::SubscriptionStatus;
use crate::stripe::{Invoice, Subscription};

/// A customer's segments, and what was doubtful on the way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// By subscription and item, oldest first.
    pub segments: Vec<Segment>,
    /// Each once per subscription.
    pub warnings: Vec<Warning>,
}

/// Computes the segments of one customer.
///
/// **Units**: `now` is the instant at which the present subscriptions were read.
/// **Shape**: at an instant an observed state is taken if there is one at or before it, else what invoice lines tell, else
/// the dates on the subscription. Segments reach into the future where an end or a discount's end is known.
/// **Errors**: none; what cannot be read counts 0 and is among the warnings.
/// **Source**: metrics.md, sections 3 and 12.
#[must_use]
pub fn segments_of(book: &CustomerBook<'_>, settings: &Settings, now: Instant) -> History {
    history(book, settings, |states, current| {
        if states.last().is_none_or(|(at, last)| *at < now && *last != current) {
            states.push((now, current));
        }
    })
}

/// Computes the segments of one customer as if nothing had been observed before now: the history check.
///
/// **Shape**: where [`segments_of`] has observed states, the difference to these segments shows how far a rebuilt past can
/// be trusted.
#[must_use]
pub fn rebuilt_segments_of(book: &CustomerBook<'_>, settings: &Settings, now: Instant) -> History {
    history(book, settings, |states, current| *states = vec![(now, current)])
}

/// The states of one subscription, each with the instant from which it held.
type States<'a> = Vec<(Instant, &'a Subscription)>;

fn history<'a>(
    book: &CustomerBook<'a>,
    settings: &'a Settings,
    take_current: impl Fn(&mut States<'a>, &'a Subscription),
) -> History {
    let mut states = BTreeMap::<&SubscriptionId, States<'a>>::new();
    for (at, state) in book.observations {
        states.entry(&state.id).or_default().push((*at, state));
    }
    for current in book.subscriptions {
        let states = states.entry(&current.id).or_default();
        states.sort_by_key(|(at, _)| *at);
        take_current(states, current);
    }
    let mut invoices: Vec<&Invoice> = book.invoices.iter().collect();
    invoices.sort_by_key(|invoice| invoice.created_at);

    let mut warnings = Warnings::default();
    let mut segments = Vec::new();
    for mut states in states.into_values() {
        states.sort_by_key(|(at, _)| *at);
        let Some((_, state)) = states.last() else { continue };
        let scope = Scope { state, inherited: book.discount, invoices: &invoices, catalog: book.catalog, settings };
        let lines = Lines::read(&scope, &mut warnings);
        let mut tracks = Tracks::default();
        for span in spans(&states, &lines) {
            for at in turns(&span, &scope, &lines) {
                tracks.record(at, span.source, evaluate(&span, &scope, &lines, at, &mut warnings));
            }
        }
        segments.extend(tracks.into_segments(book.customer, state));
    }
    History { segments, warnings: warnings.into_vec() }
}

/// A stretch of time with one kind of witness.
struct Span<'a> {
    from: Option<Instant>,
    to: Option<Instant>,
    source: Source,
    state: &'a Subscription,
}

fn spans<'a>(states: &States<'a>, lines: &Lines<'_>) -> Vec<Span<'a>> {
    let (Some((observed_at, _)), Some((_, current))) = (states.first(), states.last()) else { return Vec::new() };
    let rebuilt_at = lines.reaches_back_to().filter(|at| at < observed_at);
    let dated_to = Some(rebuilt_at.unwrap_or(*observed_at));
    let mut spans = vec![Span { from: None, to: dated_to, source: Source::Dated, state: current }];
    if rebuilt_at.is_some() {
        spans.push(Span { from: rebuilt_at, to: Some(*observed_at), source: Source::Rebuilt, state: current });
    }
    let nexts = states.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]);
    let observed = states.iter().zip(nexts);
    spans.extend(observed.map(|((at, state), to)| Span { from: Some(*at), to, source: Source::Observed, state }));
    spans
}

/// Lists the instants of a span at which its value may change, beginning with its first.
fn turns(span: &Span<'_>, scope: &Scope<'_>, lines: &Lines<'_>) -> BTreeSet<Instant> {
    let state = span.state;
    let of_items = state.items.iter().flat_map(|item| &item.discounts);
    let discounts = scope.inherited.into_iter().chain(&state.discounts).chain(of_items);
    let all = status::turns(state)
        .chain(discounts.flat_map(|discount| [discount.start_at, discount.end_at]).flatten())
        .chain(state.items.iter().filter_map(|item| item.trial_end_at))
        .chain(lines.turns().filter(|_| span.source == Source::Rebuilt));
    let from = span.from.unwrap_or(state.start_at);
    all.chain([from]).filter(|at| from <= *at && span.to.is_none_or(|to| *at < to)).collect()
}

/// Values every item of a span at an instant.
fn evaluate(
    span: &Span<'_>,
    scope: &Scope<'_>,
    lines: &Lines<'_>,
    at: Instant,
    warnings: &mut Warnings,
) -> Vec<(SubscriptionItemId, Worth)> {
    let scope = &Scope { state: span.state, ..*scope };
    let silence = match span.source {
        Source::Observed => status::observed(span.state, at, scope.settings),
        Source::Rebuilt => status::outside(span.state, at),
        Source::Dated => status::dated(span.state, at, scope.settings),
    };
    if matches!(span.state.status, SubscriptionStatus::Other(_)) && span.source != Source::Rebuilt {
        scope.warn(warnings, WarningKind::UnknownStatus);
    }
    if let Some(silence) = silence {
        return span.state.items.iter().map(|item| (item.id.clone(), Err(silence))).collect();
    }
    let mut positions = Vec::new();
    let mut silent = Vec::new();
    let mut sort = |item: &SubscriptionItemId, position| match position {
        Ok(position) => positions.push(position),
        Err(silence) => silent.push((item.clone(), Err(silence))),
    };
    if span.source == Source::Rebuilt {
        lines.at(at).for_each(|(item, says)| sort(item, says));
    } else {
        for item in &span.state.items {
            let is_trial = item.trial_end_at.is_some_and(|end| at < end);
            let Some(position) = scope.position(item, warnings) else { continue };
            sort(&item.id, if is_trial { Err(Silence::Trial) } else { position });
        }
    }
    silent.extend(value(positions, scope, at, warnings));
    silent
}

/// What each item was worth from each turn on.
#[derive(Default)]
struct Tracks {
    first_at: Option<Instant>,
    of_items: BTreeMap<SubscriptionItemId, Vec<(Instant, Source, Worth)>>,
}

impl Tracks {
    fn record(&mut self, at: Instant, source: Source, values: Vec<(SubscriptionItemId, Worth)>) {
        self.first_at.get_or_insert(at);
        for (item, worth) in values {
            self.of_items.entry(item).or_default().push((at, source, worth));
        }
        for track in self.of_items.values_mut().filter(|track| track.last().is_some_and(|(last, ..)| *last < at)) {
            track.push((at, source, Err(Silence::Absent)));
        }
    }

    fn into_segments(self, customer: &CustomerId, state: &Subscription) -> Vec<Segment> {
        let mut segments = Vec::<Segment>::new();
        for (item, track) in self.of_items {
            let begins_late = track.first().is_some_and(|(at, ..)| Some(*at) != self.first_at);
            let mut before = Some(if begins_late { Silence::Absent } else { Silence::NotBegun });
            for (at, source, worth) in track {
                let last = segments.last_mut().filter(|last| last.item == item && last.end_at.is_none());
                match (last, worth) {
                    (None, Err(silence)) => before = Some(silence),
                    (Some(last), Err(silence)) => {
                        (last.end_at, last.after) = (Some(at), Some(silence));
                        before = Some(silence);
                    }
                    (Some(last), Ok(worth)) if last.source == source && last.is_worth(&worth) => {}
                    (last, Ok(worth)) => {
                        if let Some(last) = last {
                            last.end_at = Some(at);
                        }
                        segments.push(Segment {
                            customer: customer.clone(),
                            subscription: state.id.clone(),
                            item: item.clone(),
                            price: worth.price,
                            product: worth.product,
                            cadence: worth.cadence,
                            quantity: worth.quantity,
                            currency: state.currency,
                            start_at: at,
                            end_at: None,
                            micro: worth.micro,
                            list: worth.list,
                            source,
                            before: before.take(),
                            after: None,
                        });
                    }
                }
            }
        }
        segments
    }
}

impl Segment {
    fn is_worth(&self, worth: &super::mrr::Valued) -> bool {
        self.micro == worth.micro
            && self.list == worth.list
            && self.price == worth.price
            && self.quantity == worth.quantity
    }
}
