//! How each resident's values move over the years: points that the generator joins with straight lines.
//!
//! Values without a course stay around the middle of the person's reference range. For coded answers the number is the
//! place in the analyte's list of answers.

use super::{
    analytes::Who,
    people::{DARIUSH, FATMA, FINJA, GALINA, HEINZ, JOERN, KAETHE, KWAME, RANIA, YUSUF, ZBIGNIEW},
};

/// One value of one resident over time.
pub(super) struct Course {
    /// Place in `District::residents`.
    pub(super) resident: usize,
    /// Key of the analyte.
    pub(super) key: &'static str,
    /// (days before today, value), oldest first.
    pub(super) points: &'static [(i32, f64)],
}

/// From when another reference range holds for a resident.
pub(super) struct Condition {
    /// Place in `District::residents`.
    pub(super) resident: usize,
    /// What holds for them.
    pub(super) who: Who,
    /// Since how many days before today.
    pub(super) since_days_ago: i32,
}

const fn course(resident: usize, key: &'static str, points: &'static [(i32, f64)]) -> Course {
    Course { resident, key, points }
}

const fn condition(resident: usize, who: Who, since_days_ago: i32) -> Condition {
    Condition { resident, who, since_days_ago }
}

/// Everything that moves a range.
pub(super) static CONDITIONS: &[Condition] = &[
    condition(RANIA, Who::Pregnant, 222),
    condition(DARIUSH, Who::Anticoagulated, 1100),
    condition(FATMA, Who::HeartPatient, 960),
    condition(ZBIGNIEW, Who::HeartPatient, 705),
];

/// Every course.
pub(super) static COURSES: &[Course] = &[
    // Iron deficiency at four, throat infections, hay fever.
    course(YUSUF, "hb", &[(760, 10.9), (660, 12.1), (0, 12.8)]),
    course(YUSUF, "mcv", &[(760, 71.0), (580, 78.0), (0, 80.0)]),
    course(YUSUF, "ferr", &[(760, 6.0), (660, 17.0), (580, 28.0), (0, 31.0)]),
    course(YUSUF, "crp", &[(445, 1.0), (440, 34.0), (430, 2.0), (100, 1.0), (95, 22.0), (88, 0.4)]),
    course(YUSUF, "strep", &[(443, 0.0), (441, 1.0), (439, 1.0), (437, 0.0), (97, 0.0), (95, 1.0), (92, 0.0)]),
    course(YUSUF, "ige", &[(760, 110.0), (205, 268.0)]),
    course(YUSUF, "ige-birch", &[(205, 12.4)]),
    course(YUSUF, "ige-grass", &[(205, 6.80)]),
    course(YUSUF, "ige-mite", &[(205, 0.05)]),
    course(YUSUF, "eos", &[(760, 3.0), (205, 7.6)]),
    // Iron deficiency before and during the pregnancy (last period 231 days ago).
    course(
        RANIA,
        "hb",
        &[(1020, 11.4), (930, 12.4), (500, 12.9), (185, 12.0), (130, 11.2), (88, 10.3), (50, 10.8), (0, 11.4)],
    ),
    course(RANIA, "mcv", &[(1020, 77.0), (800, 85.0), (185, 86.0), (88, 79.0), (0, 83.0)]),
    course(
        RANIA,
        "ferr",
        &[(1020, 7.0), (930, 22.0), (500, 34.0), (185, 29.0), (130, 14.0), (88, 8.0), (50, 19.0), (0, 30.0)],
    ),
    course(RANIA, "leuk", &[(240, 6.8), (120, 9.4), (0, 10.6)]),
    course(RANIA, "thr", &[(240, 262.0), (0, 218.0)]),
    course(RANIA, "tsh", &[(1020, 1.6), (185, 0.9), (0, 1.3)]),
    course(RANIA, "gluc", &[(200, 82.0), (57, 86.0)]),
    course(RANIA, "gluc1", &[(57, 158.0)]),
    course(RANIA, "gluc2", &[(57, 128.0)]),
    course(RANIA, "rubella", &[(185, 74.0)]),
    course(RANIA, "u-leuk", &[(152, 0.0), (147, 2.0), (140, 2.0), (134, 0.0)]),
    course(RANIA, "u-prot", &[(40, 0.0), (8, 1.0)]),
    course(RANIA, "sediment", &[(152, 0.0), (147, 1.0), (140, 1.0), (134, 0.0)]),
    course(RANIA, "u-cult", &[(152, 0.0), (147, 1.0), (142, 1.0), (134, 0.0)]),
    // Hashimoto's disease, adjusted with levothyroxine.
    course(
        FINJA,
        "tsh",
        &[(985, 11.8), (940, 6.4), (890, 2.9), (640, 2.2), (430, 5.6), (370, 2.4), (120, 2.0), (0, 1.8)],
    ),
    course(FINJA, "ft4", &[(985, 0.74), (940, 0.92), (890, 1.14), (430, 0.93), (370, 1.20), (0, 1.24)]),
    course(FINJA, "tpo", &[(985, 412.0), (0, 205.0)]),
    course(FINJA, "ferr", &[(985, 13.0), (700, 26.0), (320, 14.0), (0, 32.0)]),
    course(FINJA, "hb", &[(985, 12.2), (0, 13.1)]),
    course(FINJA, "crp", &[(268, 0.5), (262, 28.0), (250, 0.5)]),
    course(FINJA, "esr", &[(262, 34.0)]),
    course(FINJA, "lymph", &[(268, 32.0), (262, 52.0), (240, 34.0)]),
    // Blood sugar on the way to diabetes and back.
    course(KWAME, "hba1c", &[(810, 5.7), (560, 6.1), (380, 6.0), (190, 5.8), (0, 5.6)]),
    course(KWAME, "gluc", &[(810, 101.0), (560, 112.0), (190, 103.0), (0, 97.0)]),
    course(KWAME, "ldl", &[(810, 148.0), (0, 122.0)]),
    course(KWAME, "tg", &[(810, 186.0), (0, 124.0)]),
    course(KWAME, "alt", &[(810, 62.0), (400, 54.0), (0, 38.0)]),
    course(KWAME, "ggt", &[(810, 71.0), (0, 46.0)]),
    course(KWAME, "vitd", &[(700, 9.0), (600, 24.0), (330, 13.0), (0, 31.0)]),
    course(KWAME, "crp", &[(505, 0.8), (500, 61.0), (488, 0.4)]),
    course(KWAME, "esr", &[(500, 38.0)]),
    course(KWAME, "leuk", &[(505, 5.2), (500, 12.9), (488, 6.1)]),
    // Valproate: once too low (forgotten), platelets slowly falling, a little weight on the liver.
    course(JOERN, "valp", &[(1060, 72.0), (720, 70.0), (613, 37.0), (500, 66.0), (200, 78.0), (0, 74.0)]),
    course(JOERN, "thr", &[(1060, 214.0), (500, 188.0), (0, 152.0)]),
    course(JOERN, "alt", &[(1060, 34.0), (300, 52.0), (0, 48.0)]),
    course(JOERN, "ggt", &[(1060, 48.0), (300, 68.0), (0, 61.0)]),
    course(JOERN, "crea", &[(1060, 0.82), (0, 0.88)]),
    course(JOERN, "na", &[(1060, 140.0), (0, 138.0)]),
    course(JOERN, "vitd", &[(620, 11.0), (520, 26.0), (0, 29.0)]),
    course(JOERN, "tg", &[(1060, 172.0), (0, 188.0)]),
    // Type 2 diabetes, well adjusted with setbacks; kidneys show the first signs; statin since the heart diagnosis.
    course(
        FATMA,
        "hba1c",
        &[(1075, 8.9), (980, 8.1), (880, 7.5), (700, 7.1), (520, 7.0), (430, 7.9), (340, 8.3), (240, 7.4), (0, 6.9)],
    ),
    course(FATMA, "gluc", &[(1075, 196.0), (880, 158.0), (520, 138.0), (340, 178.0), (0, 129.0)]),
    course(FATMA, "crea", &[(1075, 0.76), (500, 0.84), (0, 0.93)]),
    course(FATMA, "acr", &[(1075, 16.0), (700, 34.0), (400, 58.0), (0, 36.0)]),
    course(FATMA, "ldl", &[(1075, 152.0), (965, 146.0), (900, 88.0), (600, 74.0), (330, 62.0), (0, 51.0)]),
    course(FATMA, "tg", &[(1075, 214.0), (600, 168.0), (0, 142.0)]),
    course(FATMA, "hdl", &[(1075, 41.0), (0, 46.0)]),
    course(FATMA, "alt", &[(1075, 39.0), (0, 28.0)]),
    course(FATMA, "bnp", &[(960, 188.0), (500, 142.0), (0, 104.0)]),
    course(FATMA, "tnt", &[(960, 11.0), (0, 8.0)]),
    course(FATMA, "u-gluc", &[(1075, 3.0), (880, 2.0), (800, 0.0), (420, 0.0), (340, 2.0), (240, 0.0)]),
    course(FATMA, "u-prot", &[(700, 0.0), (400, 2.0), (0, 1.0)]),
    course(FATMA, "vitd", &[(860, 8.0), (760, 22.0), (0, 27.0)]),
    course(FATMA, "u-cult", &[(616, 0.0), (612, 1.0), (604, 0.0)]),
    course(FATMA, "u-leuk", &[(618, 0.0), (612, 3.0), (602, 0.0)]),
    course(FATMA, "u-nit", &[(618, 0.0), (612, 1.0), (602, 0.0)]),
    course(FATMA, "lpa", &[(955, 128.0)]),
    // INR around 2.5; one dangerous excursion with an antibiotic.
    course(
        DARIUSH,
        "inr",
        &[
            (1080, 2.2),
            (900, 2.6),
            (700, 2.4),
            (545, 2.5),
            (522, 5.7),
            (518, 1.8),
            (497, 2.4),
            (260, 2.9),
            (150, 2.3),
            (0, 2.5),
        ],
    ),
    course(DARIUSH, "bnp", &[(1050, 610.0), (700, 540.0), (300, 720.0), (0, 480.0)]),
    course(DARIUSH, "crea", &[(1080, 1.02), (0, 1.16)]),
    course(DARIUSH, "k", &[(1080, 4.4), (0, 4.6)]),
    course(DARIUSH, "tsh", &[(1050, 0.34), (700, 0.62), (0, 0.9)]),
    course(DARIUSH, "hb", &[(1080, 14.6), (540, 14.2), (520, 12.9), (430, 14.0), (0, 14.3)]),
    course(DARIUSH, "ldl", &[(1080, 138.0), (600, 104.0), (0, 92.0)]),
    course(DARIUSH, "psa", &[(600, 1.84), (0, 2.12)]),
    // Kidney function declines; potassium, phosphate and blood count follow.
    course(GALINA, "crea", &[(1070, 1.32), (800, 1.48), (560, 1.68), (300, 1.92), (120, 2.14), (0, 2.22)]),
    course(GALINA, "urea", &[(1070, 52.0), (560, 71.0), (0, 96.0)]),
    course(GALINA, "k", &[(1070, 4.6), (560, 5.0), (260, 5.4), (200, 5.7), (150, 5.1), (0, 5.0)]),
    course(GALINA, "phos", &[(1070, 3.6), (560, 4.1), (0, 4.8)]),
    course(GALINA, "uric", &[(1070, 6.4), (0, 7.3)]),
    course(GALINA, "acr", &[(1070, 164.0), (700, 290.0), (420, 410.0), (200, 330.0), (0, 280.0)]),
    course(GALINA, "u-prot", &[(1070, 2.0), (0, 3.0)]),
    course(GALINA, "hb", &[(1070, 12.3), (560, 11.5), (200, 10.4), (90, 10.9), (0, 11.2)]),
    course(GALINA, "ferr", &[(1070, 64.0), (300, 38.0), (0, 92.0)]),
    course(GALINA, "pth", &[(1000, 72.0), (500, 98.0), (0, 134.0)]),
    course(GALINA, "vitd", &[(1000, 16.0), (800, 27.0), (0, 32.0)]),
    course(GALINA, "ldl", &[(1070, 134.0), (700, 92.0), (0, 78.0)]),
    course(GALINA, "bnp", &[(690, 320.0), (0, 460.0)]),
    course(GALINA, "tnt", &[(690, 18.0), (0, 21.0)]),
    // Heart attack 705 days ago; gout with one attack until the dose was right.
    course(
        ZBIGNIEW,
        "ldl",
        &[(1000, 172.0), (706, 166.0), (660, 92.0), (540, 71.0), (360, 58.0), (180, 49.0), (0, 47.0)],
    ),
    course(ZBIGNIEW, "hdl", &[(1000, 38.0), (0, 44.0)]),
    course(ZBIGNIEW, "tg", &[(1000, 238.0), (500, 176.0), (0, 138.0)]),
    course(ZBIGNIEW, "lpa", &[(680, 5.0)]),
    course(ZBIGNIEW, "uric", &[(1000, 8.9), (420, 9.3), (400, 9.1), (340, 7.2), (250, 6.2), (0, 5.4)]),
    course(ZBIGNIEW, "crp", &[(425, 2.0), (405, 46.0), (396, 9.0), (370, 1.5), (0, 0.5)]),
    course(ZBIGNIEW, "ck", &[(1000, 148.0), (560, 232.0), (460, 164.0)]),
    course(ZBIGNIEW, "alt", &[(1000, 46.0), (600, 58.0), (0, 41.0)]),
    course(ZBIGNIEW, "ggt", &[(1000, 94.0), (0, 57.0)]),
    course(ZBIGNIEW, "bnp", &[(680, 410.0), (400, 196.0), (0, 98.0)]),
    course(ZBIGNIEW, "tnt", &[(690, 62.0), (650, 12.0), (0, 9.0)]),
    course(ZBIGNIEW, "gluc", &[(1000, 106.0), (0, 99.0)]),
    course(ZBIGNIEW, "hba1c", &[(1000, 5.8), (0, 5.6)]),
    course(ZBIGNIEW, "ifobt", &[(283, 0.0), (281, 1.0), (278, 1.0), (276, 0.0)]),
    // Heart failure at 91; pneumonia 310 days ago; a urinary infection.
    course(
        KAETHE,
        "bnp",
        &[(1060, 1680.0), (700, 1920.0), (330, 2450.0), (306, 4180.0), (270, 2600.0), (120, 2050.0), (0, 2180.0)],
    ),
    course(KAETHE, "crea", &[(1060, 0.98), (330, 1.08), (308, 1.42), (280, 1.14), (0, 1.19)]),
    course(KAETHE, "na", &[(1060, 137.0), (330, 134.0), (308, 129.0), (285, 133.0), (0, 135.0)]),
    course(KAETHE, "k", &[(1060, 4.1), (640, 3.4), (590, 4.2), (0, 4.4)]),
    course(KAETHE, "hb", &[(1060, 12.1), (330, 11.4), (300, 10.6), (0, 11.5)]),
    course(KAETHE, "crp", &[(315, 4.0), (310, 146.0), (307, 88.0), (301, 21.0), (288, 4.0)]),
    course(KAETHE, "pct", &[(315, 0.05), (310, 0.92), (307, 0.38), (301, 0.08)]),
    course(KAETHE, "leuk", &[(315, 7.1), (310, 15.4), (307, 11.8), (301, 8.4), (288, 6.9)]),
    course(KAETHE, "vitd", &[(980, 12.0), (860, 28.0), (0, 33.0)]),
    course(KAETHE, "b12", &[(980, 182.0), (860, 410.0), (0, 460.0)]),
    course(KAETHE, "tsh", &[(1060, 3.4), (0, 3.9)]),
    course(KAETHE, "u-leuk", &[(138, 0.0), (133, 3.0), (122, 0.0)]),
    course(KAETHE, "u-nit", &[(138, 0.0), (133, 1.0), (126, 0.0)]),
    course(KAETHE, "u-hb", &[(138, 0.0), (133, 1.0), (126, 0.0)]),
    course(KAETHE, "sediment", &[(138, 0.0), (133, 1.0), (126, 0.0)]),
    course(KAETHE, "u-cult", &[(138, 0.0), (133, 1.0), (128, 1.0), (124, 0.0)]),
    // COPD, first reports.
    course(HEINZ, "crp", &[(6, 14.0)]),
    course(HEINZ, "hb", &[(6, 17.4)]),
    course(HEINZ, "hba1c", &[(6, 6.3)]),
    course(HEINZ, "gluc", &[(6, 108.0)]),
    course(HEINZ, "bnp", &[(5, 240.0)]),
];

/// The value of a course on a day, if the resident has one for this analyte.
pub(super) fn value_on(resident: usize, key: &str, days_ago: i32) -> Option<f64> {
    let course = COURSES.iter().find(|course| course.resident == resident && course.key == key)?;
    let older = course.points.iter().rev().find(|(day, _)| *day >= days_ago);
    let newer = course.points.iter().find(|(day, _)| *day <= days_ago);
    match (older, newer) {
        (Some((from, start)), Some((to, end))) if from != to => {
            let share = f64::from(from - days_ago) / f64::from(from - to);
            Some(start + (end - start) * share)
        }
        (Some((_, value)), _) | (None, Some((_, value))) => Some(*value),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courses_run_forward_and_are_joined_with_straight_lines() {
        for course in COURSES {
            assert!(course.points.is_sorted_by(|a, b| a.0 > b.0), "{} {}", course.resident, course.key);
        }
        assert_eq!(value_on(KWAME, "ldl", 900), Some(148.0));
        assert_eq!(value_on(KWAME, "ldl", 405), Some(135.0));
        assert_eq!(value_on(KWAME, "ldl", 0), Some(122.0));
        assert_eq!(value_on(KWAME, "inr", 0), None);
    }
}
