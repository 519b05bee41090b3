//! Looking somebody up: lists, pages, events followed to their rows, search, a value revealed, and a list as a file.
//!
//! On the invented company, whose planted faults are known. No name or address of a person may leave the program unless
//! somebody said why.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use countersign_app::answer::{Reveal, Window};
use countersign_app::audit::{self, AuditRequest};
use countersign_app::customers::{self, CustomerRequest, CustomersRequest, RevealRequest};
use countersign_app::domain::failure::Code;
use countersign_app::domain::ids::EnvironmentId;
use countersign_app::domain::money::Minor;
use countersign_app::domain::stripe::Customer;
use countersign_app::exports::{self, ListExport, ListName};
use countersign_app::invoices::{self, InvoiceRequest, InvoicesRequest};
use countersign_app::reconcile::{ReconcileRequest, reconcile};
use countersign_app::search::{self, SearchRequest, SearchResults};
use countersign_app::subscriptions::{self, SubscriptionRequest, SubscriptionsRequest};
use countersign_app::webhooks::{self, EventRequest, EventsRequest, WebhooksRequest};
use countersign_app::{App, clock, demo, links, record};
use countersign_store::mirror::{Incoming, Scope, put};

use crate::team::{refused, told};

/// Opens the demo, reads it, and looks people up.
pub async fn looked_up_and_masked() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = demo::open(Some(folder.path().join("profile")), 300).await.map_err(told)?;
    demo::read(&app).await.map_err(told)?;
    let name = revealed(&app).await?;
    customers_and_their_pages(&app, &name).await?;
    records(&app).await?;
    events(&app).await?;
    reconciled(&app).await?;
    found(&app, &name).await?;
    hostile(&app, folder.path()).await?;
    exported(&app, folder.path(), &name).await?;
    demo::close(&app).await;
    Ok(())
}

fn here() -> EnvironmentId {
    demo::ENVIRONMENT.into()
}

fn window(take: u32) -> Window {
    Window { take, ..Window::default() }
}

/// A value is shown for a minute to whoever says why, and the ledger keeps why and never what.
async fn revealed(app: &App) -> Result<String> {
    let request = CustomersRequest {
        environment: here(),
        status: "active".to_owned(),
        currency: String::new(),
        window: window(1),
    };
    let list = customers::list(app, request).await.map_err(told)?.view;
    let row = list.rows.first().context("no active customer")?;
    let field = row.name.reveal.clone().context("the name has nothing behind it")?;
    let ask = |reason: &str, field: Reveal| RevealRequest { environment: here(), field, reason: reason.to_owned() };
    let refused = customers::reveal(app, clock::name(), ask(" x ", field.clone())).await;
    ensure!(refused.is_err_and(|failure| failure.code == Code::InputInvalid), "a reason of one letter was taken");
    let other = Reveal { field: "metadata".to_owned(), ..field.clone() };
    ensure!(customers::reveal(app, clock::name(), ask("ticket 12", other)).await.is_err(), "any field was revealed");
    let shown = customers::reveal(app, clock::name(), ask("ticket 12", field)).await.map_err(told)?;
    ensure!(shown.until > clock::now() && shown.text != row.name.shown, "{shown:?}");
    let kept = audit::list(app, audit_of("revealed")).await.map_err(told)?;
    ensure!(kept.entries.total == 1, "{} entries of one reveal", kept.entries.total);
    let entry = kept.entries.rows.first().context("no entry")?;
    let page = audit::entry(app, audit::EntryRequest { seq: entry.seq }).await.map_err(told)?;
    ensure!(page.bytes.contains("ticket 12") && !page.bytes.contains(&shown.text), "{}", page.bytes);
    Ok(shown.text)
}

fn audit_of(kind: &str) -> AuditRequest {
    AuditRequest { kind: kind.to_owned(), window: window(10), ..AuditRequest::default() }
}

/// The list is whole and ordered, pages say what is wrong, and nobody is named.
async fn customers_and_their_pages(app: &App, name: &str) -> Result<()> {
    let ask = |status: &str, take| CustomersRequest {
        environment: here(),
        status: status.to_owned(),
        currency: String::new(),
        window: window(take),
    };
    let all = customers::list(app, ask("", 5_000)).await.map_err(told)?;
    ensure!(all.view.total as usize == all.view.rows.len() && all.view.total > 250, "{} customers", all.view.total);
    ensure!(all.is_demo && all.sources.iter().all(|source| source.data_through.is_some()), "{:?}", all.sources);
    let text = serde_json::to_string(&all.view.rows)?;
    ensure!(!text.contains(name), "a name is in the list");
    let late = customers::list(app, ask("past_due", 1)).await.map_err(told)?;
    let late = late.view.rows.first().context("nobody is late")?;
    let page = CustomerRequest { environment: here(), customer: late.id.clone() };
    let page = customers::page(app, page).await.map_err(told)?.view;
    ensure!(page.sentence.contains("past due") && page.sentence.contains("failed"), "{}", page.sentence);
    ensure!(
        page.summary.starts_with(&late.email.shown) && !page.summary.contains(late.id.as_str()),
        "{}",
        page.summary
    );
    ensure!(page.timeline.is_sorted_by(|one, two| one.at >= two.at), "the story is out of order");
    ensure!(page.timeline.iter().any(|entry| entry.kind == "payment" && entry.tone == "fail"), "no failed payment");
    ensure!(page.comparison.iter().any(|field| field.field == "Status"), "nothing was compared");
    ensure!(!page.has_dashboard_link, "an invented customer has no page at Stripe");
    let nobody = CustomerRequest { environment: here(), customer: "cus_nobody".into() };
    let nobody = customers::page(app, nobody).await;
    ensure!(nobody.is_err_and(|failure| failure.code == Code::NotFound), "a customer nobody knows has a page");
    let strange = CustomersRequest { window: Window { sort: "x; DROP".to_owned(), ..window(1) }, ..ask("", 1) };
    ensure!(customers::list(app, strange).await.is_err(), "an order nobody offers was taken");
    let link = links::address(app, "customer", late.id.as_str()).await;
    ensure!(link.is_err_and(|failure| failure.code == Code::StateConflict), "a link to an invented page");
    Ok(())
}

/// Subscriptions and invoices have both sides; a filter finds what differs.
async fn records(app: &App) -> Result<()> {
    let ask = |verdict: &str| SubscriptionsRequest {
        environment: here(),
        status: String::new(),
        verdict: verdict.to_owned(),
        window: window(50),
    };
    let drifted = subscriptions::list(app, ask("differs")).await.map_err(told)?.view;
    let one = drifted.rows.first().context("the planted drift is not there")?;
    let page = SubscriptionRequest { environment: here(), subscription: one.id.clone() };
    let page = subscriptions::page(app, page).await.map_err(told)?.view;
    ensure!(page.comparison.iter().any(|field| field.field == "Status" && field.verdict == "differs"), "{page:?}");
    ensure!(!page.items.is_empty() && !page.row.interval.is_empty(), "{page:?}");
    let ask = |verdict: &str| InvoicesRequest {
        environment: here(),
        status: String::new(),
        verdict: verdict.to_owned(),
        currency: String::new(),
        window: window(50),
    };
    let missing = invoices::list(app, ask("missing")).await.map_err(told)?.view;
    ensure!(missing.rows.iter().all(|row| row.status == "paid"), "only a paid invoice can be missing");
    let equal = invoices::list(app, ask("equal")).await.map_err(told)?.view;
    let one = equal.rows.first().context("no invoice is equal")?;
    let page = InvoiceRequest { environment: here(), invoice: one.id.clone() };
    let page = invoices::page(app, page).await.map_err(told)?.view;
    ensure!(!page.lines.is_empty(), "an invoice without lines");
    ensure!(page.comparison.iter().all(|field| field.verdict != "differs"), "{:?}", page.comparison);
    Ok(())
}

/// Every planted fault is a finding of its own word, the sums tell the missing unit, and nothing else is found.
async fn reconciled(app: &App) -> Result<()> {
    let planted = app.simulator().context("no simulator")?.planted();
    let mut expected = BTreeSet::new();
    for sighting in &planted {
        // Events whose handler fails are findings one by one, and one cause on their screen.
        let kind = match sighting.fault.finding {
            "event.handler_failing" => "event.undelivered",
            finding => finding,
        };
        expected.extend(sighting.ids.iter().map(|id| (kind.to_owned(), id.clone())));
    }
    let mut found = BTreeSet::new();
    for scope in ["events", "subscriptions", "invoices"] {
        let request = ReconcileRequest {
            environment: here(),
            scope: scope.to_owned(),
            // Subscriptions are compared whole without being asked.
            from: if scope == "subscriptions" { String::new() } else { "2020-01-01".to_owned() },
            to: String::new(),
        };
        let view = reconcile(app, request).await.map_err(told)?.view;
        let wrong: BTreeSet<&str> = view.findings.iter().map(|finding| finding.id.as_str()).collect();
        ensure!(view.equal == view.compared - wrong.len() as u64, "{scope}: {} {}", view.compared, view.equal);
        let counted: u64 = view.groups.iter().map(|group| group.count).sum();
        ensure!(counted == view.findings.len() as u64, "{scope}: {:#?}", view.groups);
        if scope == "invoices" {
            let off: i64 = view.totals.iter().map(|total| total.difference.minor.0).sum();
            ensure!(off == 1 && view.findings.len() == 1, "{:#?}", view.totals);
        }
        found.extend(view.findings.into_iter().map(|finding| (finding.kind.to_owned(), finding.id)));
    }
    // A subscription that ended months ago and is active in the row differs in its end too.
    found.retain(|(kind, _)| kind != "subscription.end_drift");
    ensure!(found == expected, "found {found:#?}, planted {expected:#?}");
    let usage =
        ReconcileRequest { environment: here(), scope: "usage".to_owned(), from: String::new(), to: String::new() };
    refused(reconcile(app, usage).await, Code::InputInvalid)
}

/// The three planted events without a row are found, explained, and followed.
async fn events(app: &App) -> Result<()> {
    let request = WebhooksRequest { environment: here(), days: 30, width: 640 };
    let view = webhooks::view(app, request).await.map_err(told)?.view;
    let count = |word: &str| view.funnel.iter().find(|step| step.word == word).and_then(|step| step.count).unwrap_or(0);
    let steps = ["created", "subscribed", "delivered", "row_expected", "row_found"].map(count);
    ensure!(steps.is_sorted_by(|one, two| one >= two) && steps[4] > 0, "{steps:?}");
    let cause = view.causes.iter().find(|cause| cause.word == "event.missing_row").context("no cause")?;
    ensure!(cause.count == 3 && steps[3] - steps[4] == 3, "{cause:?} {steps:?}");
    let kind = cause.filter.split("kind=").nth(1).unwrap_or_default().to_owned();
    let request = EventsRequest {
        environment: here(),
        days: 30,
        delivery: String::new(),
        row: "missing".to_owned(),
        kind,
        window: window(50),
    };
    let list = webhooks::events(app, request).await.map_err(told)?.view;
    ensure!(list.total == 3, "the filter of the cause gives {}", list.total);
    let one = list.rows.first().context("no event")?;
    let page = EventRequest { environment: here(), event: one.id.clone() };
    let page = webhooks::event(app, page).await.map_err(told)?.view;
    ensure!(page.steps.iter().any(|step| step.tone == "fail" && step.title.starts_with("No row")), "{:?}", page.steps);
    let command = page.resend.context("no command")?;
    ensure!(command.starts_with("stripe events resend evt_") && !command.contains("--live"), "{command}");
    ensure!(page.siblings.iter().any(|sibling| sibling.id == one.id), "it is not among its siblings");
    Ok(())
}

/// Search finds by what a caller says, masks what it shows, and takes no secret.
async fn found(app: &App, name: &str) -> Result<()> {
    let results = searched(app, name).await?;
    ensure!(results.results.iter().any(|hit| hit.kind == "customer"), "the customer is not found by name");
    ensure!(!serde_json::to_string(&results)?.contains(name), "search shows the name it was given");
    let link = results.results.iter().find(|hit| hit.kind == "customer").map(|hit| hit.id.clone()).unwrap_or_default();
    let by_link = searched(app, &format!("https://dashboard.stripe.com/test/customers/{link}?x=1")).await?;
    ensure!(by_link.results.first().is_some_and(|hit| hit.id == link && hit.matched == "id"), "{by_link:?}");
    let named = searched(app, "webhook success").await?;
    ensure!(named.results.iter().any(|hit| hit.kind == "metric"), "no metric by its words");
    let secret = searched(app, concat!("sk_li", "ve_0123456789abcdef")).await?;
    ensure!(secret.refused.is_some() && secret.results.is_empty(), "a secret was searched for");
    Ok(())
}

async fn searched(app: &App, text: &str) -> Result<SearchResults> {
    let request = SearchRequest { environment: here(), text: text.to_owned(), limit: 0 };
    search::find(app, request).await.map_err(told)
}

/// What strangers write about themselves stays text, everywhere: no mark, no formula, no turned direction gets out.
async fn hostile(app: &App, folder: &std::path::Path) -> Result<()> {
    let environment = record::environment(app, &here()).await.map_err(told)?;
    let stripe = environment.stripe.context("the demo is not connected")?;
    let (account, mode) = (stripe.account.context("no account")?, stripe.mode);
    let stranger = Customer {
        id: "cus_Stranger0001".into(),
        created_at: Some(clock::now()),
        name: Some("=HYPERLINK(\"http://x\") <img src=x onerror=alert(1)> \u{202e}Zzyzx\u{1b}[2J".to_owned()),
        email: Some("\"<svg/onload=1>\"@zzyzx.<b>".to_owned()),
        phone: Some("+1<script>".to_owned()),
        country: None,
        currency: None,
        balance: Minor(0),
        is_delinquent: false,
        discount: None,
        metadata: BTreeMap::from([("userId".to_owned(), "<script>alert(2)</script>".to_owned())]),
        is_deleted: false,
    };
    let mirror = app.stores().map_err(told)?.mirror.clone();
    let write = mirror.write(move |tx| {
        let Some(scope) = Scope::find(tx, &account, mode)? else { return Ok(()) };
        let (value, id) = (&stranger, stranger.id.as_str());
        let incoming = Incoming { value, id, created_at: value.created_at, raw: "{}", fetched_at: clock::now() };
        put(tx, scope, &incoming).map(drop)
    });
    write.await?;
    let list = CustomersRequest {
        environment: here(),
        status: String::new(),
        currency: String::new(),
        window: Window { text: "zzyzx".to_owned(), ..window(5) },
    };
    let list = customers::list(app, list).await.map_err(told)?.view;
    ensure!(list.total == 1, "{} strangers", list.total);
    let page = CustomerRequest { environment: here(), customer: "cus_Stranger0001".into() };
    let page = customers::page(app, page).await.map_err(told)?.view;
    let hits = searched(app, "zzyzx").await?.results;
    ensure!(hits.first().is_some_and(|hit| hit.id == "cus_Stranger0001"), "{hits:?}");
    let place = folder.join("stranger.csv");
    let file = app.files().keep_for_writing(&place).handle;
    let window = Window { text: "zzyzx".to_owned(), ..Window::default() };
    let request = ListExport { window, ..export_of(file) };
    exports::list(app, clock::name(), request).await.map_err(told)?;
    let shown = [
        serde_json::to_string(&list.rows)?,
        serde_json::to_string(&page)?,
        serde_json::to_string(&hits)?,
        std::fs::read_to_string(&place)?,
    ];
    for text in shown {
        let text = text.to_lowercase();
        ensure!(
            !["<", "hyperlink", "onerror", "\u{202e}", "\\u001b", "alert"].iter().any(|mark| text.contains(mark)),
            "{text}"
        );
    }
    Ok(())
}

fn export_of(file: String) -> ListExport {
    ListExport {
        environment: here(),
        list: ListName::Customers,
        file,
        status: String::new(),
        verdict: String::new(),
        currency: String::new(),
        days: 0,
        delivery: String::new(),
        row: String::new(),
        kind: String::new(),
        window: Window::default(),
    }
}

/// A list becomes a file with every row, masked, and an entry of the ledger.
async fn exported(app: &App, folder: &std::path::Path, name: &str) -> Result<()> {
    let place = folder.join("customers.csv");
    let handle = app.files().keep_for_writing(&place).handle;
    let refused =
        exports::list(app, clock::name(), ListExport { verdict: "differs".to_owned(), ..export_of(handle.clone()) })
            .await;
    ensure!(refused.is_err() && !place.exists(), "a filter that customers do not have was passed over");
    let written = exports::list(app, clock::name(), export_of(handle)).await.map_err(told)?;
    let text = std::fs::read_to_string(&place)?;
    ensure!(text.lines().count() as u64 == written.rows + 1 && written.rows > 250, "{written:?}");
    ensure!(!text.contains(name), "a name is in the file");
    let says_of_itself = r#""data_through","complete","exported_at","exported_by","filter","rows","ledger","demo""#;
    ensure!(
        text.lines().next().is_some_and(|heads| heads.ends_with(says_of_itself)),
        "the file does not say what it is"
    );
    let kept = audit::list(app, audit_of("exported")).await.map_err(told)?;
    ensure!(kept.entries.total == 2, "{} entries of two exports", kept.entries.total);
    Ok(())
}
