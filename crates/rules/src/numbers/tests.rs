//! The identifiers: what is one, what is none, and how many numbers a writer is stopped by.

use proptest::prelude::*;

use super::*;

// --- Schools and companies ----------------------------------------------------------------

#[test]
fn a_school_is_two_digits_and_two_letters() {
    let school = Brin::parse(" 99xx ").unwrap();
    assert_eq!((school.as_str(), school.school(), school.location()), ("99XX", "99XX", None));
    let place = Brin::parse("99XX03").unwrap();
    assert_eq!((place.school(), place.location()), ("99XX", Some("03")));
    for text in ["", "99X", "99XXX", "99XX0", "99XX000", "9XXX", "X9XX", "99X1", "99XXAB", "９9XX"]
    {
        assert_eq!(Brin::parse(text), Err(NumberRefusal::NotABrin), "{text}");
    }
}

#[test]
fn a_company_has_eight_digits() {
    assert_eq!(Kvk::parse(" 01234567 ").unwrap().as_str(), "01234567");
    for text in ["", "1234567", "123456789", "1234567a", "1234 567", "+1234567", "١٢٣٤"] {
        assert_eq!(Kvk::parse(text), Err(NumberRefusal::NotAKvk), "{text}");
    }
}

// --- People -------------------------------------------------------------------------------

#[test]
fn an_eck_id_is_an_address() {
    let hex = "0123456789abcdef".repeat(8);
    for base in ["ketenid.nl/201703", "ketenid.nl/pilot", "eck.example.org"] {
        let text = format!("https://{base}/{hex}");
        let read = EckId::parse(&text).unwrap();
        assert_eq!(read.as_str(), text);
        assert_eq!((read.tail(), format!("{read:?}").as_str()), ("abcdef", "EckId(..)"));
    }
    let long = format!("https://a.nl/{}", "f".repeat(ECK_ID_MAX));
    let refused = Err(NumberRefusal::NotAnEckId { max: ECK_ID_MAX });
    for text in [
        "",
        "ketenid.nl/a",
        "http://ketenid.nl/a",
        "https://ketenid.nl",
        "https://ketenid.nl/",
        "https://local/a",
        "https://a.nl/b c",
        "https://a.nl/b\n",
        "https://a.nl/b?c",
        "https://you@a.nl/b",
        "https://a.nl:1/b",
        "https://a.nl/é",
        &long,
    ] {
        // White space around it is taken off, within it is none.
        let expected = if text == "https://a.nl/b\n" { Ok(()) } else { refused };
        assert_eq!(EckId::parse(text).map(|_| ()), expected, "{text}");
    }
}

#[test]
fn an_address_is_plausible_or_refused() {
    let read = Email::parse(" J.de.Wit+set@School.Voorbeeld.NL ").unwrap();
    assert_eq!(read.as_str(), "J.de.Wit+set@school.voorbeeld.nl");
    assert_eq!(format!("{read:?}"), "Email(..)");
    for text in ["a@b.nl", "o'neil@b-c.nl", "a_b@xn--e1aybc.example", "1@2.nl"] {
        assert!(Email::parse(text).is_ok(), "{text}");
    }
    let long_local = format!("{}@b.nl", "a".repeat(65));
    let long_label = format!("a@{}.nl", "b".repeat(64));
    let long = format!("a@{}nl", "b.".repeat(126));
    let refused = Err(NumberRefusal::NotAnEmail { max: EMAIL_MAX });
    for text in [
        "",
        "a",
        "@b.nl",
        "a@",
        "a@b",
        "a@b.",
        "a@.nl",
        "a@b..nl",
        "a@-b.nl",
        "a@b-.nl",
        "a@b.1",
        "a@127.0.0.1",
        "a@[127.0.0.1]",
        ".a@b.nl",
        "a.@b.nl",
        "a..c@b.nl",
        "a b@b.nl",
        "a@c@b.nl",
        "\"a\"@b.nl",
        "a\u{0}@b.nl",
        "a\r\n@b.nl",
        "a@b.nl\u{7f}",
        "é@b.nl",
        "a@é.nl",
        "a\u{202e}@b.nl",
        &long_local,
        &long_label,
        &long,
    ] {
        assert_eq!(Email::parse(text), refused, "{text:?}");
    }
    assert!(Email::parse(&format!("a@{}b.nl", "b.".repeat(123))).is_ok(), "252 bytes");
}

// --- The BSN ------------------------------------------------------------------------------

/// Invented; the first ones stand in public examples of the test.
const PASSING: [&str; 5] = ["123456782", "111222333", "999999990", "063138219", "249566758"];

#[test]
fn the_eleven_test_tells_numbers_apart() {
    for number in PASSING {
        assert!(is_bsn(number), "{number}");
    }
    // 133456785 is the sample of the EDEXML format, which fails.
    for text in ["133456785", "123456789", "000000000", "12345678", "63138219", "1234567820", ""] {
        assert!(!is_bsn(text), "{text}");
    }
    assert!(!is_bsn("123 456 782") && !is_bsn("-23456782") && !is_bsn("١23456782"));
}

#[test]
fn a_bsn_is_found_in_every_writing() {
    let sizes = [&[9][..], &[3, 3, 3], &[4, 2, 3], &[2, 2, 2, 3], &[5, 4], &[2, 3, 4], &[3, 6]];
    let between = [" ", ".", "-", "\u{a0}", "\u{202f}", "\u{2011}", "–"];
    let around = [
        ("", ""),
        ("Het bsn van deze leerling is ", "."),
        ("bsn:", ", graag wissen"),
        ("groep 7 ", " 4"),
        ("in 2026 ", ""),
        ("12345 ", ""),
        ("é (", ")"),
        ("bsn", "x"),
        ("12.", ""),
        ("tel. 0612345678, bsn ", ""),
    ];
    for (number, sizes) in PASSING.iter().flat_map(|number| sizes.map(|sizes| (number, sizes))) {
        for (separator, (before, after)) in
            between.iter().flat_map(|separator| around.map(|around| (separator, around)))
        {
            let written = written(number, sizes, separator);
            let text = format!("{before}{written}{after}");
            let found = find_bsn(&text).and_then(|found| text.get(found));
            assert!(found.is_some(), "{text}");
            let refusal = NumberRefusal::PerhapsABsn { field: "answer" };
            assert_eq!(without_bsn("answer", &text), Err(refusal));
        }
        let alone = written(number, sizes, "-");
        assert_eq!(find_bsn(&format!("één {alone}!")), Some(6..6 + alone.len()));
    }
}

fn written(number: &str, sizes: &[usize], separator: &str) -> String {
    let mut rest = number;
    let groups = sizes.iter().map(|size| {
        let (group, after) = rest.split_at(*size);
        rest = after;
        group
    });
    groups.collect::<Vec<_>>().join(separator)
}

#[test]
fn what_is_no_bsn_passes() {
    for text in [
        "",
        "Ik vind de les leuk.",
        "133456785",
        "1234567820",
        "0123456782",
        "12345678",
        "1 2 3 4 5 6 7 8 2",
        "1 234 567 82",
        "123  456  782",
        "123, 456, 782",
        "123 en 456782",
        "06-12345678 of 0297 123 456",
        "op 31-03-2026 om 12.30 uur",
        "https://a.nl/2026/11/10",
    ] {
        assert_eq!(find_bsn(text), None, "{text}");
        assert_eq!(without_bsn("answer", text), Ok(()));
    }
}

/// What the message asks of a writer whose number is another one works.
#[test]
fn a_word_between_the_digits_is_the_way_out() {
    assert!(find_bsn("bestelnummer 123456782").is_some());
    assert_eq!(find_bsn("bestelnummer 1234 en dan 56782"), None);
    let refusal = without_bsn("answer", "bestelnummer 123456782").unwrap_err();
    assert!(refusal.dutch().contains("zet er een woord tussen"));
    assert!(refusal.to_string().contains("put a word between"));
}

/// Numbers that look random, the same ones every time.
fn drawn() -> impl Iterator<Item = u64> {
    std::iter::successors(Some(0x9e37_79b9_7f4a_7c15_u64), |state| {
        let state = state ^ (state << 13);
        let state = state ^ (state >> 7);
        Some(state ^ (state << 17))
    })
}

#[test]
fn one_of_eleven_numbers_is_stopped_by_chance() {
    let numbers =
        drawn().skip(1).take(110_000).map(|drawn| format!("{:09}", drawn % 1_000_000_000));
    let stopped = numbers.filter(|number| find_bsn(number).is_some()).count();
    println!("{stopped} of 110000 random numbers of nine digits are stopped");
    // Four standard deviations of 95 around 10,000.
    assert!((9_620..=10_380).contains(&stopped), "{stopped}");
}

// --- Laws ---------------------------------------------------------------------------------

proptest! {
    #[test]
    fn what_was_read_reads_back(text in "\\PC{0,40}", brin in "[0-9]{2}[A-Za-z]{2}([0-9]{2})?",
        kvk in "[0-9]{8}", eck in "https://[a-z]{1,9}\\.nl/[0-9a-f]{1,128}",
        email in "[a-zA-Z0-9+_-]{1,20}(\\.[a-z]{1,9}){0,2}@([a-zA-Z0-9]{1,9}\\.){1,3}[a-zA-Z]{2,5}",
    ) {
        prop_assert!(Brin::parse(&brin).is_ok() && Kvk::parse(&kvk).is_ok());
        prop_assert!(EckId::parse(&eck).is_ok() && Email::parse(&email).is_ok());
        for text in [text, brin, kvk, eck, email] {
            if let Ok(read) = Brin::parse(&text) {
                prop_assert_eq!(Brin::parse(read.as_str()), Ok(read.clone()));
                prop_assert!(read.as_str().starts_with(read.school()));
            }
            if let Ok(read) = Kvk::parse(&text) {
                prop_assert_eq!(Kvk::parse(read.as_str()), Ok(read));
            }
            if let Ok(read) = EckId::parse(&text) {
                prop_assert_eq!(EckId::parse(read.as_str()), Ok(read.clone()));
                prop_assert!(read.as_str().len() <= ECK_ID_MAX && read.tail().len() <= TAIL);
            }
            if let Ok(read) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(read.as_str()), Ok(read.clone()));
                prop_assert!(read.as_str().len() <= EMAIL_MAX && read.as_str().is_ascii());
            }
        }
    }

    /// One wrong digit never makes another BSN.
    #[test]
    fn a_slip_of_the_pen_is_no_bsn(number in 0..999_999_990_u32, at in 0..9_usize, to in 0..10_u8) {
        let mut numbers = (number..).map(|number| format!("{number:09}"));
        let text = numbers.find(|number| is_bsn(number)).unwrap();
        let mut slipped = text.clone().into_bytes();
        slipped[at] = b'0' + to;
        let slipped = String::from_utf8(slipped).unwrap();
        prop_assert!(slipped == text || !is_bsn(&slipped));
    }

    /// Whatever the text, what is found is a place in it with nine digits that pass.
    #[test]
    fn what_is_found_passes(text in "[0-9 .é–-]{0,60}|\\PC{0,60}") {
        if let Some(found) = find_bsn(&text) {
            let found = text.get(found).unwrap();
            let digits: String = found.chars().filter(char::is_ascii_digit).collect();
            prop_assert!(is_bsn(&digits));
        }
    }

    #[test]
    fn text_around_does_not_hide_it(before in "[a-zé ,;:]{0,20}", after in "[a-zé ,;:]{0,20}") {
        let text = format!("{before}123456782{after}");
        prop_assert_eq!(find_bsn(&text), Some(before.len()..before.len() + 9));
    }
}
