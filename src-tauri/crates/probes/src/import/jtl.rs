//! The log of samples JMeter writes as CSV: one row for each request, under a header that begins with `timeStamp`.
//!
//! The figures are worked out here as its own report does, apart from percentiles, which are those of a request that was
//! made: JMeter puts them between two. Deliberately absent: its XML form.

use std::collections::BTreeMap;

use countersign_domain::Instant;
use csv::{Reader, ReaderBuilder, StringRecord};

use super::bounds::{Deadline, Refused};
use super::load_test::{Load, Times, reading};
use super::{Claim, Reading};

/// The first column, by which the file is known.
const FIRST: &str = "timeStamp";
/// Rows between two looks at the clock.
const ROWS_BETWEEN: usize = 4_096;
/// What a transaction says in place of an answer: it sums up requests, which have rows of their own or none.
const TRANSACTION: &str = "Number of samples in transaction";

/// One request.
struct Sample {
    /// **Units**: milliseconds since 1970.
    at: i64,
    /// **Units**: milliseconds.
    took: u32,
    is_good: bool,
}

/// Where the columns stand.
struct Columns {
    took: usize,
    label: usize,
    success: usize,
    message: Option<usize>,
    users: Option<usize>,
}

/// Reads a log of samples; `None` for any other text.
///
/// **Errors**: a log with a row that is none, or too little time.
pub(super) fn read(text: &str, until: Deadline) -> Result<Option<Reading>, Refused> {
    let Some((mut reader, columns)) = columns(text) else { return Ok(None) };
    let [mut plain, mut transactions]: [BTreeMap<String, Vec<Sample>>; 2] = Default::default();
    let mut users: Option<u32> = None;
    for (nth, row) in reader.records().enumerate() {
        if nth % ROWS_BETWEEN == 0 {
            until.check()?;
        }
        let wrong = || Refused::Form(format!("It is a log of JMeter, but its sample {} is not read.", nth + 1));
        let row = row.map_err(|_| wrong())?;
        let field = |at: usize| row.get(at).unwrap_or_default().trim();
        let is_transaction = columns.message.is_some_and(|at| field(at).starts_with(TRANSACTION));
        let (at, took) = (field(0).parse().map_err(|_| wrong())?, field(columns.took).parse().map_err(|_| wrong())?);
        let is_good = field(columns.success).parse().map_err(|_| wrong())?;
        users = users.max(columns.users.and_then(|at| field(at).parse().ok()));
        let kept = if is_transaction { &mut transactions } else { &mut plain };
        kept.entry(field(columns.label).to_owned()).or_default().push(Sample { at, took, is_good });
    }
    let summed = transactions.values().map(|of| of.len() as u64).sum();
    // A log may sum up every request and keep none; else what is summed up would count twice.
    let (by_label, became) = if plain.is_empty() { (transactions, "counted as requests") } else { (plain, "left out") };
    let all: Vec<&Sample> = by_label.values().flatten().collect();
    let Some(count) = u32::try_from(all.len()).ok().filter(|count| *count > 0) else {
        return Err(Refused::Form("It is a log of JMeter without any sample.".to_owned()));
    };
    let failed = u32::try_from(all.iter().filter(|sample| !sample.is_good).count()).unwrap_or(u32::MAX);
    let first = all.iter().map(|sample| sample.at).min();
    let last = all.iter().map(|sample| sample.at.saturating_add(sample.took.into())).max();
    let span_ms = first.zip(last).and_then(|(first, last)| u32::try_from(last.checked_sub(first)?).ok());
    let (requests, failed) = (f64::from(count), f64::from(failed));
    let load = Load {
        requests: Some(requests),
        per_second: span_ms.filter(|span| *span > 0).map(|span| requests * 1_000.0 / f64::from(span)),
        users: users.map(f64::from),
        failed_pct: Some(failed / requests * 100.0),
        times: times(all.iter().map(|sample| sample.took)),
        routes: by_label.iter().map(|(label, of)| (label.clone(), times(of.iter().map(|one| one.took)))).collect(),
    };
    let made_at = last.and_then(Instant::from_timestamp_millis);
    let mut reading = reading(load, Claim { made_at, ..Claim::default() });
    if summed > 0 {
        reading.figures.push(super::count(&format!("transactions {became}"), summed));
    }
    Ok(Some(reading))
}

/// Says whether a text looks like a log of samples, without reading one: large ones may be kept.
pub(super) fn is_one(text: &str) -> bool {
    columns(text).is_some()
}

/// Gives a reader of the samples, and where their columns stand; `None` for any other text.
fn columns(text: &str) -> Option<(Reader<&[u8]>, Columns)> {
    let delimiter = text.strip_prefix(FIRST)?.bytes().next()?;
    if !matches!(delimiter, b',' | b';' | b'\t' | b'|') {
        return None;
    }
    let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let columns = Columns::of(reader.headers().ok()?)?;
    Some((reader, columns))
}

impl Columns {
    fn of(header: &StringRecord) -> Option<Self> {
        let place = |name: &str| header.iter().position(|column| column.trim() == name);
        Some(Self {
            took: place("elapsed")?,
            label: place("label")?,
            success: place("success")?,
            message: place("responseMessage"),
            users: place("allThreads"),
        })
    }
}

/// Gives within which time half, 95 and 99 of a hundred answers came.
fn times(took: impl Iterator<Item = u32>) -> Times {
    let mut took: Vec<u32> = took.collect();
    took.sort_unstable();
    let within = |of_hundred: usize| {
        let rank = (took.len() * of_hundred).div_ceil(100);
        took.get(rank.checked_sub(1)?).copied().map(f64::from)
    };
    Times { p50: within(50), p95: within(95), p99: within(99) }
}

#[cfg(test)]
mod tests {
    use super::super::bounds::{Deadline, TIME_MAX};
    use super::super::{Kind, Reading, Refused};

    const HEAD: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,\
        bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect";

    fn read(text: &str) -> Result<Reading, Refused> {
        super::super::read(text.as_bytes(), None, Deadline::after(TIME_MAX))
    }

    fn row(at: i64, took: u32, label: &str, is_good: bool, users: u32) -> String {
        format!("{at},{took},{label},200,OK,Users 1-1,text,{is_good},\"a, b\nc\",1,1,1,{users},https://x.y/p?k=1,1,0,1")
    }

    fn log(rows: &[String]) -> String {
        format!("{HEAD}\n{}\n", rows.join("\n"))
    }

    #[test]
    fn the_figures_are_those_of_all_samples() {
        let start = 1_795_600_000_000;
        let mut rows: Vec<String> =
            (1..=100).map(|nth| row(start + i64::from(nth) * 100, nth, "GET /plans", nth != 7, nth.min(25))).collect();
        rows.push(format!(
            "{start},9999,Checkout,200,\"{}: 100, failing: 1\",t,,false,,1,1,1,1,null,1,0,1",
            super::TRANSACTION
        ));
        for text in [log(&rows), log(&rows).replace('\n', "\r\n")] {
            let read = read(&text).unwrap();
            assert_eq!(read.kind, Kind::LoadTest);
            let wanted = "100 requests, at 10.00 per second, 25 users, failed 1.00 %, p50 50.00 ms, p95 95.00 ms, \
                p99 99.00 ms, 1 route, 1 transaction left out";
            assert_eq!(read.says(), wanted);
            assert_eq!(read.claim.made_at.unwrap().timestamp_millis(), start + 10_100);
        }
    }

    #[test]
    fn where_requests_have_no_rows_their_transactions_count() {
        let sum = |nth: i64| {
            row(nth * 500, 120, "Checkout", true, 2).replace(",OK,", &format!(",\"{}: 3\",", super::TRANSACTION))
        };
        assert_eq!(
            read(&log(&[sum(0), sum(1)])).unwrap().says(),
            "2 requests, at 3.23 per second, 2 users, failed 0.00 %, p50 120.00 ms, p95 120.00 ms, p99 120.00 ms, \
             1 route, 2 transactions counted as requests"
        );
    }

    #[test]
    fn one_sample_is_enough_and_other_delimiters_are_known() {
        let text = "timeStamp;elapsed;label;success\n1795600000000;120;Home;true\n";
        let says = read(text).unwrap().says();
        assert_eq!(
            says,
            "1 request, at 8.33 per second, failed 0.00 %, p50 120.00 ms, p95 120.00 ms, p99 120.00 ms, 1 route"
        );
    }

    #[test]
    fn a_log_that_is_cut_off_is_refused_and_another_table_is_a_document() {
        let whole = log(&[row(1, 2, "a", true, 1), row(2, 2, "b", true, 1)]);
        for (text, why) in [
            (whole.split_at(whole.len() - 20).0.to_owned(), "sample 2 "),
            (whole.replace(",true,", ",maybe,"), "sample 1 "),
            (format!("{HEAD}\n"), "without any sample"),
            (whole.replace("\n1,2,a", "\n2026/11/20 10:00:00,2,a"), "sample 1 "),
        ] {
            let refused = read(&text).unwrap_err();
            assert!(matches!(&refused, Refused::Form(sentence) if sentence.contains(why)), "{refused:?}");
        }
        for text in ["timeStamp,elapsed\n1,2\n", "timeStamps are odd", "timeStamp"] {
            assert_eq!(read(text).unwrap().kind, Kind::Document, "{text}");
        }
    }
}
