//! Invented charts of every kind: drawn by the gallery to be looked at, and kept as snapshots by the tests.

use countersign_domain::money::Currency;
use countersign_domain::probe::{Outcome, Unknown};
use countersign_domain::zones::Month;
use countersign_render::chart::{
    BarChart, ChartError, Funnel, FunnelStep, LineChart, MovementChart, Movements, Ranking, RankingRow, Reference,
    Series, Size, Slot, Sparkline, Unit,
};
use countersign_render::file::sheet::Sheet;
use countersign_render::scene::Scene;

/// Draws every sample; the name of each is its file's or snapshot's name.
pub fn scenes(width: u32) -> Result<Vec<(&'static str, Scene)>, ChartError> {
    Ok(vec![
        ("line", mrr().scene(Size::new(width, 280))?),
        ("line_two_rates", retention().scene(Size::new(width, 240))?),
        ("line_days", daily().scene(Size::new(width, 220))?),
        ("line_unknown", nothing_known().scene(Size::new(width, 160))?),
        ("movements", movements().scene(Size::new(width, 300))?),
        ("bars", collected().scene(Size::new(width, 240))?),
        ("bars_latency", latency().scene(Size::new(width, 200))?),
        ("sparkline", sparkline().scene(Size::new(120, 32))?),
        ("ranking", plans().scene(width)?),
        ("funnel", webhooks().scene(width)?),
    ])
}

/// What stands around a sample that is exported.
pub fn sheet() -> Sheet {
    Sheet {
        subtitle: Some("December 2024 to November 2026 · as Stripe defines it".to_owned()),
        banner: Some("DEMO · invented company, no real figures".to_owned()),
        watermark: Some("DEMO".to_owned()),
        foot: vec![
            "Data through 20 November 2026, 14:00 UTC · complete · by Dana Reyes, 20 November 2026, 14:03 UTC"
                .to_owned(),
        ],
    }
}

fn months(from: &str, count: i32) -> Vec<Slot> {
    let first = Month::parse(from).unwrap_or(Month { year: 2026, month: 1 });
    let open = count - 1;
    (0..count)
        .map(|n| (n, Slot::month(first.plus(n))))
        .map(|(n, slot)| if n == open { slot.provisional() } else { slot })
        .collect()
}

fn series(word: &str, label: &str, values: impl Iterator<Item = i64>) -> Series {
    Series { word: word.to_owned(), label: label.to_owned(), values: values.map(Some).collect() }
}

fn mrr() -> LineChart {
    let wave = |n: i64| 1_200_000 + n * 61_000 + n * n * 7_919 % 83_000;
    let mut mrr = series("mrr", "MRR", (0..24).map(wave));
    if let Some(value) = mrr.values.get_mut(9) {
        *value = None;
    }
    LineChart {
        title: "Monthly recurring revenue".to_owned(),
        unit: Unit::Money(Currency::USD),
        slots: months("2024-12", 24),
        series: vec![mrr],
        compared: Some(series("mrr_before", "A year before", (0..24).map(|n| wave(n) * 7 / 10))),
        references: vec![Reference { label: "Target".to_owned(), value: 2_500_000, is_limit: false }],
    }
}

fn retention() -> LineChart {
    let rate = |start: i64, wave: i64| (0..12).map(move |n| start + (n * n * wave) % 170 - 60);
    LineChart {
        title: "Retention".to_owned(),
        unit: Unit::BasisPoints,
        slots: months("2025-12", 12),
        series: vec![series("nrr", "Net", rate(10_180, 37)), series("grr", "Gross", rate(9_650, 23))],
        compared: None,
        references: vec![Reference { label: "Limit".to_owned(), value: 9_500, is_limit: true }],
    }
}

fn daily() -> LineChart {
    let first = jiff::civil::date(2026, 8, 22);
    let days = first.series(jiff::Span::new().days(1)).take(91);
    LineChart {
        title: "Successful first payments".to_owned(),
        unit: Unit::Count,
        slots: days.map(Slot::day).collect(),
        series: vec![series("paid", "Payments", (0..91).map(|n| 42 + n / 3 + (n * n * 31) % 23 - (n % 7) * 2))],
        compared: None,
        references: Vec::new(),
    }
}

fn nothing_known() -> LineChart {
    let unknown = Series { word: "arr".to_owned(), label: "ARR".to_owned(), values: vec![None; 6] };
    LineChart {
        title: "Annual recurring revenue".to_owned(),
        unit: Unit::Money(Currency::USD),
        slots: months("2026-06", 6),
        series: vec![unknown],
        compared: None,
        references: Vec::new(),
    }
}

fn movements() -> MovementChart {
    let movement = |n: i64| {
        let new = 210_000 + (n * n * 6_871) % 120_000;
        let reactivation = (n * 3_517) % 42_000;
        let expansion = 80_000 + (n * n * 3_331) % 90_000;
        let contraction = 28_000 + (n * 7_001) % 31_000;
        let churn = 90_000 + (n * n * 9_973) % 140_000 + if n == 14 { 240_000 } else { 0 };
        let net = new + reactivation + expansion - contraction - churn;
        Movements { new, reactivation, expansion, contraction, churn, fx: 0, net }
    };
    MovementChart {
        title: "MRR movements".to_owned(),
        currency: Currency::USD,
        slots: months("2025-06", 18).into_iter().zip((0..18).map(|n| (n != 5).then(|| movement(n)))).collect(),
    }
}

fn collected() -> BarChart {
    BarChart {
        title: "Collected".to_owned(),
        unit: Unit::Money(Currency::USD),
        slots: months("2025-12", 12),
        series: vec![
            series("net", "Net", (0..12).map(|n| 9_400_000 + n * 410_000 + (n * n * 77_773) % 900_000)),
            series("fees", "Fees", (0..12).map(|n| 290_000 + n * 12_000)),
            series("refunds", "Refunds", (0..12).map(|n| -(180_000 + (n * 91_003) % 260_000))),
        ],
        references: Vec::new(),
    }
}

fn latency() -> BarChart {
    let hours = (0..24).map(|hour| Slot::named(format!("2026-11-20T{hour:02}"), format!("{hour:02}:00"))).collect();
    BarChart {
        title: "Time to first row".to_owned(),
        unit: Unit::Milliseconds,
        slots: hours,
        series: vec![series("p95", "95th percentile", (0..24).map(|n| 180 + (n * n * 37) % 240))],
        references: vec![Reference { label: "Limit".to_owned(), value: 500, is_limit: true }],
    }
}

fn sparkline() -> Sparkline {
    Sparkline {
        title: "Churned MRR".to_owned(),
        unit: Unit::Money(Currency::USD),
        slots: months("2025-12", 12),
        series: series("churn", "Churn", (0..12).map(|n| 90_000 + (n * n * 9_973) % 140_000)),
    }
}

fn plans() -> Ranking {
    let rows = [
        ("Team, monthly", Some(1_284_000)),
        ("Enterprise, annual, negotiated for three years and paid in advance", Some(922_400)),
        ("Pro, monthly", Some(411_950)),
        ("Starter", Some(18_800)),
        ("Legacy 2019 \u{202e}gnp.exe", None),
    ];
    let row = |(name, value): (&str, Option<i64>)| RankingRow {
        key: format!("2026-11|usd|{}", name.split(',').next().unwrap_or_default().to_lowercase()),
        name: name.to_owned(),
        value,
    };
    Ranking {
        title: "MRR by plan".to_owned(),
        names: "Plan".to_owned(),
        label: "MRR".to_owned(),
        unit: Unit::Money(Currency::USD),
        rows: rows.into_iter().map(row).collect(),
    }
}

fn webhooks() -> Funnel {
    let step =
        |key: &str, name: &str, count: Option<i64>, share_bp: Option<i64>, outcome: Option<Outcome>| FunnelStep {
            key: key.to_owned(),
            name: name.to_owned(),
            count,
            share_bp,
            note: outcome.map(|_| "limit 99 %".to_owned()),
            outcome,
        };
    let unknown = Outcome::Unknown(Unknown::Unreachable);
    Funnel {
        title: "Webhook delivery".to_owned(),
        label: "Events".to_owned(),
        steps: vec![
            step("created", "Created", Some(48_211), None, None),
            step("subscribed", "Subscribed", Some(41_902), Some(8_691), None),
            step("delivered", "Delivered", Some(41_887), Some(9_996), Some(Outcome::Pass)),
            step("row_found", "Row found", Some(40_918), Some(9_769), Some(Outcome::Fail)),
            step("state_matches", "State matches", None, None, Some(unknown)),
        ],
    }
}
