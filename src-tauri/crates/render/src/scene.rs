//! Stand-in until the charts land.
#![allow(missing_docs, reason = "replaced by the charts' own change")]
#[derive(Debug, Clone, serde::Serialize, ts_rs::TS)]
pub struct Scene {
    pub width: f32,
}
