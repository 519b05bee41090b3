//! What is sold.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::ProductId;

/// A product. It can be archived while its prices stay active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Name shown to people.
    pub name: String,
    /// Whether it can be sold.
    pub is_active: bool,
    /// When it was made.
    pub created_at: Option<Instant>,
}
