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
use crate::stripe::{Invoice, Subscription, SubscriptionItem};

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
    states.values_mut().for_each(|states| states.sort_by_key(|(at, _)| *at));
    for current in book.subscriptions {
        take_current(states.entry(&current.id).or_default(), current);
    }
    let mut invoices: Vec<&Invoice> = book.invoices.iter().collect();
    invoices.sort_by_key(|invoice| invoice.created_at);

    let mut warnings = Warnings::default();
    let mut segments = Vec::new();
    for states in states.into_values() {
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
        .chain(state.items.iter().flat_map(|item| [item.trial_end_at, item.created_at]).flatten())
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
            let Some(position) = scope.position(item, warnings) else { continue };
            sort(&item.id, item_silence(span, item, at).map_or(position, Err));
        }
    }
    silent.extend(value(positions, scope, at, warnings));
    silent
}

/// Says why an item counts nothing although its subscription counts.
fn item_silence(span: &Span<'_>, item: &SubscriptionItem, at: Instant) -> Option<Silence> {
    if item.trial_end_at.is_some_and(|end| at < end) {
        return Some(Silence::Trial);
    }
    // Of a guessed past: an item made later than its subscription was added then.
    let added = item.created_at.filter(|made| span.state.created_at.is_some_and(|whole| whole < *made));
    let is_absent = span.source == Source::Dated && added.is_some_and(|added| at < added);
    is_absent.then_some(Silence::Absent)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::invented::{Shelf, at, coupon, discount, invoice, item, line, price, subscription};
    use crate::stripe::subscription::CancellationReason;

    const NOW: &str = "2026-06-20";

    fn with(quantity: i64) -> Subscription {
        subscription("sub_1", "2026-01-10", vec![item("si_1", price("p", "1000"), quantity)])
    }

    /// From, until, whole cents, source, before, after.
    type Line = (String, Option<String>, i64, Source, Option<Silence>, Option<Silence>);

    fn lines(shelf: &Shelf) -> Vec<Line> {
        let day = |at: Instant| at.format("%m-%d").to_string();
        let line =
            |s: &Segment| (day(s.start_at), s.end_at.map(day), s.micro.to_minor().0, s.source, s.before, s.after);
        shelf.history(&Settings::default(), NOW).segments.iter().map(line).collect()
    }

    #[test]
    fn observed_states_come_first_then_lines_then_dates() {
        let mut shelf = Shelf::of(with(5));
        shelf.observations = vec![(at("2026-05-01"), with(3)), (at("2026-04-01"), with(4))];
        shelf.invoices = vec![invoice("in_1", "2026-02-10", vec![line("p", 2, 2000, "2026-02-10", "2026-05-10")])];
        let (first, last) = (Some(Silence::NotBegun), None);
        assert_eq!(
            lines(&shelf),
            [
                ("01-10".into(), Some("02-10".into()), 5000, Source::Dated, first, last),
                ("02-10".into(), Some("04-01".into()), 2000, Source::Rebuilt, None, last),
                ("04-01".into(), Some("05-01".into()), 4000, Source::Observed, None, last),
                ("05-01".into(), Some("06-20".into()), 3000, Source::Observed, None, last),
                ("06-20".into(), None, 5000, Source::Observed, None, last),
            ]
        );
    }

    #[test]
    fn equal_neighbours_are_one_segment() {
        let mut shelf = Shelf::of(with(1));
        shelf.observations = vec![(at("2026-01-10"), with(1)), (at("2026-03-01"), with(1))];
        let first = Some(Silence::NotBegun);
        assert_eq!(lines(&shelf), [("01-10".into(), None, 1000, Source::Observed, first, None)]);
    }

    #[test]
    fn a_segment_says_why_nothing_was_before_and_nothing_comes_after() {
        let mut trial = with(1);
        trial.status = SubscriptionStatus::Trialing;
        let mut second = with(1);
        second.items.push(item("si_2", price("q", "500"), 1));
        let mut unpaid = with(1);
        unpaid.status = SubscriptionStatus::Unpaid;
        let mut lapsed = with(1);
        lapsed.status = SubscriptionStatus::Canceled;
        lapsed.ended_at = Some(at("2026-06-01"));
        lapsed.cancellation_reason = Some(CancellationReason::PaymentFailed);
        let mut shelf = Shelf::of(lapsed);
        shelf.observations = vec![
            (at("2026-01-10"), trial),
            (at("2026-01-24"), with(1)),
            (at("2026-02-10"), second),
            (at("2026-03-10"), with(1)),
            (at("2026-04-10"), unpaid),
            (at("2026-05-10"), with(1)),
        ];
        let source = Source::Observed;
        assert_eq!(
            lines(&shelf),
            [
                ("01-24".into(), Some("04-10".into()), 1000, source, Some(Silence::Trial), Some(Silence::Unpaid)),
                ("05-10".into(), Some("06-20".into()), 1000, source, Some(Silence::Unpaid), Some(Silence::Lapsed)),
                ("02-10".into(), Some("03-10".into()), 500, source, Some(Silence::Absent), Some(Silence::Absent)),
            ],
            "the end is dated by its observation where nothing earlier told of it"
        );
    }

    #[test]
    fn what_is_known_to_end_reaches_into_the_future() {
        let mut state = with(1);
        state.discounts = vec![discount(coupon("half", "50%"), "2026-06-01", Some("2026-09-01"))];
        state.cancel_at = Some(at("2026-12-01"));
        let shelf = Shelf { observations: vec![(at("2026-06-01"), state.clone())], ..Shelf::of(state) };
        let segments = lines(&shelf);
        assert_eq!(segments[1].1.as_deref(), Some("09-01"));
        assert_eq!(segments[2].5, Some(Silence::Cancelled));
        let history = shelf.history(&Settings::default(), NOW);
        assert!(history.segments[2].is_leaving(at(NOW)) && !history.segments[1].is_leaving(at(NOW)));
    }

    #[test]
    fn an_item_made_later_was_not_there_before() {
        let mut state = with(1);
        state.created_at = Some(at("2026-02-01"));
        state.items[0].created_at = Some(at("2026-02-01"));
        state.items.push(item("si_2", price("q", "500"), 1));
        state.items[1].created_at = Some(at("2026-04-01"));
        let shelf = Shelf::of(state);
        let instants = ["2026-01-10", "2026-03-31", "2026-04-01"];
        assert_eq!(instants.map(|instant| shelf.mrr(NOW, instant)), [1000, 1000, 1500]);
    }

    #[test]
    fn the_history_check_forgets_what_was_observed() {
        let mut shelf = Shelf::of(with(5));
        shelf.observations = vec![(at("2026-02-10"), with(3))];
        shelf.invoices = vec![invoice("in_1", "2026-01-10", vec![line("p", 2, 2000, "2026-01-10", "2026-07-10")])];
        let customer = CustomerId::from("cus_1");
        let book = CustomerBook {
            customer: &customer,
            discount: None,
            subscriptions: &shelf.subscriptions,
            observations: &shelf.observations,
            invoices: &shelf.invoices,
            catalog: &shelf.catalog,
        };
        let rebuilt = rebuilt_segments_of(&book, &Settings::default(), at(NOW));
        let may = |segments: &[Segment]| {
            segments.iter().find(|segment| segment.covers(at("2026-05-01"))).map(|segment| segment.micro.to_minor().0)
        };
        assert_eq!(may(&rebuilt.segments), Some(2000));
        assert_eq!(may(&segments_of(&book, &Settings::default(), at(NOW)).segments), Some(3000));
    }
}
