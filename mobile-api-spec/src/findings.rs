//! Room findings, the resident's side: the list, one finding with its values, trends.

use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::ToSchema;

/// One line of the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingSummary {
    /// The finding.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub id: String,
    /// `delivered`, `superseded` or `recalled`. Treat an unknown word as `delivered`.
    #[schema(example = "delivered")]
    pub state: String,
    /// The kind, for icons and filters: `laboratory`, `pathology`, `imaging`, `function`, `letter`, `medication`,
    /// `vaccination`, `other`. Treat an unknown word as `other`.
    #[schema(example = "laboratory")]
    pub kind: String,
    /// The kind in the resident's language.
    #[schema(example = "Labor")]
    pub kind_label: String,
    /// The title as the practice wrote it. Absent after a recall.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Laborbefund")]
    pub title: Option<String>,
    /// Who sent it.
    pub practice: PracticeRef,
    /// The day of the examination, or of the arrival when none was sent.
    #[schema(example = "2026-11-20", format = Date)]
    pub date: String,
    /// When it arrived.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub received_at: String,
    /// Whether the resident has marked it as read.
    #[schema(example = false)]
    pub read: bool,
    /// How many values could be read from it.
    #[schema(example = 12)]
    pub value_count: u32,
    /// How many of them the laboratory marks as outside its range.
    #[schema(example = 2)]
    pub flagged_count: u32,
    /// Whether there is a document to open.
    #[schema(example = true)]
    pub has_document: bool,
    /// A sentence to show on top, such as that a newer version exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Eine neuere Fassung liegt vor.")]
    pub banner: Option<String>,
}

/// The practice a finding comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct PracticeRef {
    /// The practice.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub id: String,
    /// Its name.
    #[schema(example = "Hausarztpraxis am Markt")]
    pub name: String,
}

/// A page of findings, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingList {
    /// The findings.
    pub items: Vec<FindingSummary>,
    /// Ask for more with this; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// One finding, opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// What the list shows of it.
    pub summary: FindingSummary,
    /// The KDL code of the document class.
    #[schema(example = "LB120107")]
    pub document_class: String,
    /// The year of the KDL list.
    #[schema(example = "2025")]
    pub document_class_version: String,
    /// The status of the report: `partial`, `preliminary`, `final`, `amended`, `corrected`, `appended`, `cancelled`.
    /// Treat an unknown word as `preliminary`.
    #[schema(example = "final")]
    pub report_status: String,
    /// The physician or institution, as the practice wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Labor Elbinsel")]
    pub author: Option<String>,
    /// A word from the practice to the resident.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Bitte rufen Sie uns wegen des nächsten Termins an.")]
    pub note: Option<String>,
    /// When the report was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-21T15:00:00Z")]
    pub issued_at: Option<String>,
    /// The document to open, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub document: Option<DocumentInfo>,
    /// The values, in the report's order.
    pub values: Vec<FindingValue>,
    /// The positions of those values that stand out: what the laboratory calls critical first, then what is far off, then the
    /// rest.
    #[schema(example = json!([0]))]
    pub stands_out: Vec<u32>,
    /// The version that took this one's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a03")]
    pub superseded_by: Option<String>,
    /// The version whose place this one took.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub replaces: Option<String>,
    /// When the practice took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-23T08:00:00Z")]
    pub recalled_at: Option<String>,
}

/// What `GET /v1/findings/{id}/content` will answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentInfo {
    /// `application/pdf`, `image/jpeg` or `image/png`.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// The size in bytes.
    #[schema(example = 48_213)]
    pub size: u64,
    /// SHA-256 of the bytes in lower-case hex; the `ETag` of the content is made from it.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
}

/// One value of a report. `kind` says which of the members is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingValue {
    /// The place in the report, from 0.
    #[schema(example = 0)]
    pub position: u32,
    /// The name, as the report has it.
    #[schema(example = "Kreatinin")]
    pub name: String,
    /// The heading it stands under.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Niere/Elektrolyte")]
    pub group: Option<String>,
    /// The LOINC code, if the sender sent one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2160-0")]
    pub loinc: Option<String>,
    /// The sender's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "KREA")]
    pub local_code: Option<String>,
    /// `quantity`, `range`, `ratio`, `text`, `coded` or `absent`. Show `raw_text` for an unknown word.
    #[schema(example = "quantity")]
    pub kind: String,
    /// Exactly what the sender wrote.
    #[schema(example = "5.10 mg/dl")]
    pub raw_text: String,
    /// The number, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub quantity: Option<Quantity>,
    /// The lower end of a span, or the left side of a ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub first: Option<Quantity>,
    /// The upper end of a span, or the right side of a ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub second: Option<Quantity>,
    /// The words, for texts and coded answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "negativ")]
    pub text: Option<String>,
    /// Why there is no value, e.g. `not-performed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "not-performed")]
    pub absent_reason: Option<String>,
    /// The laboratory's verdict: `N`, `H`, `L`, `HU`, `LU`, `HH`, `LL`, `A`, `AA` (HL7). Never computed here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "H")]
    pub flag: Option<String>,
    /// Where it stands in the laboratory's own range: `within`, `above`, `below`, `clearly-above`, `clearly-below`, `outside`
    /// (the laboratory names no direction). By the laboratory's flag, else by arithmetic with its one usual range. Absent
    /// where it gave neither: say nothing then, and nothing for an unknown word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "above")]
    pub place: Option<String>,
    /// The same in words, in the resident's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "über dem Bereich des Labors")]
    pub place_text: Option<String>,
    /// The status of this value, e.g. `final`, `corrected`.
    #[schema(example = "final")]
    pub status: String,
    /// What that means, where there is something to say: that the result follows, is preliminary, was corrected, or that there
    /// is none. In the resident's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Das Labor hat dieses Ergebnis berichtigt.")]
    pub status_text: Option<String>,
    /// The laboratory's ranges.
    pub ranges: Vec<ReferenceRange>,
    /// When the sample was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-20T07:45:00Z")]
    pub effective_at: Option<String>,
    /// The method, as the laboratory names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Jaffé")]
    pub method: Option<String>,
    /// The material.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Serum")]
    pub specimen: Option<String>,
    /// A remark of the laboratory.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Probe leicht hämolytisch")]
    pub comment: Option<String>,
}

/// A number with its unit. The number is exact: read it as a decimal, not as a float.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quantity {
    /// `<`, `<=`, `>=` or `>`, if the true value is only known to be below or above.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "<")]
    pub comparator: Option<String>,
    /// The number with all its digits, as text: `5.10` stays `5.10`.
    #[schema(example = "5.10")]
    pub value: String,
    /// The same as a JSON number, for drawing.
    #[schema(value_type = f64, example = 5.10)]
    pub number: Number,
    /// The unit in the sender's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "mg/dl")]
    pub unit: Option<String>,
    /// The unit as a UCUM code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "mg/dL")]
    pub ucum: Option<String>,
}

/// A range as the laboratory printed it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferenceRange {
    /// `normal`, `therapeutic` or `other`. Treat an unknown word as `other`.
    #[schema(example = "normal")]
    pub kind: String,
    /// The lower limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0.50")]
    pub low: Option<String>,
    /// The upper limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0.90")]
    pub high: Option<String>,
    /// The unit of the limits, if it is not the value's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "mg/dl")]
    pub unit: Option<String>,
    /// The range in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "< 0,90")]
    pub text: Option<String>,
    /// For whom it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Frauen")]
    pub applies_to: Option<String>,
}

/// One value over time, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Trend {
    /// The name the newest report gives the value.
    #[schema(example = "HbA1c")]
    pub name: String,
    /// The LOINC code, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "4548-4")]
    pub loinc: Option<String>,
    /// The points.
    pub points: Vec<TrendPoint>,
    /// Which neighbours may be joined by a line. Together the segments are as long as `points`.
    pub segments: Vec<TrendSegment>,
    /// The range to draw as a band behind the newest segment: that of its newest point, if it has one usual range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub band: Option<ReferenceRange>,
}

/// Points of a trend that may be joined by a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrendSegment {
    /// How many points, from the end of the segment before.
    #[schema(example = 4)]
    pub points: u32,
    /// What differs from the point before: `unit`, `method`, `laboratory`. Nothing at the first segment. An unknown word
    /// is a reason too.
    #[schema(example = json!([]))]
    pub because: Vec<String>,
}

/// What differs between a finding and the version whose place it took.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingDifferences {
    /// The older version. Absent when there is none, or nothing is left of what it said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub compared_with: Option<String>,
    /// What differs, in the newer one's order, then what is gone.
    pub items: Vec<ValueDifference>,
}

/// A value that differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValueDifference {
    /// `added`, `removed`, `changed`, or `status` (says the same, and is settled otherwise). Treat an unknown word as
    /// `changed`.
    #[schema(example = "changed")]
    pub difference: String,
    /// The value in the older version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub before: Option<FindingValue>,
    /// The value in the newer version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub after: Option<FindingValue>,
}

/// One point of a trend.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrendPoint {
    /// The finding it stands in.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub finding_id: String,
    /// The day it belongs to.
    #[schema(example = "2026-11-20", format = Date)]
    pub date: String,
    /// Who sent it.
    pub practice: PracticeRef,
    /// The laboratory or whoever else answers for it, as the finding has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Labor Elbinsel")]
    pub author: Option<String>,
    /// The value itself.
    pub value: FindingValue,
}

/// Something that has arrived and does not show yet. Nothing of what it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingFinding {
    /// Who sent it.
    pub practice: PracticeRef,
    /// When it arrived.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub received_at: String,
    /// For what it waits: `date`, `talk` (the practice wants to talk first), or `wish` (the resident wishes not to have it on
    /// the phone). Treat an unknown word as `talk`.
    #[schema(example = "date")]
    pub until: String,
    /// When it shows at the latest, if it waits for a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-12-06T09:30:00Z")]
    pub shows_at: Option<String>,
}

/// What waits, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingFindingList {
    /// What waits.
    pub items: Vec<WaitingFinding>,
}

/// How a finding is to be treated.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingChange {
    /// `normal`, `sensitive` or `put-away`.
    #[schema(example = "put-away")]
    pub treatment: String,
}
