//! Laws over arbitrary events and arbitrary bytes.

use proptest::prelude::*;
use record::{EventKind, LeafId, PartHeader, PartKind, Plaintext, SubjectId};

use crate::samples::{self, LEAF, PERSON, SCOPE};
use crate::*;

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::NotApplicable),
        any::<u8>().prop_map(Answer::Score),
        any::<u8>().prop_map(Answer::Choice),
        ".{0,40}".prop_map(Answer::Text),
    ]
}

fn response() -> impl Strategy<Value = Event> {
    let import = proptest::option::of(any::<[u8; 16]>().prop_map(ImportId::from_bytes));
    let answers = proptest::collection::vec(answer(), 0..20);
    (any::<[u8; 16]>(), import, any::<[u8; 16]>(), ".{0,20}", answers).prop_map(
        |(round, import, subject, group, answers)| {
            let response = About::Known {
                subject: SubjectId::from_bytes(subject),
                leaf: Some(LEAF),
                scope: SCOPE,
                value: Response { group, answers },
            };
            let round = RoundId::from_bytes(round);
            Event::Survey(SurveyEvent::ResponseSubmitted(ResponseSubmitted {
                round,
                import,
                response,
            }))
        },
    )
}

fn part() -> impl Strategy<Value = (bool, bool, bool, Vec<u8>)> {
    (any::<bool>(), any::<bool>(), any::<bool>(), proptest::collection::vec(any::<u8>(), 0..80))
}

fn arbitrary_part((public, gone, whose, bytes): (bool, bool, bool, Vec<u8>)) -> OpenPart {
    let kind = if public { PartKind::Public } else { PartKind::Sealed };
    let content = match gone {
        true => Content::Gone,
        false => Content::Open { subject: whose.then_some(PERSON), bytes: Plaintext::new(bytes) },
    };
    OpenPart { header: samples::header(kind), content }
}

proptest! {
    #[test]
    fn a_response_decodes_to_what_was_encoded(event in response()) {
        let draft = event.draft(CommandId::from_bytes([1; 16]));
        let decoded = Event::decode(&draft.kind, samples::opened(&draft.parts));
        prop_assert_eq!(decoded, Ok(event));
    }

    #[test]
    fn arbitrary_parts_never_panic(
        which in 0_usize..1_024,
        version in 1_u16..4,
        parts in proptest::collection::vec(part(), 0..4),
    ) {
        let samples = samples::all();
        let kind = EventKind::new(samples[which % samples.len()].name, version).unwrap();
        let _ = Event::decode(&kind, parts.into_iter().map(arbitrary_part).collect());
    }

    #[test]
    fn a_changed_byte_never_panics_and_never_goes_unseen(
        which in 0_usize..1_024,
        part in 0_usize..2,
        at in any::<prop::sample::Index>(),
        flip in 1_u8..,
    ) {
        let samples = samples::all();
        let sample = &samples[which % samples.len()];
        let mut parts = samples::opened(&sample.parts);
        let filled = |part: &usize| !sample.parts[*part].bytes.as_slice().is_empty();
        let part = Some(part % parts.len()).filter(filled).unwrap_or(parts.len() - 1);
        let Content::Open { bytes, .. } = &mut parts[part].content else { unreachable!() };
        let mut changed = bytes.as_slice().to_vec();
        let at = at.index(changed.len());
        changed[at] ^= flip;
        *bytes = Plaintext::new(changed);
        let kind = EventKind::new(sample.name, sample.version).unwrap();
        let decoded = Event::decode(&kind, parts);
        prop_assert_ne!(decoded.as_ref(), Ok(&sample.event));
    }

    #[test]
    fn bytes_that_are_cut_short_or_followed_are_refused(which in 0_usize..1_024, cut in any::<bool>()) {
        let samples = samples::all();
        let sample = &samples[which % samples.len()];
        let mut parts = samples::opened(&sample.parts);
        let Content::Open { bytes, .. } = &mut parts[0].content else { unreachable!() };
        let mut changed = bytes.as_slice().to_vec();
        if !cut || changed.pop().is_none() { changed.push(0); }
        *bytes = Plaintext::new(changed);
        let kind = EventKind::new(sample.name, sample.version).unwrap();
        // A verifying key is text to the end of its part: it can only be cut by its length.
        prop_assert!(Event::decode(&kind, parts).is_err());
    }
}

#[test]
fn a_part_that_is_gone_leaves_the_facts_readable() {
    let sample = samples::response(None);
    let draft = sample.draft(CommandId::from_bytes([1; 16]));
    let mut parts = samples::opened(&draft.parts);
    parts[1].content = Content::Gone;
    let decoded = Event::decode(&draft.kind, parts).unwrap();
    let Event::Survey(SurveyEvent::ResponseSubmitted(event)) = decoded else { panic!() };
    assert_eq!(event.response, About::Gone { leaf: LEAF, scope: SCOPE });
}

#[test]
fn facts_that_are_gone_are_the_end_of_a_tenant() {
    let draft = samples::response(None).draft(CommandId::from_bytes([1; 16]));
    let mut parts = samples::opened(&draft.parts);
    parts[0].content = Content::Gone;
    assert_eq!(Event::decode(&draft.kind, parts), Err(EventError::FactsGone));
}

#[test]
fn parts_too_many_too_few_or_of_the_wrong_kind_are_refused() {
    for sample in samples::all() {
        let kind = EventKind::new(sample.name, sample.version).unwrap();
        let twice = [samples::opened(&sample.parts), samples::opened(&sample.parts)];
        let twice = twice.into_iter().flatten().collect();
        // A list of parts goes on into the second half, whose first part is nobody's.
        let refused = Event::decode(&kind, twice).unwrap_err();
        let expected = [EventError::PartCount, EventError::SubjectMissing];
        assert!(expected.contains(&refused), "{}", sample.name);
        assert_eq!(Event::decode(&kind, Vec::new()), Err(EventError::PartCount));
        let mut parts = samples::opened(&sample.parts);
        parts[0].header.kind = match parts[0].header.kind {
            PartKind::Public => PartKind::Sealed,
            PartKind::Sealed => PartKind::Public,
        };
        assert_eq!(Event::decode(&kind, parts), Err(EventError::PartCount), "{}", sample.name);
    }
}

#[test]
fn a_huge_length_is_refused_before_memory_is_taken() {
    // A list of 2^62 questions: nothing may be reserved for it.
    let mut bytes = vec![0x53; 16];
    bytes.extend([0, 253]);
    bytes.extend((1_u64 << 62).to_be_bytes());
    let kind = EventKind::new("survey.defined", 1).unwrap();
    let part = OpenPart {
        header: samples::header(PartKind::Sealed),
        content: Content::Open { subject: None, bytes: Plaintext::new(bytes) },
    };
    assert_eq!(Event::decode(&kind, vec![part]), Err(EventError::Broken("facts")));
}

#[test]
fn settling_fills_in_the_leaf_that_sealing_chose() {
    let other = LeafId::from_bytes([0x77; 16]);
    for sample in samples::all() {
        let headers = vec![samples::header(PartKind::Sealed); sample.parts.len()];
        let elsewhere = headers.iter().map(|header| PartHeader { leaf: other, ..*header });
        let mut event = sample.event.clone();
        event.settle(&elsewhere.collect::<Vec<_>>());
        assert_eq!(event == sample.event, sample.parts.len() == 1, "{}", sample.name);
        event.settle(&headers);
        assert_eq!(event, sample.event, "{}", sample.name);
    }
}

#[test]
fn an_event_is_known_again_also_when_part_of_it_is_erased() {
    let samples = samples::all();
    for (index, sample) in samples.iter().enumerate() {
        assert_eq!(sample.event.again(&sample.event), Again::Same, "{}", sample.name);
        let other = &samples[(index + 1) % samples.len()];
        assert_eq!(sample.event.again(&other.event), Again::Different, "{}", sample.name);
        if sample.parts.len() < 2 {
            continue;
        }
        let mut parts = samples::opened(&sample.parts);
        parts[1].content = Content::Gone;
        let kind = EventKind::new(sample.name, sample.version).unwrap();
        let erased = Event::decode(&kind, parts).unwrap();
        assert_eq!(sample.event.again(&erased), Again::Erased, "{}", sample.name);
    }
}

#[test]
fn debug_shows_no_personal_data() {
    let text: String = samples::all().iter().map(|sample| format!("{:?}", sample.event)).collect();
    for secret in ["Noor", "noor@", "Fijne", "Score", "94, 94", "bbbbbbbbbbbbbbbb, pseudonym"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn answers_fit_their_questions() {
    let accepts = |kind: QuestionKind, answer: Answer| kind.accepts(&answer);
    assert!(accepts(QuestionKind::Agree4, Answer::Score(4)));
    assert!(!accepts(QuestionKind::Agree4, Answer::Score(5)));
    assert!(!accepts(QuestionKind::Grade10, Answer::Score(0)));
    assert!(accepts(QuestionKind::YesNo, Answer::Choice(1)));
    assert!(!accepts(QuestionKind::YesNo, Answer::Choice(2)));
    assert!(!accepts(QuestionKind::YesNo, Answer::Score(1)));
    let open = || QuestionKind::Open;
    assert!(accepts(open(), Answer::Text("x".repeat(survey::ANSWER_BYTES_MAX))));
    assert!(!accepts(open(), Answer::Text("x".repeat(survey::ANSWER_BYTES_MAX + 1))));
    assert!(!accepts(QuestionKind::Agree5, Answer::Text(String::new())));
    assert!(accepts(open(), Answer::NotApplicable));
}

#[test]
fn a_cut_covers_what_stands_under_its_keys() {
    let keys = PartKeys { subject: PERSON, leaf: Some(LEAF), scope: SCOPE };
    assert!(!Forgotten::default().covers(&keys));
    assert!(Forgotten { tenant: true, ..Forgotten::default() }.covers(&keys));
    assert!(Forgotten { leaves: [LEAF].into(), ..Forgotten::default() }.covers(&keys));
    assert!(Forgotten { scopes: [SCOPE].into(), ..Forgotten::default() }.covers(&keys));
    assert!(Forgotten { subjects: [PERSON].into(), ..Forgotten::default() }.covers(&keys));
}

#[test]
fn what_a_part_tells_has_a_text_for_every_field() {
    for sample in samples::all() {
        let told = sample.event.told_parts();
        let about = sample.parts.iter().filter(|part| matches!(part.to, Addressee::Person(_)));
        assert_eq!(told.len(), about.count(), "{}", sample.name);
        for part in told {
            assert!(!part.fields.is_empty(), "{} {}", sample.name, part.part);
            for (field, text) in part.fields {
                assert!(!text.contains("(..)"), "{} {} {field}: {text}", sample.name, part.part);
            }
        }
    }
}

#[test]
fn a_told_text_holds_what_was_told() {
    let response = samples::all().into_iter().find(|it| it.name == "survey.response-submitted");
    let told = response.unwrap().event.told_parts();
    assert_eq!(told[0].fields[0], ("group", "H3a".to_owned()));
    assert_eq!(told[0].fields[1], ("answers", "4 | – | #2 | Fijne les".to_owned()));
}
