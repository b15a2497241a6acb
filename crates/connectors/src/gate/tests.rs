//! The gate on single answers, right and wrong, and on any bytes.

use proptest::prelude::*;

use super::*;

fn gate(ticks: Ticks) -> Gate {
    let fields = [(Field::Surname, "name".to_owned()), (Field::SchoolEmail, "mail".to_owned())];
    let names = Names {
        list: "rows",
        permissions: Some("shared"),
        beside: &["skip"],
        key: "id".to_owned(),
        fields: fields.to_vec(),
    };
    Gate::new(ticks, names)
}

fn all() -> Ticks {
    Ticks::of(&Field::ALL, &["school.example"])
}

/// What becomes of one row.
fn judged(row: &str) -> Result<StaffContact, Vec<Stopped>> {
    let mut gate = gate(all());
    let page = gate.page(format!(r#"{{"rows":[{row}]}}"#).as_bytes()).unwrap();
    page.people.into_iter().next().ok_or_else(|| gate.stopped())
}

#[test]
fn a_row_is_let_in_or_stopped_with_its_reason() {
    let long = "x".repeat(Field::Surname.bytes_max() + 1);
    let long = format!(r#"{{"id":"1","mail":"a@school.example","name":"{long}"}}"#);
    let rows = [
        (r#"{"mail":"a@school.example"}"#, Reason::NoKey),
        (r#"{"id":null,"mail":"a@school.example"}"#, Reason::NoKey),
        (r#"{"id":"1","name":"Zelm"}"#, Reason::NoAddress),
        (r#"{"id":"1","mail":null}"#, Reason::NoAddress),
        (r#"{"id":"1","mail":" "}"#, Reason::NoAddress),
        (r#"{"id":"1","mail":"zelm"}"#, Reason::NotAnAddress),
        (r#"{"id":"1","mail":"a@b@school.example"}"#, Reason::NotAnAddress),
        (r#"{"id":"1","mail":"a@home.example"}"#, Reason::OtherDomain),
        (r#"{"id":"1","mail":3}"#, Reason::NotText(Field::SchoolEmail)),
        (
            r#"{"id":"1","mail":"a@school.example","name":["Zelm"]}"#,
            Reason::NotText(Field::Surname),
        ),
        (
            r#"{"id":"1","mail":"a@school.example","name":"Z\u0007"}"#,
            Reason::NotPlain(Field::Surname),
        ),
        (r#"{"id":"1","mail":"a@school.example","name":"١٢"}"#, Reason::NotPlain(Field::Surname)),
        (
            r#"{"id":"1","mail":"a@school.example","name":"Zelm 123456782"}"#,
            Reason::CitizenNumber(Field::Surname),
        ),
        (
            r#"{"id":"1","mail":"123456782@school.example"}"#,
            Reason::CitizenNumber(Field::SchoolEmail),
        ),
        (long.as_str(), Reason::TooLong(Field::Surname)),
    ];
    for (row, reason) in rows {
        assert_eq!(judged(row), Err(vec![Stopped { reason, count: 1 }]), "{row}");
    }
    let row = r#"{"id":7,"mail":"A@School.example","name":" Zelm 123456783 "}"#;
    let contact = judged(row).unwrap();
    assert_eq!(contact.surname.as_deref(), Some("Zelm 123456783"));
    assert_eq!(contact.given_name, None);
}

#[test]
fn what_has_no_tick_is_counted_by_name_and_not_kept() {
    let mut gate = gate(Ticks::of(&[], &[]));
    let row = r#"{"id":"1","mail":"a@school.example","name":"Zelm","bsn":"123456782","x y":[[]]}"#;
    let body = format!(r#"{{"skip":0,"rows":[{row}],"next":1,"123456782":{{}}}}"#);
    let page = gate.page(body.as_bytes()).unwrap();
    assert_eq!(page.people.first().unwrap().surname, None);
    let counted = |field: &str, count| Rejected { field: field.to_owned(), count };
    let expected =
        [counted("(other)", 2), counted("bsn", 1), counted("name", 1), counted("next", 1)];
    assert_eq!(gate.rejected(), expected);
}

#[test]
fn names_without_end_take_no_memory_without_end() {
    let mut gate = gate(all());
    let fields: Vec<String> = (0..1_000).map(|number| format!(r#""f{number}":1"#)).collect();
    gate.page(format!(r#"{{"rows":[{{{}}}]}}"#, fields.join(",")).as_bytes()).unwrap();
    assert!(gate.rejected().len() <= NAMES_MAX + 1);
    assert_eq!(gate.rejected().iter().map(|rejected| rejected.count).sum::<u64>(), 1_000);
}

#[test]
fn a_person_is_one_by_key_and_an_address_has_one_owner() {
    let mut gate = gate(all());
    let body =
        br#"{"rows":[{"id":"1","mail":"a@school.example"},{"id":"1","mail":"b@school.example"},
        {"id":"2","mail":"A@school.example"}]}"#;
    assert_eq!(gate.page(body).unwrap().people.len(), 1);
    assert_eq!((gate.people(), gate.repeated()), (1, 1));
    assert_eq!(gate.stopped(), [Stopped { reason: Reason::AddressTaken, count: 1 }]);
}

#[test]
fn what_is_no_page_is_refused() {
    let answers: [(&[u8], Rule); 10] = [
        (b"", Rule::NotJson),
        (b"{\"rows\":[", Rule::NotJson),
        (b"{\"rows\":[]} x", Rule::NotJson),
        (b"{\"rows\":[1e999]}", Rule::NotJson),
        (b"{\"rows\":\"\xff\"}", Rule::NotUtf8),
        (b"[]", Rule::Shape),
        (b"{}", Rule::Shape),
        (b"{\"rows\":[1]}", Rule::Shape),
        (b"{\"rows\":[],\"rows\":[]}", Rule::Shape),
        (b"{\"rows\":[{\"id\":1,\"id\":2}]}", Rule::Shape),
    ];
    for (body, rule) in answers {
        assert_eq!(gate(all()).page(body).err(), Some(rule), "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn a_share_that_is_refused_is_seen() {
    let withheld = |body: &[u8]| gate(all()).page(body).unwrap().withheld;
    assert!(withheld(br#"{"rows":[],"shared":{"mail":false}}"#));
    assert!(withheld(br#"{"rows":[],"shared":{"id":false}}"#));
    assert!(!withheld(br#"{"rows":[],"shared":{"mail":true,"name":false,"bsn":null}}"#));
}

proptest! {
    #[test]
    fn any_bytes_are_no_surprise(bytes: Vec<u8>) {
        let _ = gate(all()).page(&bytes);
    }

    #[test]
    fn any_change_to_a_page_is_no_surprise(at in 0usize..120, byte: u8) {
        let mut body = br#"{"skip":0,"rows":[{"id":"1","mail":"a@school.example","name":"Zelm","x":[1,{}]}],"shared":{"id":true}}"#.to_vec();
        if let Some(changed) = body.get_mut(at) {
            *changed = byte;
        }
        let _ = gate(all()).page(&body);
    }
}
