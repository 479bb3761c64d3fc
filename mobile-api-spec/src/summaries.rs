//! Room summaries: findings in brief on paper.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to print.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SummaryOrder {
    /// The findings, in the order in which they are printed. 1 to 20, each once.
    #[schema(min_items = 1, max_items = 20, example = json!(["019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02"]))]
    pub finding_ids: Vec<String>,
}
