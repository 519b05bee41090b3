//! The columns of each list in a file: ids in full, people masked, amounts as numbers beside their currency.

use countersign_domain::Instant;
use countersign_domain::money::Money;
use countersign_render::file::csv::Cell;

use crate::answer::Masked;
use crate::customers::CustomerRow;
use crate::invoices::InvoiceRow;
use crate::subscriptions::SubscriptionRow;
use crate::webhooks::EventRow;

pub(super) const CUSTOMERS: &[&str] = &[
    "id",
    "name",
    "email",
    "status",
    "plan",
    "mrr",
    "mrr_currency",
    "mrr_other",
    "open",
    "open_currency",
    "open_other",
    "last_payment",
    "last_payment_currency",
    "last_payment_status",
    "last_payment_reason",
    "last_payment_at",
    "renews_at",
    "trial_end_at",
    "since",
    "country",
    "database",
    "deleted",
];

pub(super) fn customer(row: CustomerRow) -> Vec<Cell> {
    let last = row.last_payment;
    let mut cells = vec![
        Cell::text(row.id.as_str()),
        masked(row.name),
        masked(row.email),
        Cell::text(row.status),
        Cell::text(row.plan),
    ];
    cells.extend(sums(&row.mrr));
    cells.extend(sums(&row.open_balance));
    cells.extend(match last.as_ref() {
        Some(last) => {
            [amount(last.money), currency(last.money), Cell::text(last.status.as_str()), word(last.reason.clone())]
        }
        None => [const { Cell::Unknown }; 4],
    });
    cells.extend([at(last.map(|last| last.at)), at(row.renews_at), at(row.trial_end_at), at(row.since)]);
    cells.extend([word(row.country), Cell::text(row.database), truth(row.is_deleted)]);
    cells
}

pub(super) const SUBSCRIPTIONS: &[&str] = &[
    "id",
    "customer",
    "name",
    "status",
    "database_status",
    "verdict",
    "plan",
    "interval",
    "quantity",
    "mrr",
    "mrr_currency",
    "period_start_at",
    "period_end_at",
    "trial_end_at",
    "ends_at",
    "cancelling",
    "started_at",
];

pub(super) fn subscription(row: SubscriptionRow) -> Vec<Cell> {
    vec![
        Cell::text(row.id.as_str()),
        Cell::text(row.customer.as_str()),
        masked(row.name),
        Cell::text(row.status),
        word(row.database_status),
        Cell::text(row.verdict),
        Cell::text(row.plan),
        Cell::text(row.interval),
        Cell::text(row.quantity),
        amount(row.mrr),
        currency(row.mrr),
        at(row.period_start_at),
        at(row.period_end_at),
        at(row.trial_end_at),
        at(row.ends_at),
        truth(row.is_cancelling),
        Cell::At(row.started_at),
    ]
}

pub(super) const INVOICES: &[&str] = &[
    "id",
    "number",
    "customer",
    "name",
    "status",
    "database_status",
    "verdict",
    "currency",
    "total",
    "tax",
    "paid",
    "remaining",
    "created_at",
    "due_at",
    "paid_at",
    "attempts",
    "next_attempt_at",
    "reason",
];

pub(super) fn invoice(row: InvoiceRow) -> Vec<Cell> {
    vec![
        Cell::text(row.id.as_str()),
        word(row.number),
        word(row.customer.map(|customer| customer.to_string())),
        masked(row.name),
        Cell::text(row.status),
        word(row.database_status),
        Cell::text(row.verdict),
        currency(row.total),
        amount(row.total),
        amount(row.tax),
        amount(row.paid),
        amount(row.remaining),
        Cell::At(row.created_at),
        at(row.due_at),
        at(row.paid_at),
        Cell::Number { value: i128::from(row.attempts), digits: 0 },
        at(row.next_attempt_at),
        Cell::text(row.reason),
    ]
}

pub(super) const EVENTS: &[&str] =
    &["id", "type", "created_at", "object", "customer", "delivery", "pending", "row", "lag_seconds", "api_version"];

pub(super) fn event(row: EventRow) -> Vec<Cell> {
    vec![
        Cell::text(row.id.as_str()),
        Cell::text(row.kind),
        Cell::At(row.created_at),
        Cell::text(row.object),
        word(row.customer.map(|customer| customer.to_string())),
        Cell::text(row.delivery),
        Cell::Number { value: i128::from(row.pending), digits: 0 },
        Cell::text(row.row),
        row.lag_s.map_or(Cell::Unknown, |lag| Cell::Number { value: i128::from(lag), digits: 0 }),
        Cell::text(row.api_version),
    ]
}

/// Gives the largest sum as a number with its currency, and the others as text: currencies are never added.
fn sums(sums: &[Money]) -> [Cell; 3] {
    let Some((first, others)) = sums.split_first() else { return [const { Cell::Unknown }; 3] };
    let others: Vec<String> = others.iter().map(ToString::to_string).collect();
    [amount(*first), currency(*first), word(Some(others.join(" + ")).filter(|others| !others.is_empty()))]
}

fn amount(money: Money) -> Cell {
    Cell::Number { value: i128::from(money.minor.0), digits: money.currency.exponent() }
}

fn currency(money: Money) -> Cell {
    Cell::text(money.currency.iso())
}

fn masked(value: Masked) -> Cell {
    word(Some(value.shown).filter(|shown| !shown.is_empty()))
}

fn word(text: Option<String>) -> Cell {
    text.map_or(Cell::Unknown, Cell::Text)
}

fn at(instant: Option<Instant>) -> Cell {
    instant.map_or(Cell::Unknown, Cell::At)
}

fn truth(is_so: bool) -> Cell {
    Cell::text(if is_so { "yes" } else { "no" })
}
