//! What holds for every screen, in both themes and in the widest and the narrowest window: it shows what it is for,
//! nothing is cut off at the side, nobody is shut out, and nobody's address is shown.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use support::tree;
use support::window::Window;

use crate::{figures, keys};

/// Widths and heights of a window: as it opens, and as small as it gets.
const SIZES: [(u32, u32); 2] = [(1_440, 900), (1_024, 700)];

/// A template that every profile has.
const TEMPLATE: &str = "/checklists/templates/devflowhub-rollout";

/// Names whatever is wider than its place, except where long lines scroll on purpose.
const TOO_WIDE: &str = "return [...document.querySelectorAll('html, body, #app, main, main *')].filter((one) => \
    (one.matches('html, body, #app, main') || /auto|scroll/.test(getComputedStyle(one).overflowX)) && \
    !one.matches('pre, pre *') && one.scrollWidth > one.clientWidth + 1)\
    .map((one) => `${one.tagName}.${one.className} ${one.scrollWidth} > ${one.clientWidth}`)";

/// Names what keeps people out, as the rules of WCAG 2 have it.
const SHUT_OUT: &str = "const done = arguments[arguments.length - 1]; \
    axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => done(violations\
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')\
    .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${node.html} ${node.failureSummary}`))), \
    (fault) => done([String(fault)]))";

/// Finds addresses anywhere in the page, attributes and fields included; the operator's own may be shown.
pub const ADDRESSES: &str = "const fields = [...document.querySelectorAll('input, textarea')].map(({ value }) => value);\
    return (document.documentElement.outerHTML + fields.join(' ')).match(/[\\w.+-]+@[\\w-]+\\.[\\w.-]+/g)\
    ?.filter((one) => one !== 'dana@countersign.test') ?? []";

/// Where to go, the screen that is then shown, and what it is there for.
struct Stop {
    route: String,
    screen: &'static str,
    shows: &'static str,
}

/// What was found, each fault once, with the screens that have it.
type Faults = BTreeMap<String, Vec<String>>;

/// Walks through every screen.
pub async fn every_screen(window: &Window) -> Result<()> {
    let axe = tree::read("ui/node_modules/axe-core/axe.min.js".as_ref());
    ensure!(!axe.is_empty(), "axe-core is missing: run `npm ci` in ui");
    window.page.execute(&axe, vec![]).await?;
    let stops = stops(window).await?;
    let mut faults = Faults::new();
    for theme in ["light", "dark"] {
        keys::command(window, &format!("Theme: {theme}")).await?;
        window.until(theme, &format!("document.documentElement.dataset.theme === '{theme}'")).await?;
        for stop in &stops {
            looked_at(window, stop, theme, &mut faults).await.with_context(|| stop.route.clone())?;
        }
    }
    keys::command(window, "Theme: light").await?;
    let told: Vec<_> = faults.iter().map(|(fault, places)| format!("{fault}\n    on {}", places.join(" "))).collect();
    ensure!(told.is_empty(), "{} faults:\n{}", told.len(), told.join("\n"));
    Ok(())
}

/// Looks at one screen; what it lacks is kept, so that one run tells everything.
async fn looked_at(window: &Window, stop: &Stop, theme: &str, faults: &mut Faults) -> Result<()> {
    window.go(&stop.route).await?;
    keys::on_screen(window, stop.screen).await?;
    window.element(stop.shows).await?;
    figures::quiet(window).await?;
    let mut note = |fault: String| faults.entry(fault).or_default().push(format!("{theme}:{}", stop.route));
    let empty = format!(
        "const one = document.querySelector('[data-testid={}]'); \
                         return one.innerText.trim() === '' && !one.matches('input')",
        stop.shows
    );
    if window.page.execute(&empty, vec![]).await? == Value::Bool(true) {
        note(format!("{} is empty", stop.shows));
    }
    let failed = "return document.querySelector('main [data-testid=failure], main [data-testid=unconnected], \
                  main [data-testid=never-read]')?.innerText ?? null";
    if let Value::String(failure) = window.page.execute(failed, vec![]).await? {
        note(failure);
    }
    for (width, height) in SIZES {
        window.page.set_window_size(width, height).await?;
        window.until("the size", &format!("innerWidth === {width}")).await?;
        window.settle().await?;
        for wide in told(window.page.execute(TOO_WIDE, vec![]).await?)? {
            note(format!("at {width}: {wide}"));
        }
    }
    for fault in told(window.page.execute_async(SHUT_OUT, vec![]).await?)? {
        note(fault);
    }
    for address in told(window.page.execute(ADDRESSES, vec![]).await?)? {
        note(format!("shows {address}"));
    }
    Ok(())
}

fn told(answer: Value) -> Result<Vec<String>> {
    serde_json::from_value(answer).context("a list of texts")
}

/// Every screen, with one customer, subscription, invoice and run of this company.
async fn stops(window: &Window) -> Result<Vec<Stop>> {
    let customer = first(window, "/customers", "customers-row", "/customers/").await?;
    let run = first(window, "/checklists", "runs-row", "/checklists/runs/").await?;
    let sign = format!("{run}/sign");
    let stop = |route: &str, screen, shows| Stop { route: route.to_owned(), screen, shows };
    Ok(vec![
        stop("/overview", "overview", "tiles"),
        stop("/revenue", "revenue", "figures"),
        stop("/customers", "customers", "customers"),
        stop(&customer, "customers", "identity"),
        stop(&format!("{customer}?tab=compare"), "customers", "comparison"),
        stop("/subscriptions", "subscriptions", "subscriptions"),
        stop("/invoices", "invoices", "invoices"),
        stop("/webhooks", "webhooks", "endpoints"),
        stop("/checklists", "checklists", "runs"),
        stop("/checklists/new", "checklists", "run-start"),
        stop("/checklists/import", "checklists", "import-read"),
        stop("/checklists/requests", "checklists", "no-request"),
        stop("/checklists/templates", "checklists", "templates"),
        stop(TEMPLATE, "checklists", "template-rows"),
        stop(&format!("{TEMPLATE}/edit"), "checklists", "edit-rows"),
        stop(&format!("{TEMPLATE}/compare"), "checklists", "empty"),
        stop(&run, "checklists", "items"),
        stop(&format!("{run}?tab=gates"), "checklists", "gate"),
        stop(&format!("{run}?tab=rollback"), "checklists", "procedure"),
        stop(&format!("{run}?tab=dates"), "checklists", "empty"),
        stop(&format!("{run}?tab=contacts"), "checklists", "contact"),
        stop(&format!("{run}?tab=notes"), "checklists", "notes-form"),
        stop(&format!("{run}/work"), "checklists", "work-item"),
        stop(&format!("{run}/work?mode=verify"), "checklists", "work-checks"),
        stop(&format!("{run}/upgrade"), "checklists", "upgrade-none"),
        stop(&sign, "checklists", "sign-form"),
        stop("/audit", "audit", "entries"),
        stop("/settings", "settings", "environment"),
        stop("/settings/operators", "settings", "operator-row"),
        stop("/settings/workspace", "settings", "workspace-save"),
        stop("/settings/appearance", "settings", "theme-dark"),
    ])
}

/// Opens the first row of a list and tells where that leads.
async fn first(window: &Window, list: &str, row: &str, leads: &str) -> Result<String> {
    window.go(list).await?;
    window.element(row).await?.click().await?;
    window.until(leads, &format!("location.hash.startsWith('#{leads}')")).await?;
    let route = window.page.execute("return location.hash.slice(1)", vec![]).await?;
    Ok(route.as_str().context("a route")?.to_owned())
}
