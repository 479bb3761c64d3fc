//! Long lists: page after page, everything once, whatever is added meanwhile; and a cursor is worth nothing elsewhere.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    house::House,
    paper::Upload,
    people::{Account, Patient, Resident},
};

promises![
    findings_are_paged_without_loss_while_more_arrive,
    receipts_invitations_and_the_log_are_paged,
    a_cursor_works_only_where_it_came_from,
    a_cursor_cannot_be_made_up,
    limits_are_kept,
];

fn id(item: &Value) -> String {
    item["id"].as_str().expect("an id").to_owned()
}

/// Follows a list to its end; `between` happens after every page.
fn follow(account: &Account, path: &str, mut between: impl FnMut()) -> Vec<String> {
    let mut ids = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let cursor = next.as_deref().map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        let page = account.get(&format!("{path}{cursor}")).expect(200).json();
        ids.extend(page["items"].as_array().unwrap().iter().map(id));
        match page["next_cursor"].as_str() {
            Some(cursor) => next = Some(cursor.to_owned()),
            None => return ids,
        }
        assert!(ids.len() < 500, "the list ends");
        between();
    }
}

fn with_findings(house: &House, count: usize) -> (crate::people::Practice, Resident, Vec<String>) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let ids = (0..count)
        .map(|n| {
            // Several share a day, so that the day alone cannot be the order.
            let day = format!("2026-10-{:02}", n / 3 + 1);
            id(&practice.software.deliver(&Upload::pdf(&resident.patient).saying("date", json!(day))))
        })
        .collect();
    (practice, resident, ids)
}

fn findings_are_paged_without_loss_while_more_arrive(house: &House) {
    let (practice, resident, first) = with_findings(house, 14);
    let mut days = ["2026-01-01", "2026-10-03", "2026-11-19"].iter().cycle();
    let seen = follow(&resident, "/v1/findings?limit=3", || {
        let day = json!(days.next());
        practice.software.deliver(&Upload::pdf(&resident.patient).saying("date", day));
    });
    let once: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(once.len(), seen.len(), "nothing twice");
    assert!(first.iter().all(|id| once.contains(id)), "nothing lost");
    let dates: Vec<String> = follow(&resident, "/v1/findings?limit=4", || {})
        .iter()
        .map(|id| resident.open(id)["summary"]["date"].as_str().unwrap().to_owned())
        .collect();
    assert!(dates.windows(2).all(|two| two[0] >= two[1]), "newest first: {dates:?}");
}

fn receipts_invitations_and_the_log_are_paged(house: &House) {
    let (practice, resident, findings) = with_findings(house, 7);
    for _ in 0..4 {
        practice.staff.invite(&Patient::new());
    }
    for (account, path, count) in [
        (&*practice.staff, "/v1/practice/findings?limit=2", 7),
        (&*practice.software, "/v1/practice/findings?limit=3", 7),
        (&*practice.staff, "/v1/practice/invitations?limit=2", 5),
        (&*resident, "/v1/access-log?limit=3", 8),
    ] {
        let seen = follow(account, path, || {});
        let once: BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), once.len()), (count, count), "{path}");
    }
    let newest_first: Vec<String> = findings.into_iter().rev().collect();
    assert_eq!(follow(&practice.staff, "/v1/practice/findings?limit=2", || {}), newest_first);
}

fn a_cursor_works_only_where_it_came_from(house: &House) {
    let (practice, resident, _) = with_findings(house, 3);
    let cursor = resident.get("/v1/findings?limit=1").expect(200).text("/next_cursor");
    resident.get(&format!("/v1/findings?limit=2&cursor={cursor}")).expect(200);
    resident.get(&format!("/v1/findings?kind=laboratory&cursor={cursor}")).problem(400, "cursor-mismatch");
    resident.get(&format!("/v1/findings?unread=true&cursor={cursor}")).problem(400, "cursor-mismatch");
    resident.get(&format!("/v1/access-log?cursor={cursor}")).problem(400, "cursor-mismatch");
    practice.resident().get(&format!("/v1/findings?cursor={cursor}")).problem(400, "cursor-mismatch");
    let receipts = practice.software.get("/v1/practice/findings?limit=1").expect(200).text("/next_cursor");
    practice.staff.get(&format!("/v1/practice/findings?cursor={receipts}")).problem(400, "cursor-mismatch");
    practice.staff.get(&format!("/v1/practice/invitations?cursor={receipts}")).problem(400, "cursor-mismatch");
}

fn a_cursor_cannot_be_made_up(house: &House) {
    let (_, resident, _) = with_findings(house, 2);
    let good = resident.get("/v1/findings?limit=1").expect(200).text("/next_cursor");
    let mut flipped = good.clone().into_bytes();
    let middle = flipped.len() / 2;
    flipped[middle] = if flipped[middle] == b'A' { b'B' } else { b'A' };
    let shorter = good[..good.len() - 4].to_owned();
    let all = [String::from_utf8(flipped).unwrap(), shorter, "x".into(), "e30".into(), "%00".into(), "A".repeat(3_000)];
    for cursor in all.iter().map(String::as_str).chain([""]) {
        resident.get(&format!("/v1/findings?cursor={cursor}")).problem(400, "cursor-mismatch");
    }
    assert!(!good.contains(&resident.id));
}

fn limits_are_kept(house: &House) {
    let (_, resident, _) = with_findings(house, 2);
    assert_eq!(resident.get("/v1/findings?limit=1").expect(200).items().len(), 1);
    assert_eq!(
        resident.get("/v1/findings?limit=99999").expect(200).items().len(),
        2,
        "more is as much as there may be"
    );
    for bad in ["0", "-1", "viele", "1.5", "", "18446744073709551616"] {
        resident.get(&format!("/v1/findings?limit={bad}")).problem(400, "invalid-parameter");
    }
    resident.get("/v1/findings?limit=1&limit=2").expect(400);
}
