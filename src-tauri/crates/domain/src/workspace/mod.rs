//! The workspace: one billed product, its environments and what each of them is expected to have.
//!
//! Nothing of this is kept in a table of its own. Every change is an entry of the ledger ([`entry`]), and the present
//! state is what the entries add up to ([`record`]), so that a setting that decided a result can be proved later.

pub mod entry;
pub mod environment;
pub mod exposure;
pub mod price_list;
pub mod record;

pub use entry::Entry;
pub use environment::{Class, DatabaseConnection, DatabasePlace, Environment, Permission, Source, StripeConnection};
pub use exposure::{ExposedCount, Exposure, ExposureFault, ExposureOperator, ExposureRule};
pub use price_list::{ExchangeRate, PriceExpected, Workspace};
pub use record::Record;
