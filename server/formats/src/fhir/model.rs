//! The parts of FHIR R4 resources that findings are read from. Field names are those of the specification.
//!
//! Everything may be missing, unknown properties are skipped, and a list may be `null`, hold `null` or be a single object:
//! senders do all of that. A property of a wrong type is an error, because its meaning is not known.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::lenient::{Base64, Exact, List};

/// `DiagnosticReport.note` of FHIR R5 in R4, by the rule for cross-version extensions.
pub(crate) const REPORT_NOTE: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note";

/// Declares structures whose fields all have defaults and FHIR's camelCase names.
macro_rules! fhir {
    ($($(#[$meta:meta])* $name:ident $(<$life:lifetime>)? { $($(#[$field_meta:meta])* $field:ident : $type:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub(super) struct $name $(<$life>)? { $($(#[$field_meta])* pub(super) $field: $type,)* }
    )*};
}

fhir! {
    /// The property that says what everything else means.
    Head { resource_type: Option<String>, }

    Coding { system: Option<String>, code: Option<String>, display: Option<String>, }

    CodeableConcept { coding: List<Coding>, text: Option<String>, }

    Identifier { r#type: Option<CodeableConcept>, system: Option<String>, value: Option<String>, }

    Reference { reference: Option<String>, identifier: Option<Identifier>, display: Option<String>, }

    Quantity {
        value: Option<Exact>,
        comparator: Option<String>,
        unit: Option<String>,
        system: Option<String>,
        code: Option<String>,
    }

    Range { low: Option<Quantity>, high: Option<Quantity>, }

    Ratio { numerator: Option<Quantity>, denominator: Option<Quantity>, }

    Period { start: Option<String>, end: Option<String>, }

    Annotation { text: Option<String>, }

    Narrative { status: Option<String>, div: Option<String>, }

    Attachment<'a> {
        #[serde(borrow)]
        data: Option<Base64<'a>>,
        url: Option<String>,
        title: Option<String>,
        creation: Option<String>,
    }

    Meta { version_id: Option<String>, }

    Extension {
        url: Option<String>,
        value_codeable_concept: Option<CodeableConcept>,
        value_coding: Option<Coding>,
        value_string: Option<String>,
        value_code: Option<String>,
        value_integer: Option<Exact>,
        value_positive_int: Option<Exact>,
        value_unsigned_int: Option<Exact>,
        value_annotation: Option<Annotation>,
    }

    HumanName { text: Option<String>, family: Option<String>, given: List<String>, prefix: List<String>, }

    Entry<'a> {
        full_url: Option<String>,
        #[serde(borrow)]
        resource: Option<&'a RawValue>,
    }

    Bundle<'a> {
        r#type: Option<String>,
        identifier: Option<Identifier>,
        #[serde(borrow)]
        entry: List<Entry<'a>>,
    }

    /// What every resource may carry besides its own content.
    Envelope<'a> {
        id: Option<String>,
        #[serde(borrow)]
        contained: List<&'a RawValue>,
    }

    Patient { identifier: List<Identifier>, name: List<HumanName>, birth_date: Option<String>, }

    Practitioner { name: List<HumanName>, }

    Organization { name: Option<String>, }

    PractitionerRole { practitioner: Option<Reference>, organization: Option<Reference>, }

    /// Specimen and ServiceRequest: only whom they belong to and what they are called.
    Specimen {
        subject: Option<Reference>,
        r#type: Option<CodeableConcept>,
        collection: Option<Collection>,
    }

    Collection { collected_date_time: Option<String>, }

    ServiceRequest { subject: Option<Reference>, }

    Binary<'a> {
        #[serde(borrow)]
        data: Option<Base64<'a>>,
    }

    Composition {
        extension: List<Extension>,
        identifier: Option<Identifier>,
        r#type: Option<CodeableConcept>,
        category: List<CodeableConcept>,
        subject: Option<Reference>,
        author: List<Reference>,
        title: Option<String>,
        date: Option<String>,
        relates_to: List<Relation>,
    }

    /// Of a Composition, which has `targetIdentifier`, and of a DocumentReference, which has `target`.
    Relation { code: Option<String>, target_identifier: Option<Identifier>, target: Option<Reference>, }

    DiagnosticReport<'a> {
        meta: Option<Meta>,
        extension: List<Extension>,
        modifier_extension: List<Extension>,
        identifier: List<Identifier>,
        status: Option<String>,
        category: List<CodeableConcept>,
        code: Option<CodeableConcept>,
        subject: Option<Reference>,
        effective_date_time: Option<String>,
        effective_period: Option<Period>,
        issued: Option<String>,
        performer: List<Reference>,
        results_interpreter: List<Reference>,
        result: List<Reference>,
        conclusion: Option<String>,
        note: List<Annotation>,
        #[serde(borrow)]
        presented_form: List<Attachment<'a>>,
    }

    ReferenceRange {
        low: Option<Quantity>,
        high: Option<Quantity>,
        r#type: Option<CodeableConcept>,
        applies_to: List<CodeableConcept>,
        age: Option<Range>,
        text: Option<String>,
    }

    /// What Observation and its components have in common.
    Measured {
        code: Option<CodeableConcept>,
        value_quantity: Option<Quantity>,
        value_codeable_concept: Option<CodeableConcept>,
        value_string: Option<String>,
        value_boolean: Option<bool>,
        value_integer: Option<Exact>,
        value_range: Option<Range>,
        value_ratio: Option<Ratio>,
        value_sampled_data: Option<IgnoredAny>,
        value_time: Option<String>,
        value_date_time: Option<String>,
        value_period: Option<Period>,
        data_absent_reason: Option<CodeableConcept>,
        interpretation: List<CodeableConcept>,
        reference_range: List<ReferenceRange>,
        modifier_extension: List<Extension>,
    }

    Observation {
        text: Option<Narrative>,
        status: Option<String>,
        category: List<CodeableConcept>,
        subject: Option<Reference>,
        effective_date_time: Option<String>,
        effective_instant: Option<String>,
        effective_period: Option<Period>,
        issued: Option<String>,
        identifier: List<Identifier>,
        meta: Option<Meta>,
        performer: List<Reference>,
        note: List<Annotation>,
        method: Option<CodeableConcept>,
        specimen: Option<Reference>,
        has_member: List<Reference>,
        derived_from: List<Reference>,
        component: List<Measured>,
    }

    Content<'a> {
        #[serde(borrow)]
        attachment: Option<Attachment<'a>>,
    }

    DocumentContext { period: Option<Period>, related: List<Reference>, }

    DocumentReference<'a> {
        meta: Option<Meta>,
        extension: List<Extension>,
        modifier_extension: List<Extension>,
        master_identifier: Option<Identifier>,
        identifier: List<Identifier>,
        status: Option<String>,
        doc_status: Option<String>,
        r#type: Option<CodeableConcept>,
        category: List<CodeableConcept>,
        subject: Option<Reference>,
        date: Option<String>,
        author: List<Reference>,
        description: Option<String>,
        #[serde(borrow)]
        content: List<Content<'a>>,
        context: Option<DocumentContext>,
        relates_to: List<Relation>,
    }
}

impl CodeableConcept {
    /// The words for the concept: its text, else the first display.
    pub(super) fn words(&self) -> Option<&str> {
        let display = || self.coding.iter().find_map(|c| filled(c.display.as_deref()));
        filled(self.text.as_deref()).or_else(display)
    }

    /// The words, else the first code.
    pub(super) fn words_or_code(&self) -> Option<&str> {
        self.words().or_else(|| self.coding.iter().find_map(|c| filled(c.code.as_deref())))
    }

    /// The first code of a system.
    pub(super) fn code_of(&self, system: &str) -> Option<&str> {
        self.coding.iter().filter(|c| c.is_of(system)).find_map(|c| filled(c.code.as_deref()))
    }
}

impl Coding {
    /// Whether the code is of this system.
    pub(super) fn is_of(&self, system: &str) -> bool {
        filled(self.system.as_deref()) == Some(system)
    }

    /// `system|code`, or the bare code.
    pub(super) fn token(&self) -> Option<String> {
        let code = filled(self.code.as_deref())?;
        Some(match filled(self.system.as_deref()) {
            Some(system) => format!("{system}|{code}"),
            None => code.to_owned(),
        })
    }
}

/// A text that says something.
pub(super) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}
