//! Observing lessons: instruments, observations, self-evaluations and what is said about them.
//!
//! *Invariant:* what an observation found lies under the teacher's keys, who observed lies under the
//! observer's: the scores stay when the observer is erased, and when the teacher is erased it stays
//! that an observation took place.
//! *Invariant:* variant and purpose stand in the plan alone, so nothing later can change them.
//! *Invariant:* what a teacher or an observer does names no actor in the facts: the actor would tell
//! who it was after the person is erased.

use bincode::{Decode, Encode};
use record::{ActorId, TimestampMicros};

use crate::About;
use crate::declare::{capability, told};
use crate::organisation::SchoolId;

/// Most versions of all instruments of one tenant: views hold all their texts.
pub const INSTRUMENT_VERSIONS_MAX: usize = 200;
/// Longest title of an instrument or a domain, or name of a step of the scale, in bytes.
pub const WORDING_TITLE_BYTES_MAX: usize = 200;
/// Longest text of an item or an example, in bytes.
pub const WORDING_BYTES_MAX: usize = 1_000;
/// Most domains of one instrument.
pub const DOMAINS_MAX: usize = 20;
/// Most items of one instrument, all domains together.
pub const ITEMS_MAX: usize = 150;
/// Most examples of one item.
pub const EXAMPLES_MAX: usize = 10;
/// Fewest steps of a scale: one step tells nothing.
pub const STEPS_MIN: usize = 2;
/// Most steps of a scale.
pub const STEPS_MAX: usize = 10;
/// Longest label of the group that was taught, in bytes.
pub const LESSON_GROUP_BYTES_MAX: usize = 100;
/// Longest remark or reason, in bytes.
pub const REMARK_BYTES_MAX: usize = 2_000;
/// Most corrections of one observation.
pub const CORRECTIONS_MAX: u16 = 20;
/// Most remarks and responses that follow one observation.
pub const FOLLOW_UPS_MAX: u16 = 100;

record::random_id!(
    /// One instrument; it is published in versions.
    #[derive(Encode, Decode)]
    InstrumentId
);
record::random_id!(
    /// One observation of one lesson.
    #[derive(Encode, Decode)]
    ObservationId
);

/// A text in the languages of the school.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Wording {
    /// In Dutch.
    pub dutch: String,
    /// In English; empty where nobody wrote it.
    pub english: String,
}

/// One thing to look for in a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Item {
    /// At most [`WORDING_BYTES_MAX`].
    pub text: Wording,
    /// Behaviour by which it is seen; at most [`EXAMPLES_MAX`] of at most [`WORDING_BYTES_MAX`].
    pub examples: Vec<Wording>,
}

/// Items that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Domain {
    /// At most [`WORDING_TITLE_BYTES_MAX`].
    pub title: Wording,
    /// At least one.
    pub items: Vec<Item>,
}

/// What an observer fills in; items are counted from 0 through all domains.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Instrument {
    /// At most [`WORDING_TITLE_BYTES_MAX`].
    pub title: Wording,
    /// The steps of the scale, from weak to strong: the first is score 1.
    pub scale: Vec<Wording>,
    /// At most [`DOMAINS_MAX`] with at most [`ITEMS_MAX`] items.
    pub domains: Vec<Domain>,
}

impl Instrument {
    /// How many items it has.
    #[must_use]
    pub fn item_count(&self) -> usize {
        self.domains.iter().map(|domain| domain.items.len()).sum()
    }
}

/// Who observes whom, and so who may see what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Variant {
    /// A colleague looks; only the two of them see it.
    Peer,
    /// A coach looks; only the two of them see it.
    Coaching,
    /// A formal visit; the school leader may see it once it is shared.
    Appraisal,
    /// The school looks at itself as an inspectorate would; never shown by person to a leader.
    SchoolReview,
}

/// What an observation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Purpose {
    /// The teacher's own development.
    Development,
    /// Guiding a starting teacher.
    Induction,
    /// Judging how the teacher works.
    Appraisal,
    /// Knowing how the school as a whole teaches.
    SchoolReview,
}

impl Variant {
    /// Whether an observation of this variant may serve the purpose.
    #[must_use]
    pub const fn serves(self, purpose: Purpose) -> bool {
        matches!(
            (self, purpose),
            (Self::Peer, Purpose::Development)
                | (Self::Coaching, Purpose::Development | Purpose::Induction)
                | (Self::Appraisal, Purpose::Appraisal)
                | (Self::SchoolReview, Purpose::SchoolReview)
        )
    }

    /// Whether the school leader may ever see one.
    #[must_use]
    pub const fn reaches_leader(self) -> bool {
        matches!(self, Self::Appraisal)
    }
}

/// What the teacher says of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Acknowledgement {
    /// Has seen it ("voor gezien").
    Seen,
    /// Agrees with it ("akkoord").
    Agreed,
    /// Asks the observer to correct it.
    AsksCorrection,
}

/// Why an observation does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum WithdrawnBecause {
    /// The lesson was not given.
    LessonCancelled,
    /// Planned or recorded for the wrong person, lesson or variant.
    Mistake,
    /// The teacher objected and was found right.
    Objection,
}

/// A remark about one item, or about the lesson.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Remark {
    /// The item, counted from 0; `None` for the lesson as a whole.
    pub item: Option<u16>,
    /// At most [`REMARK_BYTES_MAX`].
    pub text: String,
}

impl std::fmt::Debug for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Remark(..)")
    }
}

told! {
    /// Which lesson a teacher will be observed in.
    pub struct PlannedLesson {
        /// When it is given.
        lesson_at: TimestampMicros => "knowing which lesson is observed",
        /// The group that is taught; at most [`LESSON_GROUP_BYTES_MAX`].
        group: String => "knowing which lesson is observed",
    }
}

told! {
    /// That somebody observes.
    pub struct Authorship {
        /// What is observed.
        observation: ObservationId => "knowing who observed, and who may record and correct",
    }
}

told! {
    /// What was seen in a lesson.
    pub struct Assessment {
        /// One for each item; `None` is not applicable.
        scores: Vec<Option<u8>> => "showing the teacher how the lesson was seen",
        /// At most one more than there are items.
        remarks: Vec<Remark> => "showing the teacher why",
    }
}

told! {
    /// What stands in the place of an earlier assessment.
    pub struct CorrectedAssessment {
        /// All scores anew.
        scores: Vec<Option<u8>> => "showing the teacher how the lesson was seen",
        /// All remarks anew.
        remarks: Vec<Remark> => "showing the teacher why",
        /// Why it was corrected; at most [`REMARK_BYTES_MAX`].
        reason: String => "showing what was wrong",
    }
}

told! {
    /// One remark that was made later.
    pub struct LaterRemark {
        /// The remark.
        remark: Remark => "talking about the observation",
    }
}

told! {
    /// What the teacher answered.
    pub struct Response {
        /// The answer.
        answer: Acknowledgement => "knowing whether the teacher agrees",
    }
}

capability! {
    /// Events of observing.
    ObserveEvent in "observe" {
        /// A version of an instrument was published.
        InstrumentPublished "observe.instrument" 1 {
            facts {
                /// Its id.
                instrument: InstrumentId => "naming the instrument",
                /// Counted from 1.
                version: u16 => "which wording was used",
                /// What is filled in.
                content: Instrument => "filling it in, and reading scores later",
                /// Who published it.
                by: ActorId => "who is answerable",
            }
        }
        /// No more observations are planned with a version of an instrument.
        InstrumentWithdrawn "observe.instrument-ended" 1 {
            facts {
                /// Which instrument.
                instrument: InstrumentId => "which instrument ended",
                /// Which version.
                version: u16 => "which version ended",
                /// Who withdrew it.
                by: ActorId => "who is answerable",
            }
        }
        /// An observation was planned; what it is for is fixed here.
        ObservationPlanned "observe.planned" 1 {
            facts {
                /// Its id.
                observation: ObservationId => "naming the observation",
                /// The instrument.
                instrument: InstrumentId => "what is filled in",
                /// Its version.
                version: u16 => "which wording was used",
                /// The variant.
                variant: Variant => "who may see it",
                /// The purpose.
                purpose: Purpose => "what it may be used for",
                /// The school.
                school: SchoolId => "whose lesson it is",
                /// Who planned it.
                by: ActorId => "who is answerable",
            }
            about {
                /// The lesson; the subject is the teacher.
                teacher: About<PlannedLesson> => [OBSERVATION] until Scope,
                /// The subject is the observer.
                observer: About<Authorship> => [OBSERVER] until Scope,
            }
        }
        /// A lesson was observed.
        ObservationRecorded "observe.recorded" 1 {
            facts {
                /// Which observation.
                observation: ObservationId => "which observation took place",
            }
            about {
                /// What was seen; the subject is the teacher.
                teacher: About<Assessment> => [OBSERVATION] until Scope,
                /// The subject is the observer.
                observer: About<Authorship> => [OBSERVER] until Scope,
            }
        }
        /// The teacher filled in the same items.
        SelfEvaluationRecorded "observe.self-evaluation" 1 {
            facts {
                /// Which observation.
                observation: ObservationId => "what it stands beside",
            }
            about {
                /// How the teacher saw the lesson.
                teacher: About<Assessment> => [OBSERVATION] until Scope,
            }
        }
        /// The school leader may see the observation.
        ObservationShared "observe.shared" 1 {
            facts {
                /// Which observation.
                observation: ObservationId => "what the school leader may see",
                /// Who shared it.
                by: ActorId => "who is answerable",
            }
        }
        /// The observer corrected what was recorded; the earlier assessment stays readable.
        ObservationCorrected "observe.corrected" 1 {
            facts {
                /// Which observation.
                observation: ObservationId => "what was corrected",
            }
            about {
                /// The full assessment; the subject is the teacher.
                teacher: About<CorrectedAssessment> => [OBSERVATION] until Scope,
                /// The subject is the observer.
                observer: About<Authorship> => [OBSERVER] until Scope,
            }
        }
        /// The teacher remarked something.
        TeacherRemarkAdded "observe.teacher-remark" 1 {
            facts {
                /// Which observation.
                observation: ObservationId => "what it is about",
            }
            about {
                /// The remark.
                teacher: About<LaterRemark> => [OBSERVATION] until Scope,
            }
        }
        /// The observer remarked something; what it says is about the teacher.
        ObserverRemarkAdded "observe.observer-remark" 1 {
            facts {
                /// Which observation.
                observation: ObservationId => "what it is about",
            }
            about {
                /// The remark; the subject is the teacher.
                teacher: About<LaterRemark> => [OBSERVATION] until Scope,
                /// The subject is the observer.
                observer: About<Authorship> => [OBSERVER] until Scope,
            }
        }
        /// The teacher answered.
        ObservationSeen "observe.seen" 1 {
            facts {
                /// Which observation.
                observation: ObservationId => "what was answered",
            }
            about {
                /// The answer.
                teacher: About<Response> => [OBSERVATION] until Scope,
            }
        }
        /// An observation does not count.
        ObservationWithdrawn "observe.withdrawn" 1 {
            facts {
                /// Which observation.
                observation: ObservationId => "which one does not count",
                /// Why.
                because: WithdrawnBecause => "why it does not count",
                /// Who withdrew it.
                by: ActorId => "who is answerable",
            }
        }
    }
}
