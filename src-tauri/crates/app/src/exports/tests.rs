//! A list that is read in parts, from a source that stands still and from one that does not.

use countersign_domain::workspace::Source;

use super::made::tests::made;
use super::*;

const THROUGH: [&str; 2] = ["2026-11-20T09:00:00Z", "2026-11-20T09:30:00Z"];

fn asked() -> ListExport {
    serde_json::from_value(serde_json::json!({
        "environment": "demo", "list": "customers", "file": "", "status": "active",
        "window": { "text": "ada@example.com", "sort": "mrr", "is_reversed": true },
    }))
    .unwrap()
}

/// Gives the parts of a list in turn: how many rows each has, of how many, and how far the source reached then.
async fn exported(parts: &[(u64, u64, &str)]) -> Result<(u64, String), Failure> {
    let ask = |window: Window| {
        let before = |until: usize| parts[..until].iter().map(|(count, ..)| *count).sum::<u64>();
        let at = (0..parts.len()).find(|at| before(*at) == window.skip).unwrap();
        let (count, total, through) = parts[at];
        let data_through = Some(through.parse().unwrap());
        let standing = Standing { source: Source::Stripe, state: SourceState::Ready, data_through, is_stale: false };
        let view = Rows { rows: (window.skip..window.skip + count).collect(), total, totals: Vec::new() };
        async move { Ok(Answer { view, sources: vec![standing], is_demo: true }) }.boxed()
    };
    let cells = |row: u64| vec![Cell::Number { value: i128::from(row), digits: 0 }];
    let (rows, bytes) = written((&asked(), &made()), &["id"], ask, cells).await?;
    Ok((rows, String::from_utf8(bytes).unwrap()))
}

#[tokio::test]
async fn a_list_of_several_parts_is_one_state_or_none() {
    let [then, later] = THROUGH;
    assert_eq!(exported(&[(2, 3, then), (1, 3, then)]).await.unwrap().0, 3);
    assert_eq!(exported(&[(0, 0, then)]).await.unwrap().0, 0);
    for moved in [
        &[(2, 3, then), (1, 4, then)][..],
        &[(2, 3, then), (1, 3, later)],
        &[(2, 3, then), (2, 3, then)],
        &[(2, 4, then), (0, 4, then)],
        &[(2, 3, then), (0, 2, then)],
    ] {
        let failure = exported(moved).await.unwrap_err();
        assert_eq!(failure.code, Code::StateConflict, "{moved:?}");
        assert!(failure.why.contains("try again"), "{failure:?}");
    }
}

#[tokio::test]
async fn every_row_says_whose_which_and_how_far() {
    let (_, text) = exported(&[(1, 1, THROUGH[0])]).await.unwrap();
    let mut lines = text.lines();
    let heads = lines.next().unwrap();
    assert!(heads.ends_with(r#""complete","exported_at","exported_by","filter","rows","ledger","demo""#), "{heads}");
    let row = lines.next().unwrap();
    let filter = "status active, a searched text of 15 characters, sorted by mrr, order turned round";
    let said =
        format!(r#""demo",2026-11-20T09:00:00Z,"yes",2026-11-20T10:00:00Z,"Ana Lopez","{filter}",1,"entry 12, head "#);
    assert!(row.contains(&said) && row.ends_with(r#","yes""#), "{row}");
    assert!(!text.contains("ada@"), "what was searched for names a person");
}

#[test]
fn a_list_is_complete_only_where_every_connected_source_was_read_to_its_end() {
    let then: Option<Instant> = Some(THROUGH[0].parse().unwrap());
    let since = THROUGH[1].parse().unwrap();
    let failed = || SourceState::Failed { failure: told(Code::StripeRateLimited, WHAT, "no answer"), since };
    let refused = || SourceState::NotPermitted { permission: "rak_event_read".to_owned() };
    let partial = || SourceState::Partial { have: 2, about: None };
    let none = || SourceState::NotConnected;
    for (is_complete, states) in [
        (true, vec![(SourceState::Ready, then)]),
        (true, vec![(SourceState::Ready, then), (none(), None)]),
        (false, vec![(SourceState::Ready, None)]),
        (false, vec![(partial(), then)]),
        (false, vec![(failed(), then)]),
        (false, vec![(refused(), then)]),
        (false, vec![(SourceState::Ready, then), (SourceState::NeverRead, None)]),
        (false, vec![(none(), None)]),
        (false, Vec::new()),
    ] {
        let standing =
            |(state, data_through)| Standing { source: Source::Stripe, state, data_through, is_stale: false };
        let sources: Vec<Standing> = states.into_iter().map(standing).collect();
        assert_eq!(super::is_complete(&sources), is_complete, "{sources:?}");
    }
}
