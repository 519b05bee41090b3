//! The workspace: what is sold for how much, in which zone and currency it is reported, and what is expected.

use countersign_domain::checklist::run::{TEXT_CHARS_MAX, WAIVER_REASON_CHARS_MIN};
use countersign_domain::failure::Failure;
use countersign_domain::money::Currency;
use countersign_domain::workspace::{Entry, PriceExpected, Workspace};
use countersign_domain::zones::Zone;
use rust_decimal::Decimal;
use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

use crate::app::App;
use crate::failure::invalid;
use crate::record;

/// Asks for the workspace.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceRequest {}

/// Rows a price list may have.
const PRICES_MAX: usize = 500;
/// Event types that may be expected.
const EVENTS_MAX: usize = 300;
/// Exchange rates that may be kept.
const RATES_MAX: usize = 20_000;

/// Gives the workspace's settings.
///
/// **Errors**: closed stores.
pub async fn view(app: &App, _request: WorkspaceRequest) -> Result<Workspace, Failure> {
    Ok(record::record(app).await?.workspace.clone())
}

/// Replaces the workspace's settings.
///
/// **Errors**: the first field that is not of its form.
pub async fn set(app: &App, request_id: Uuid, request: Workspace) -> Result<Workspace, Failure> {
    let request = checked(request)?;
    let before = record::record(app).await?;
    if before.workspace == request {
        return Ok(request);
    }
    let method_changed = (before.workspace.count_past_due, &before.workspace.discounts, &before.workspace.zone)
        != (request.count_past_due, &request.discounts, &request.zone);
    record::note(app, request_id, None, Entry::WorkspaceSet(request.clone())).await?;
    if method_changed {
        crate::rollup::start_over(app).await?;
    }
    Ok(request)
}

fn checked(mut workspace: Workspace) -> Result<Workspace, Failure> {
    let name = workspace.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 80 {
        return Err(invalid("name", "a name of 1 to 80 characters is expected"));
    }
    workspace.name = name;
    Zone::named(&workspace.zone).map_err(|error| invalid("zone", error.to_string()))?;
    workspace.currency = currency("currency", &workspace.currency)?;
    if !["recurring", "forever_only", "all", "none"].contains(&workspace.discounts.as_str()) {
        return Err(invalid("discounts", "one of recurring, forever_only, all, none is expected"));
    }
    for (field, length, most) in [
        ("prices", workspace.prices.len(), PRICES_MAX),
        ("events", workspace.events.len(), EVENTS_MAX),
        ("rates", workspace.rates.len(), RATES_MAX),
    ] {
        if length > most {
            return Err(invalid(field, format!("{length} rows, the limit is {most}")));
        }
    }
    for (at, price) in workspace.prices.iter_mut().enumerate() {
        let field = format!("prices, row {}", at + 1);
        check_price(&field, price)?;
    }
    for (at, event) in workspace.events.iter().enumerate() {
        let is_type = event.contains('.') && event.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
        if !is_type {
            return Err(invalid(&format!("events, row {}", at + 1), "a type such as invoice.paid is expected"));
        }
    }
    for (at, rate) in workspace.rates.iter_mut().enumerate() {
        let field = format!("rates, row {}", at + 1);
        rate.base = currency(&field, &rate.base)?;
        rate.quote = currency(&field, &rate.quote)?;
        let is_rate = rate.rate.parse::<Decimal>().is_ok_and(|rate| rate > Decimal::ZERO);
        if !is_rate || rate.date.parse::<jiff::civil::Date>().is_err() {
            return Err(invalid(&field, "a date such as 2026-10-31 and a rate above 0 are expected"));
        }
    }
    workspace.one_signer_reason = workspace.one_signer_reason.map(|reason| reason.trim().to_owned());
    let is_long = |reason: &String| (WAIVER_REASON_CHARS_MIN..=TEXT_CHARS_MAX).contains(&reason.chars().count());
    if workspace.one_signer_reason.as_ref().is_some_and(|reason| !is_long(reason)) {
        let why = format!("{WAIVER_REASON_CHARS_MIN} to {TEXT_CHARS_MAX} characters are expected; they are printed");
        return Err(invalid("one_signer_reason", why));
    }
    if let Some(exposure) = &workspace.exposure {
        exposure.check().map_err(|fault| invalid(&format!("exposure.{}", fault.field), fault.why))?;
    }
    Ok(workspace)
}

fn check_price(field: &str, price: &mut PriceExpected) -> Result<(), Failure> {
    price.currency = currency(field, &price.currency)?;
    let is_amount = price.unit_amount.parse::<Decimal>().is_ok_and(|amount| amount >= Decimal::ZERO);
    let is_rhythm = price.interval.is_empty() || ["day", "week", "month", "year"].contains(&price.interval.as_str());
    let is_count = price.interval_count.parse::<u32>().is_ok_and(|count| count > 0);
    let is_usage = ["licensed", "metered"].contains(&price.usage_type.as_str());
    let is_tax = ["", "inclusive", "exclusive"].contains(&price.tax_behavior.as_str());
    let wrong = [
        (is_amount, "the amount is a decimal in minor units, such as 2900"),
        (is_rhythm, "the interval is day, week, month, year, or empty for a one-time price"),
        (is_count, "the interval count is a whole number above 0"),
        (is_usage, "the usage is licensed or metered"),
        (is_tax, "the tax behaviour is inclusive, exclusive, or empty"),
    ];
    match wrong.into_iter().find(|(is_right, _)| !is_right) {
        Some((_, why)) => Err(invalid(field, why)),
        None => Ok(()),
    }
}

fn currency(field: &str, code: &str) -> Result<String, Failure> {
    let currency = Currency::parse(code).map_err(|error| invalid(field, error.to_string()))?;
    Ok(currency.code().to_owned())
}

#[cfg(test)]
mod tests {
    use countersign_domain::workspace::{Exposure, ExposureOperator, ExposureRule};

    use super::*;

    #[test]
    fn each_field_is_held_to_its_form() {
        let good = Workspace::devflowhub();
        assert_eq!(checked(good.clone()).unwrap(), good);
        let mut wrong = vec![good; 8];
        wrong[0].zone = "Mars/Olympus".to_owned();
        wrong[1].currency = "dollars".to_owned();
        wrong[2].prices[0].unit_amount = "-1".to_owned();
        wrong[3].prices[0].interval_count = "0".to_owned();
        wrong[4].events.push("<script>".to_owned());
        wrong[5].discounts = "some".to_owned();
        let exposed = ExposureRule { column: "n".to_owned(), operator: ExposureOperator::Below, value: String::new() };
        wrong[6].exposure = Some(Exposure { table: "User".to_owned(), exposed, eligible: None });
        wrong[7].one_signer_reason = Some("we are few".to_owned());
        for workspace in wrong {
            assert_eq!(checked(workspace).unwrap_err().code, countersign_domain::failure::Code::InputInvalid);
        }
    }
}
