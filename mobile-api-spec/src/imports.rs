//! Room imports: lists of offers that an organisation brings along.

use serde::Serialize;
use utoipa::ToSchema;

/// Services of HSDS 3: one, `{"services": […]}`, or a page with `contents`; a list of services is taken as well.
#[derive(Debug, Serialize, ToSchema)]
#[schema(value_type = Object)]
pub struct HsdsList(serde_json::Map<String, serde_json::Value>);

/// What a list does, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferImport {
    /// Whether this only says what would be done.
    #[schema(example = true)]
    pub dry_run: bool,
    /// Its offers, in the order of the list; with faults only those that are good.
    pub offers: Vec<ImportedOffer>,
    /// What is wrong with the list. As long as anything is, it cannot be imported.
    pub faults: Vec<ImportFault>,
    /// How many faults there are beside these 200.
    #[schema(example = 0)]
    pub more_faults: u64,
}

/// What a list does to one offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedOffer {
    /// The line of the table on which it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2)]
    pub line: Option<u64>,
    /// Where the service stands, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/services/0")]
    pub pointer: Option<String>,
    /// What the organisation knows it by: `key` of a table, `id` of a service.
    #[schema(example = "gehgruppe-1")]
    pub key: String,
    /// The offer; absent while it is not there yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub id: Option<String>,
    /// `new` (a draft), `changed`, `unchanged`, or `archived`: it is archived here and stays so. More may come.
    #[schema(example = "new")]
    pub effect: String,
    /// What is another than before: `facts`, `text:` with a language, `schedules`. More may come.
    #[schema(example = json!(["facts", "text:de"]))]
    pub changes: Vec<String>,
    /// What one has to know of it.
    pub notices: Vec<ImportNotice>,
}

/// What an importer has to know of an offer, without it being wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportNotice {
    /// A stable code. More may come.
    #[schema(example = "not-carried-over")]
    pub code: String,
    /// Which columns or fields it is about, from the offer on.
    #[schema(example = json!(["contacts", "schedules/0/notes"]))]
    pub fields: Vec<String>,
    /// A sentence about it.
    #[schema(example = "Nothing here holds what these fields say.")]
    pub detail: String,
}

/// What is wrong with a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportFault {
    /// The line of the file on which the record begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 7)]
    pub line: Option<u64>,
    /// Where the service stands, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/services/0")]
    pub pointer: Option<String>,
    /// The column or field; absent when it is the whole line or file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "cost")]
    pub field: Option<String>,
    /// A stable code. More may come.
    #[schema(example = "unknown-cost")]
    pub code: String,
    /// A sentence about it.
    #[schema(example = "The line has another number of columns than the first one.")]
    pub detail: String,
}
