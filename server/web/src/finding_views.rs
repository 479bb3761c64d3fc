//! Findings as they go over the wire. Only what `domain::disclosure` has let through comes here.

use nahraum_api_spec::findings::{
    DocumentInfo, Finding, FindingDifferences as WireDifferences, FindingSummary, FindingValue, PracticeRef,
    Quantity as WireQuantity, ReferenceRange, Trend, TrendPoint, TrendSegment, ValueDifference,
};
use nahraum_app::findings::FindingDifferences;
use nahraum_domain::{
    audit::statement::hex,
    disclosure::{FindingRecord, PracticeName, SummaryRecord, TrendRecord},
    finding::{FindingState, Flag, Observation, Quantity, Value},
    kdl,
    understanding::{place, segments, stands_out, usual_range},
};
use nahraum_texts::{Banner, Language, banner, kind_label, place_text, status_text};

/// One line of the list.
pub(crate) fn summary(record: &SummaryRecord, language: Language) -> FindingSummary {
    let on_top = match record.state {
        FindingState::Superseded => Some(Banner::Superseded),
        FindingState::Recalled => Some(Banner::Recalled),
        FindingState::Delivered
        | FindingState::Waiting
        | FindingState::Inbox
        | FindingState::Rejected
        | FindingState::Expired => None,
    };
    FindingSummary {
        id: record.id.to_string(),
        state: record.state.as_str().into(),
        kind: record.class.kind.as_str().into(),
        kind_label: kind_label(language, record.class.kind).into(),
        title: record.title.as_ref().map(|title| title.reveal().clone()),
        practice: practice(&record.practice),
        date: record.date.to_string(),
        received_at: record.received_at.to_string(),
        read: record.read_at.is_some(),
        value_count: record.value_count,
        flagged_count: record.flagged_count,
        has_document: record.document.is_some(),
        banner: on_top.map(|b| banner(language, b).into()),
    }
}

/// A practice by id and name.
pub(crate) fn practice(practice: &PracticeName) -> PracticeRef {
    PracticeRef { id: practice.id.to_string(), name: practice.name.clone() }
}

/// One finding.
pub(crate) fn finding(record: &FindingRecord, language: Language) -> Finding {
    Finding {
        summary: summary(&record.summary, language),
        document_class: record.summary.class.code.into(),
        document_class_version: kdl::KDL_VERSION.into(),
        report_status: record.report_status.as_str().into(),
        author: record.author.as_ref().map(|author| author.reveal().clone()),
        note: record.note.as_ref().map(|note| note.reveal().clone()),
        issued_at: record.issued_at.map(|at| at.to_string()),
        document: record.summary.document.as_ref().map(|document| DocumentInfo {
            media_type: document.media_type.as_str().into(),
            size: document.size,
            sha256: hex(&document.sha256),
        }),
        values: (0..).zip(&record.observations).map(|(position, o)| value(position, o, language)).collect(),
        stands_out: stands_out(&record.observations),
        superseded_by: record.superseded_by.map(|id| id.to_string()),
        replaces: record.replaces.map(|id| id.to_string()),
        recalled_at: record.recalled_at.map(|at| at.to_string()),
    }
}

/// One value.
pub(crate) fn value(position: u32, o: &Observation, language: Language) -> FindingValue {
    let place = place(o);
    let mut wire = FindingValue {
        position,
        name: o.name.reveal().clone(),
        group: o.group.clone(),
        loinc: o.loinc.clone(),
        local_code: o.local_code.clone(),
        kind: String::new(),
        raw_text: o.raw_text.reveal().clone(),
        quantity: None,
        first: None,
        second: None,
        text: None,
        absent_reason: None,
        flag: o.flag.map(|flag: Flag| flag.as_str().into()),
        place: place.map(|place| place.as_str().into()),
        place_text: place.map(|place| place_text(language, place).into()),
        status: o.status.clone(),
        status_text: status_text(language, &o.status).map(Into::into),
        ranges: o.ranges.iter().map(range).collect(),
        effective_at: o.effective_at.map(|at| at.to_string()),
        method: o.method.clone(),
        specimen: o.specimen.clone(),
        comment: o.comment.as_ref().map(|comment| comment.reveal().clone()),
    };
    fill(&mut wire, &o.value);
    wire
}

fn fill(wire: &mut FindingValue, value: &Value) {
    wire.kind = match value {
        Value::Quantity(q) => {
            wire.quantity = Some(quantity(q));
            "quantity"
        }
        Value::Range { low, high } => {
            wire.first = low.as_ref().map(quantity);
            wire.second = high.as_ref().map(quantity);
            "range"
        }
        Value::Ratio { numerator, denominator } => {
            wire.first = Some(quantity(numerator));
            wire.second = Some(quantity(denominator));
            "ratio"
        }
        Value::Text(text) => {
            wire.text = Some(text.reveal().clone());
            "text"
        }
        Value::Coded { text, .. } => {
            wire.text = Some(text.reveal().clone());
            "coded"
        }
        Value::Absent { reason } => {
            wire.absent_reason.clone_from(reason);
            "absent"
        }
    }
    .into();
}

fn quantity(q: &Quantity) -> WireQuantity {
    let digits = q.value.reveal().to_string();
    WireQuantity {
        comparator: q.comparator.map(|c| c.as_str().into()),
        number: serde_json::from_str(&digits).unwrap_or_else(|_| 0.into()),
        value: digits,
        unit: q.unit.clone(),
        ucum: q.ucum.clone(),
    }
}

/// What differs between two versions.
pub(crate) fn differences(found: Option<FindingDifferences>, language: Language) -> WireDifferences {
    let compared_with = found.as_ref().map(|found| found.compared_with.to_string());
    let side = |side: Option<(u32, Observation)>| side.map(|(position, o)| value(position, &o, language));
    let items = found.into_iter().flat_map(|found| found.items).map(|change| ValueDifference {
        difference: change.difference.as_str().into(),
        before: side(change.before),
        after: side(change.after),
    });
    WireDifferences { compared_with, items: items.collect() }
}

/// A value over time.
pub(crate) fn trend(points: &[TrendRecord], loinc: Option<String>, language: Language) -> Trend {
    let newest = points.last().map(|point| &point.observation);
    Trend {
        name: newest.map_or_else(String::new, |newest| newest.name.reveal().clone()),
        loinc,
        band: newest.and_then(usual_range).map(range),
        segments: segments(points)
            .into_iter()
            .map(|segment| TrendSegment {
                points: segment.points,
                because: segment.because.into_iter().map(|because| because.as_str().into()).collect(),
            })
            .collect(),
        points: points
            .iter()
            .map(|point| TrendPoint {
                finding_id: point.finding.to_string(),
                date: point.date.to_string(),
                practice: practice(&point.practice),
                author: point.author.as_ref().map(|author| author.reveal().clone()),
                value: value(0, &point.observation, language),
            })
            .collect(),
    }
}

fn range(range: &nahraum_domain::finding::ReferenceRange) -> ReferenceRange {
    ReferenceRange {
        kind: range.kind.as_str().into(),
        low: range.low.as_ref().map(|d| d.reveal().to_string()),
        high: range.high.as_ref().map(|d| d.reveal().to_string()),
        unit: range.unit.clone(),
        text: range.text.clone(),
        applies_to: range.applies_to.clone(),
    }
}
