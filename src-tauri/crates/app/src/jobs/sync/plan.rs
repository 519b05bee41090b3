//! Which part of which list is read next, and when a list has gone wrong. Pure.
//!
//! Lists are read whole, newest first, until a reader has nothing to do; then the longest list is cut in two by creation
//! time. Cutting late keeps the pages full, and a list that is never cut has the fewest requests.

use std::collections::BTreeSet;

use countersign_domain::stripe::ObjectKind;
use countersign_sources::stripe::{Listing, PAGE_OBJECTS, listings};
use countersign_store::mirror::sync::slices::Slice;

/// A slice with less than this left is not worth cutting. **Units**: pages.
const SPLIT_PAGES_MIN: i64 = 20;
/// Pages of one slice at most; no account has a longer list.
const PAGES_MAX: u64 = 1_000_000;
/// How often in a row a slice is begun again at its last second because its cursor object vanished.
const ANCHORS_MAX: u32 = 3;

/// A list that does not end, or goes round in circles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Endless(pub ObjectKind);

/// What a page was like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Seen {
    /// Objects on it.
    pub objects: usize,
    /// Whether older ones follow.
    pub has_more: bool,
    /// The last object and when it was created.
    pub last: Option<(String, Option<i64>)>,
    /// When the first one was created.
    pub first_created: Option<i64>,
}

/// One slice under way.
#[derive(Debug, Clone)]
struct Entry {
    slice: Slice,
    is_taken: bool,
    pages: u64,
    anchors: u32,
    /// Whether the server takes bounds of creation time for this list.
    is_bounded: bool,
}

/// The slices of one phase.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    entries: Vec<Entry>,
    closed: BTreeSet<ObjectKind>,
    /// The oldest creation time that any object can have, by Stripe's clock.
    floor: Option<i64>,
}

impl Plan {
    /// Takes slices as they stand; those that are done only tell the density.
    pub fn of(slices: Vec<Slice>, floor: Option<i64>) -> Self {
        let entry = |slice| Entry { slice, is_taken: false, pages: 0, anchors: 0, is_bounded: true };
        Self { entries: slices.into_iter().map(entry).collect(), closed: BTreeSet::new(), floor }
    }

    /// Takes the next slice that nobody reads.
    pub fn take(&mut self) -> Option<usize> {
        let closed = &self.closed;
        let is_free = |entry: &Entry| !entry.is_taken && !entry.slice.is_done && !closed.contains(&entry.slice.kind);
        let place = self.entries.iter().position(is_free)?;
        self.entries.get_mut(place)?.is_taken = true;
        Some(place)
    }

    /// Says whether every slice is read or given up.
    pub fn is_finished(&self) -> bool {
        self.entries.iter().all(|entry| entry.slice.is_done || self.closed.contains(&entry.slice.kind))
    }

    /// Gives a slice that is still to be read; `None` when it is done or its kind was given up.
    pub fn open(&self, place: usize) -> Option<&Slice> {
        let entry = self.entries.get(place)?;
        let is_open = !entry.slice.is_done && !self.closed.contains(&entry.slice.kind);
        is_open.then_some(&entry.slice)
    }

    /// Gives a slice, whatever became of it.
    pub fn slice(&self, place: usize) -> Option<&Slice> {
        self.entries.get(place).map(|entry| &entry.slice)
    }

    /// Gives a slice to be numbered when it is stored.
    pub fn slice_mut(&mut self, place: usize) -> Option<&mut Slice> {
        self.entries.get_mut(place).map(|entry| &mut entry.slice)
    }

    /// Gives every slice.
    pub fn slices(&self) -> impl Iterator<Item = &Slice> {
        self.entries.iter().map(|entry| &entry.slice)
    }

    /// Says whether all slices of a kind are read, and it was not given up.
    pub fn is_complete(&self, kind: ObjectKind) -> bool {
        let is_done = |entry: &Entry| entry.slice.kind != kind || entry.slice.is_done;
        !self.closed.contains(&kind) && self.entries.iter().all(is_done)
    }

    /// Says how many pages of a kind were read.
    pub fn pages(&self, kind: ObjectKind) -> u64 {
        self.entries.iter().filter(|entry| entry.slice.kind == kind).map(|entry| entry.pages).sum()
    }

    /// Ends a slice: everything below is known already.
    pub fn finish(&mut self, place: usize) {
        self.slice_mut(place).into_iter().for_each(|slice| slice.is_done = true);
    }

    /// Gives a kind up: it cannot be read.
    pub fn close(&mut self, kind: ObjectKind) {
        self.closed.insert(kind);
    }

    /// Moves a slice past a page.
    ///
    /// **Errors**: the page shows that the list goes round in circles.
    pub fn advance(&mut self, place: usize, seen: &Seen) -> Result<(), Endless> {
        let Some(entry) = self.entries.get_mut(place) else { return Ok(()) };
        let slice = &mut entry.slice;
        let (last_id, last_created) = match &seen.last {
            Some((id, created)) => (Some(id), *created),
            None => (None, None),
        };
        let is_stuck = seen.has_more && (last_id.is_none() || last_id == slice.cursor.as_ref());
        let goes_back = slice.cursor_created.zip(last_created).is_some_and(|(before, now)| now > before);
        entry.pages += 1;
        if is_stuck || goes_back || entry.pages > PAGES_MAX {
            return Err(Endless(slice.kind));
        }
        entry.anchors = 0;
        slice.objects += u64::try_from(seen.objects).unwrap_or(0);
        slice.first_created = slice.first_created.or(seen.first_created);
        slice.cursor = last_id.cloned().or(slice.cursor.take());
        slice.cursor_created = last_created.or(slice.cursor_created);
        let is_past = slice.created_from.zip(last_created).is_some_and(|(from, last)| last < from);
        slice.is_done = !seen.has_more || is_past;
        let is_empty_below = slice.is_done && slice.objects == 0 && slice.created_from.is_none();
        if let (true, Some(to)) = (is_empty_below, slice.created_to) {
            // Nothing is that old: the next cut need not look there again.
            self.floor = Some(self.floor.map_or(to, |floor| floor.max(to)));
        }
        Ok(())
    }

    /// Begins a slice again at the second of its last object, because that object can no longer be a cursor.
    ///
    /// **Errors**: it happened again and again without a page in between.
    pub fn reanchor(&mut self, place: usize) -> Result<(), Endless> {
        let Some(entry) = self.entries.get_mut(place) else { return Ok(()) };
        entry.anchors += 1;
        if entry.anchors > ANCHORS_MAX {
            return Err(Endless(entry.slice.kind));
        }
        entry.slice.cursor = None;
        if entry.is_bounded {
            entry.slice.created_to = entry.slice.cursor_created.or(entry.slice.created_to);
        } else {
            entry.slice.cursor_created = None;
        }
        Ok(())
    }

    /// Reads a list without bounds from now on, because the server does not take them.
    ///
    /// **Shape**: says whether there was a bound to give up.
    pub fn unbound(&mut self, place: usize) -> bool {
        let Some(entry) = self.entries.get_mut(place) else { return false };
        let had_bounds = entry.slice.created_from.is_some() || entry.slice.created_to.is_some();
        entry.is_bounded = false;
        entry.slice.created_from = None;
        entry.slice.created_to = None;
        had_bounds
    }

    /// Cuts the slice with most left in two, and gives both: the one being read keeps the newer half.
    pub fn split(&mut self) -> Option<(usize, usize)> {
        let floor = self.floor;
        let (place, pages, from) = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.is_bounded && self.open_to_cutting(entry))
            .filter_map(|(place, entry)| {
                let from = entry.slice.created_from.or(floor)?;
                Some((place, pages_left(&entry.slice, from)?, from))
            })
            .max_by_key(|(_, pages, _)| *pages)?;
        if pages < SPLIT_PAGES_MIN {
            return None;
        }
        let entry = self.entries.get_mut(place)?;
        let middle = from + (entry.slice.cursor_created? - from) / 2;
        let older = Slice::new(entry.slice.kind, &entry.slice.pass, entry.slice.created_from, Some(middle - 1));
        entry.slice.created_from = Some(middle);
        self.entries.push(Entry { slice: older, is_taken: true, pages: 0, anchors: 0, is_bounded: true });
        Some((place, self.entries.len() - 1))
    }

    fn open_to_cutting(&self, entry: &Entry) -> bool {
        let can_be = listing_of(&entry.slice).is_some_and(|listing| listing.by_created && !listing.is_heavy);
        can_be && entry.is_taken && !entry.slice.is_done && !self.closed.contains(&entry.slice.kind)
    }
}

/// Gives the list a slice is a part of.
pub(super) fn listing_of(slice: &Slice) -> Option<&'static Listing> {
    listings(slice.kind).iter().find(|listing| listing.pass == slice.pass)
}

/// Estimates from the density so far how many pages a slice has left down to an instant.
fn pages_left(slice: &Slice, from: i64) -> Option<i64> {
    let objects = i64::try_from(slice.objects).ok().filter(|objects| *objects > 0)?;
    let page = i64::try_from(PAGE_OBJECTS).ok()?;
    let position = slice.cursor_created?;
    let behind = (slice.first_created? - position).max(1);
    let ahead = position - from;
    let left = i128::from(objects) * i128::from(ahead) / i128::from(behind) / i128::from(page);
    i64::try_from(left).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(kind: ObjectKind) -> Slice {
        let mut slice = Slice::new(kind, "all", None, Some(1_000_000));
        slice.slice = 1;
        slice
    }

    fn page(last: i64, has_more: bool) -> Seen {
        let first_created = Some(last + 99);
        Seen { objects: 100, has_more, last: Some((format!("id_{last}"), Some(last))), first_created }
    }

    #[test]
    fn lists_are_taken_in_order_and_once() {
        let mut plan = Plan::of(vec![slice(ObjectKind::Customer), slice(ObjectKind::Invoice)], Some(0));
        assert_eq!((plan.take(), plan.take(), plan.take()), (Some(0), Some(1), None));
        plan.advance(0, &page(999_000, false)).unwrap();
        assert!(plan.is_complete(ObjectKind::Customer) && !plan.is_finished());
        plan.close(ObjectKind::Invoice);
        assert!(plan.is_finished() && !plan.is_complete(ObjectKind::Invoice));
    }

    #[test]
    fn a_long_slice_is_cut_where_half_its_time_is_left() {
        let mut plan = Plan::of(vec![slice(ObjectKind::Customer)], Some(0));
        plan.take();
        assert_eq!(plan.split(), None, "nothing is known of its density");
        plan.advance(0, &page(900_000, true)).unwrap();
        plan.advance(0, &page(899_900, true)).unwrap();
        let (newer, older) = plan.split().unwrap();
        let (newer, older) = (plan.slice(newer).unwrap().clone(), plan.slice(older).unwrap().clone());
        assert_eq!((newer.created_from, older.created_from, older.created_to), (Some(449_950), None, Some(449_949)));
        // The page that was under way may reach below the cut; then the newer half is done.
        plan.advance(0, &page(449_000, true)).unwrap();
        assert!(plan.open(0).is_none() && plan.open(1).is_some());
    }

    #[test]
    fn what_is_short_or_heavy_is_not_cut() {
        let mut plan = Plan::of(vec![slice(ObjectKind::Customer)], Some(898_000));
        plan.take();
        plan.advance(0, &page(900_000, true)).unwrap();
        plan.advance(0, &page(899_900, true)).unwrap();
        assert_eq!(plan.split(), None, "19 pages are left");
        let mut plan = Plan::of(vec![slice(ObjectKind::Subscription)], Some(0));
        plan.take();
        plan.advance(0, &page(900_000, true)).unwrap();
        assert_eq!(plan.split(), None);
    }

    #[test]
    fn an_empty_past_is_looked_at_once() {
        let mut plan = Plan::of(vec![slice(ObjectKind::Customer)], Some(0));
        plan.take();
        plan.advance(0, &page(900_000, true)).unwrap();
        plan.advance(0, &page(899_900, true)).unwrap();
        let (_, older) = plan.split().unwrap();
        plan.advance(older, &Seen::default()).unwrap();
        let (_, second) = plan.split().unwrap();
        assert_eq!(plan.slice(second).unwrap().created_to, Some(449_950 + 449_950 / 2 - 1));
        assert_eq!(plan.slice(second).unwrap().created_from, Some(449_950));
    }

    #[test]
    fn circles_are_seen() {
        let fresh = || {
            let mut plan = Plan::of(vec![slice(ObjectKind::Charge)], None);
            plan.advance(0, &page(900, true)).unwrap();
            plan
        };
        let endless = Err(Endless(ObjectKind::Charge));
        assert_eq!(fresh().advance(0, &page(900, true)), endless, "the same page again");
        assert_eq!(fresh().advance(0, &page(901, true)), endless, "a page above the last one");
        assert_eq!(fresh().advance(0, &Seen { has_more: true, ..Seen::default() }), endless, "more, but nothing there");
        assert_eq!(fresh().advance(0, &page(800, true)), Ok(()));
    }

    #[test]
    fn a_vanished_cursor_leads_back_to_its_second() {
        let mut plan = Plan::of(vec![slice(ObjectKind::Charge)], None);
        plan.advance(0, &page(900, true)).unwrap();
        plan.reanchor(0).unwrap();
        let slice = plan.slice(0).unwrap();
        assert_eq!((slice.cursor.as_deref(), slice.created_to), (None, Some(900)));
        plan.reanchor(0).unwrap();
        plan.reanchor(0).unwrap();
        assert_eq!(plan.reanchor(0), Err(Endless(ObjectKind::Charge)));
        plan.advance(0, &page(850, true)).unwrap();
        plan.reanchor(0).unwrap();
    }

    #[test]
    fn a_server_without_bounds_is_read_plainly() {
        let mut plan = Plan::of(vec![slice(ObjectKind::Charge)], Some(0));
        plan.take();
        assert!(plan.unbound(0));
        assert!(!plan.unbound(0));
        plan.advance(0, &page(900_000, true)).unwrap();
        assert_eq!(plan.split(), None);
        plan.reanchor(0).unwrap();
        assert_eq!(plan.slice(0).unwrap().cursor_created, None, "begun again from the top");
    }

    /// Lists of so many objects, spread over two years as a growing company's are.
    fn lists() -> Vec<(ObjectKind, Vec<i64>)> {
        const SPAN: i64 = 63_000_000;
        let kinds = [
            (ObjectKind::Product, 7),
            (ObjectKind::Customer, 2_000),
            (ObjectKind::Subscription, 2_300),
            (ObjectKind::Invoice, 24_000),
            (ObjectKind::InvoicePayment, 23_500),
            (ObjectKind::Charge, 26_000),
        ];
        let spread = |count: i64| {
            let created = |n: i64| SPAN - SPAN * (n * n) / (count * count);
            (0..count).map(created).collect()
        };
        kinds.into_iter().map(|(kind, count)| (kind, spread(count))).collect()
    }

    /// Answers a page of a list as Stripe does.
    fn answer(created: &[i64], slice: &Slice) -> Seen {
        let is_listed =
            |at: &i64| slice.created_from.is_none_or(|from| *at >= from) && slice.created_to.is_none_or(|to| *at <= to);
        let after = slice.cursor.as_ref().map_or(0, |cursor| cursor.parse::<usize>().unwrap() + 1);
        let rest: Vec<(usize, i64)> =
            created.iter().copied().enumerate().skip(after).filter(|(_, at)| is_listed(at)).collect();
        let page = &rest[..rest.len().min(PAGE_OBJECTS)];
        Seen {
            objects: page.len(),
            has_more: rest.len() > page.len(),
            last: page.last().map(|(place, at)| (place.to_string(), Some(*at))),
            first_created: page.first().map(|(_, at)| *at),
        }
    }

    /// Four readers at ten requests a second, each answered after 120 ms, in made-up time.
    #[test]
    fn pages_stay_full_and_the_rate_is_used() {
        const GAP_MS: u64 = 100;
        const LATENCY_MS: u64 = 120;
        const READERS: usize = 4;
        let lists = lists();
        let slices = lists.iter().map(|(kind, _)| Slice::new(*kind, "all", None, Some(63_000_000))).collect();
        let mut plan = Plan::of(slices, Some(0));
        let mut free = [(0_u64, None::<usize>); READERS];
        let (mut next_turn, mut requests, mut objects, mut ends_at) = (0, 0_u64, 0, 0);
        let mut read: BTreeSet<(ObjectKind, String)> = BTreeSet::new();
        while !plan.is_finished() {
            let reader = (0..READERS).min_by_key(|reader| free[*reader].0).unwrap();
            let (now, place) = free[reader];
            let place = place.filter(|place| plan.open(*place).is_some());
            let Some(place) = place.or_else(|| plan.take()).or_else(|| plan.split().map(|(_, older)| older)) else {
                // Nothing to do before somebody else's page has come.
                free[reader] = (now + 10, None);
                continue;
            };
            let starts_at = now.max(next_turn);
            next_turn = starts_at + GAP_MS;
            ends_at = starts_at + LATENCY_MS;
            free[reader] = (ends_at, Some(place));
            let slice = plan.open(place).unwrap().clone();
            let created = &lists.iter().find(|(kind, _)| *kind == slice.kind).unwrap().1;
            let seen = answer(created, &slice);
            let first = slice.cursor.as_ref().map_or(0, |cursor| cursor.parse::<usize>().unwrap() + 1);
            let in_page = created.iter().enumerate().skip(first).filter(|(_, at)| {
                slice.created_from.is_none_or(|from| **at >= from) && slice.created_to.is_none_or(|to| **at <= to)
            });
            read.extend(in_page.take(seen.objects).map(|(place, _)| (slice.kind, place.to_string())));
            requests += 1;
            objects += seen.objects;
            plan.advance(place, &seen).unwrap();
        }
        let all: usize = lists.iter().map(|(_, created)| created.len()).sum();
        assert_eq!(read.len(), all, "something was not read");
        let fill = objects as u64 / requests;
        assert!(fill >= 95, "{fill} objects on a page");
        let used = requests * GAP_MS * 100 / ends_at;
        assert!(used >= 80, "{used} % of the rate");
    }
}
