//! Invented charts of every kind: drawn by the gallery to be looked at, and kept as snapshots by the tests.

use countersign_domain::Instant;
use countersign_domain::money::Currency;
use countersign_domain::probe::{Outcome, Unknown};
use countersign_domain::zones::Month;
use countersign_render::chart::{
    BarChart, ChartError, Funnel, FunnelStep, LineChart, MovementChart, Movements, Ranking, RankingRow, Reference,
    Series, Size, Slot, Sparkline, Unit,
};
use countersign_render::file::pdf::{Block, CHART_WIDTH, Column, Headline, Paper, Report, ReportTable, Row};
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

/// A report of several pages with everything a report can hold.
pub fn report() -> Result<Report, ChartError> {
    let mrr = mrr().scene(Size::new(CHART_WIDTH, 250))?;
    let movements = movements().scene(Size::new(CHART_WIDTH, 280))?;
    let funnel = webhooks().scene(CHART_WIDTH)?;
    let headline = |label: &str, value: &str, note: Option<&str>| Headline {
        label: label.to_owned(),
        value: value.to_owned(),
        note: note.map(str::to_owned),
    };
    let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut by_month = ReportTable::from(&movements.table);
    let total = ["Sum", "40,104.11", "2,731.57", "19,870.20", "\u{2212}7,001.44", "\u{2212}31,206.70"];
    let cells = total.into_iter().map(|cell| Some(cell.to_owned())).chain([None]).collect();
    by_month.rows.push(Row { cells, is_total: true });
    Ok(Report {
        title: "Monthly pack".to_owned(),
        subtitle: "November 2026 · Acme Analytics · live".to_owned(),
        banner: Some("DEMO · invented company, no real figures".to_owned()),
        watermark: Some("DEMO".to_owned()),
        foot: "Data through 20 November 2026, 14:00 UTC · complete · made by Dana Reyes, 20 November 2026, 14:03 UTC"
            .to_owned(),
        author: "Dana Reyes".to_owned(),
        made_at: Instant::from_timestamp(1_795_183_380, 0).unwrap_or_default(),
        paper: Paper::A4,
        blocks: vec![
            Block::Headlines(vec![
                headline("MRR", "26,421.51 USD", Some("+4.1 % against October")),
                headline("Net new MRR", "2,099.53 USD", Some("New 2,791, churn \u{2212}1,702")),
                headline("Net retention", "101.77 %", Some("12 months, 412 customers")),
                headline("Failed payments", "not known", Some("Stripe not reachable since 13:58")),
            ]),
            Block::Paragraph(
                "MRR grew for the seventh month in a row. The provisional figure for November already stands above the \
                 target of 25,000 USD set for the year; it will change until the month ends, mostly by the annual plans \
                 that renew in its last week. September 2025 is missing because the account was not connected then."
                    .to_owned(),
            ),
            Block::Heading("Recurring revenue".to_owned()),
            Block::Chart(Box::new(mrr)),
            Block::Heading("Movements".to_owned()),
            Block::Chart(Box::new(movements)),
            Block::Table(by_month),
            Block::Heading("Webhook delivery".to_owned()),
            Block::Chart(Box::new(funnel)),
            Block::Heading("Customers who left".to_owned()),
            Block::Table(departed()),
            Block::Heading("How these figures were made".to_owned()),
            Block::Facts(vec![
                fact("Method", "as Stripe defines it: past due counts, discounts while active, metered usage not counted"),
                fact("Reconciliation", "1 of 4 rules open: invoice totals differ by 0.01 USD in March 2026"),
                fact("Rows not counted", "3 of 1,204 subscriptions: unknown currency"),
                fact("Ledger head", "4f9a2c61e0b7d35588cfa1102e4b6d907c3fae52d1868b3b5f04c2a9e7d0116c"),
            ]),
        ],
    })
}

fn departed() -> ReportTable {
    let column = |label: &str, is_figure: bool| Column { label: label.to_owned(), is_figure };
    let row = |n: i64| {
        let reason = match n % 4 {
            0 => Some("Too expensive for the number of seats that are used, moving to a yearly plan elsewhere"),
            1 => Some("Payment failed four times"),
            2 => None,
            _ => Some("Company closed"),
        };
        let cells = vec![
            Some(format!("2026-{:02}-{:02}", n % 11 + 1, n % 27 + 1)),
            Some(format!("cus_Q{:013}", n * 7_919_317)),
            Some(format!("{} G***", ["Zoë", "Łukasz", "Ирина", "Νίκος", "東京"].get(n as usize % 5).unwrap_or(&""))),
            reason.map(str::to_owned),
            Some(Unit::Money(Currency::USD).full(-(n * 1_713 % 48_000) - 900)),
        ];
        Row { cells, is_total: false }
    };
    ReportTable {
        columns: vec![
            column("Date", false),
            column("Customer", false),
            column("Name", false),
            column("Reason", false),
            column("MRR", true),
        ],
        rows: (0..70).map(row).collect(),
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
