//! What happens to the invented company.
//!
//! `subscribing`, `billing` and `paying` are the steps that Stripe knows; `persona` says who signs up, `life` what they
//! do. The history and the live changes are told with the same steps, so both leave the same traces.

mod billing;
mod chance;
mod collecting;
mod life;
mod live;
mod names;
mod parts;
mod paying;
mod persona;
mod subscribing;

pub use live::Change;
pub(crate) use live::Live;

use crate::calendar::{DAY, month_starts};
use crate::options::WorldOptions;
use crate::random::Random;
use crate::world::price_list::Offer;
use crate::world::{EventKind, World};

/// Invents the company: its catalogue, its settings, and the life of every customer up to the end of its history.
pub(crate) fn invent(options: &WorldOptions) -> World {
    let mut world = World::empty(options);
    world.stock();
    world.set_up();
    let arrivals = Arrivals::over(world.starts_at, world.as_of);
    for place in 0..options.customers {
        let mut random = Random::new(options.seed, u64::from(place));
        let arrives = arrivals.draw(&mut random, place, options.customers);
        life::live(&mut world, random, place, options.customers, arrives);
    }
    let launch = Offer::Launch.no();
    let withdrawn = world.as_of - WITHDRAWN_S;
    world.tell(EventKind::CouponDeleted, withdrawn, launch);
    world.touch(launch, |coupon| coupon.is_deleted = true);
    world.settle();
    world
}

/// How long before the end of the history the launch coupon was deleted, in seconds.
const WITHDRAWN_S: i64 = 10 * DAY;

/// When customers sign up: more each month, fewer in summer and at the end of the year.
struct Arrivals {
    /// Start and end of each month, and the weight of all months up to its end.
    months: Vec<(i64, i64, u64)>,
}

/// Weight of a calendar month, per mille of an average one.
const SEASON: [u64; 12] = [1_050, 1_010, 1_020, 1_000, 970, 930, 880, 860, 1_030, 1_060, 1_070, 900];
/// Growth of sign-ups from month to month, in percent.
const GROWTH_PCT: u64 = 4;

impl Arrivals {
    fn over(from: i64, until: i64) -> Self {
        let mut bounds = vec![from];
        bounds.extend(month_starts(from, until));
        bounds.push(until);
        let mut growth = 1_000_000;
        let mut weight = 0;
        let months = bounds.iter().zip(bounds.iter().skip(1)).map(|(start, end)| {
            let length = u64::try_from((end - start) / DAY).unwrap_or(0).max(1);
            weight += growth / 1000 * season(*start) * length;
            growth += growth / 100 * GROWTH_PCT;
            (*start, *end, weight)
        });
        Self { months: months.collect() }
    }

    /// Draws the arrival of number `place` of `count`; later numbers arrive later.
    fn draw(&self, random: &mut Random, place: u32, count: u32) -> i64 {
        let total = self.months.last().map_or(1, |(_, _, weight)| *weight);
        let share = total / u64::from(count.max(1));
        let drawn = share * u64::from(place) + random.below(share.max(1));
        let mut below = 0;
        for (start, end, weight) in &self.months {
            if drawn < *weight {
                let length = u128::try_from(end - start).unwrap_or(0);
                let inside = length * u128::from(drawn - below) / u128::from((weight - below).max(1));
                return start + i64::try_from(inside).unwrap_or(0);
            }
            below = *weight;
        }
        self.months.last().map_or(0, |(start, ..)| *start)
    }
}

fn season(at: i64) -> u64 {
    let month = crate::calendar::month_text(at);
    let number: usize = month.rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(1);
    SEASON.get(number.saturating_sub(1)).copied().unwrap_or(1_000)
}
