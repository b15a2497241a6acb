//! Incidents and data breaches: reported, judged, told to the school, decided, closed.
//!
//! *Invariant:* a journal holds the incidents of its own school alone; the processor's own case, which
//! may touch several schools, is named by a random reference and nothing else.
//! *Invariant:* the facts name nobody: what somebody tells freely stands under the incident's own
//! holder, a random subject that is nobody, and that a person is concerned stands under that person's
//! own key. Both end with the incident's own term; counts, kinds and decisions stay in the register.
//! *Invariant:* nothing is corrected in place: what a notice says is stated anew as a later version.

mod notice;

use bincode::{Decode, Encode};
use record::{ActorId, ScopeId, SubjectId, TimestampMicros};

use crate::About;
use crate::declare::{capability, told};

pub use notice::NoticeFacts;

/// Longest text of a notice, a reason, a measure or a note, in bytes.
pub const BREACH_TEXT_BYTES_MAX: usize = 8_000;
/// Longest short text (a contact, a reference, a name), in bytes.
pub const BREACH_NAME_BYTES_MAX: usize = 254;
/// Most entries of one list in a notice.
pub const NOTICE_LIST_MAX: usize = 50;
/// Most people that one event says are concerned: a record has at most 255 parts.
pub const CONCERNED_MAX: usize = 200;
/// Most contacts that one notice goes to.
pub const NOTICE_CONTACTS_MAX: usize = 20;
/// Longest term that an agreement may give the processor to tell the school, in hours.
pub const NOTIFY_HOURS_MAX: u32 = 720;

record::random_id!(
    /// One incident, in the journal of one school.
    #[derive(Encode, Decode)]
    IncidentId
);
record::random_id!(
    /// The processor's own case; one case may touch several schools.
    #[derive(Encode, Decode)]
    CaseId
);
record::random_id!(
    /// Somebody of the school who is told of breaches, as the agreement's contacts name them.
    #[derive(Encode, Decode)]
    ContactId
);

/// What is known, or is not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Item<T> {
    /// Asked, and not known yet.
    NotYetKnown,
    /// Known.
    Known(T),
}

impl<T> Item<T> {
    /// What is known.
    #[must_use]
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::NotYetKnown => None,
            Self::Known(value) => Some(value),
        }
    }
}

/// When something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Until {
    /// It goes on.
    Ongoing,
    /// At this moment.
    Ended(TimestampMicros),
}

/// When an incident happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Occurred {
    /// From.
    pub from: Item<TimestampMicros>,
    /// Until.
    pub until: Item<Until>,
}

/// How many, at least and at most; exact where both are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Count {
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum IncidentKind {
    /// A message or letter went to somebody else.
    Misaddressed,
    /// A device, a data carrier or paper was lost or stolen.
    Lost,
    /// Somebody saw or used what was not theirs.
    Unauthorised,
    /// Something was published by mistake.
    Published,
    /// Malware, such as ransomware.
    Malware,
    /// Data could not be reached or were destroyed.
    Unavailable,
    /// Something else.
    Other,
}

/// Who found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum DetectedBy {
    /// Somebody of the school.
    Staff,
    /// The system itself.
    System,
    /// The processor.
    Processor,
    /// A subprocessor.
    Subprocessor,
    /// Somebody from outside.
    Outsider,
}

/// How bad it is for the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Severity {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
}

/// The risk to the rights and freedoms of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Risk {
    /// Unlikely: nobody outside needs to be told (GDPR art. 33(1)).
    Unlikely,
    /// There is one: the authority is told.
    Present,
    /// Probably high: people are told too (GDPR art. 34(1)).
    High,
}

/// Whether personal data are involved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Involved {
    /// They are.
    Yes,
    /// They are not.
    No,
    /// Nobody knows yet.
    NotYetKnown,
}

/// Which side of security was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Broken {
    /// Somebody may have read it.
    pub confidentiality: bool,
    /// Somebody may have changed it.
    pub integrity: bool,
    /// It could not be reached, or is gone.
    pub availability: bool,
}

/// How an incident is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Assessment {
    /// How bad.
    pub severity: Severity,
    /// What was broken.
    pub broken: Broken,
    /// The risk to people.
    pub risk: Risk,
    /// Whether personal data are involved.
    pub personal_data: Involved,
}

/// What was done with the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DoneToData {
    /// Read.
    pub read: bool,
    /// Copied.
    pub copied: bool,
    /// Changed.
    pub changed: bool,
    /// Deleted or destroyed.
    pub deleted: bool,
    /// Stolen.
    pub stolen: bool,
}

/// Whether the data could not be understood by whoever got them: encrypted, hashed or the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Protection {
    /// They could be read.
    None,
    /// Some could be read.
    Partly,
    /// None could be read.
    Full,
}

/// A group of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Group {
    /// Pupils, who are vulnerable as children.
    Pupils,
    /// Parents and guardians.
    Parents,
    /// Teachers and other staff.
    Staff,
    /// Respondents known under a pseudonym.
    Respondents,
    /// Others.
    Others,
}

/// A kind of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum DataKind {
    /// Names and addresses.
    Contact,
    /// What somebody signs in or is identified with.
    Credentials,
    /// Results of learning and observations.
    Results,
    /// Answers to questions.
    Answers,
    /// Money.
    Financial,
    /// Health.
    Health,
    /// Religion or belief.
    Religion,
    /// Another special category (GDPR art. 9).
    OtherSpecial,
    /// A citizen service number or a copy of a passport.
    NationalId,
    /// Something else.
    Other,
}

/// How many people of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct GroupCount {
    /// The group.
    pub group: Group,
    /// How many people.
    pub people: Item<Count>,
}

/// How many records of a kind of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DataCount {
    /// The kind.
    pub kind: DataKind,
    /// How many records.
    pub records: Item<Count>,
}

/// Where the numbers of a frozen scope come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Source {
    /// Computed.
    Query,
    /// Stated by hand.
    Stated,
}

/// Who and what is concerned, without anybody's name.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FrozenScope {
    /// Groups of people; at most [`NOTICE_LIST_MAX`].
    pub groups: Vec<GroupCount>,
    /// Kinds of data; at most [`NOTICE_LIST_MAX`].
    pub kinds: Vec<DataCount>,
    /// Whether the data could be understood.
    pub protection: Item<Protection>,
    /// Where the numbers come from.
    pub source: Source,
}

/// How somebody was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Means {
    /// By e-mail, which names the case and nobody.
    Email,
    /// By telephone.
    Telephone,
    /// In Zegel.
    Here,
    /// By letter.
    Letter,
    /// Face to face.
    InPerson,
    /// By a public notice.
    PublicNotice,
}

/// Which report to the authority it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Phase {
    /// The first.
    First,
    /// A later one, with what became known (GDPR art. 33(4)).
    FollowUp,
}

/// Why people are not told (GDPR art. 34).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum NotInformedBecause {
    /// The risk is probably not high (34(1)).
    NoHighRisk,
    /// Nobody can understand the data (34(3)(a)).
    Unintelligible,
    /// What was done since makes a high risk unlikely (34(3)(b)).
    MeasuresTaken,
    /// It takes too much effort, and a public notice was given (34(3)(c)).
    Disproportionate,
}

/// How an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Outcome {
    /// It was no data breach.
    NoBreach,
    /// It was a data breach, and all of it is dealt with.
    Breach,
}

told! {
    /// What somebody tells freely of an incident; it may name people.
    pub struct Story {
        /// At most [`BREACH_TEXT_BYTES_MAX`].
        text: String => "investigating the incident",
    }
}

told! {
    /// That a person is concerned.
    pub struct Concerned {
        /// By which kinds of data; at most [`NOTICE_LIST_MAX`].
        kinds: Vec<DataKind> => "telling the person what happened to which data",
    }
}

capability! {
    /// Events of incidents and breaches.
    BreachEvent in "breach" {
        /// Somebody, or the system, reported an incident.
        IncidentReported "breach.incident-reported" 1 {
            facts {
                /// Its id.
                incident: IncidentId => "naming the incident",
                /// Its own term.
                scope: ScopeId => "the term of what is told of people",
                /// A random subject that is nobody.
                holder: SubjectId => "what is told freely stands under it",
                /// What happened.
                kind: IncidentKind => "what happened",
                /// Who found out.
                detected_by: DetectedBy => "how it was discovered",
                /// When it happened.
                occurred: Box<Occurred> => "when it happened",
                /// When it was discovered.
                discovered_at: TimestampMicros => "since when it is known",
                /// How many people, as a first guess.
                people: Item<Count> => "how many people it may concern",
                /// The processor's own case, if there is one.
                operator_case: Option<CaseId> => "finding the incident from the processor's case",
                /// Who reported it; nobody if the system did.
                by: Option<ActorId> => "who is answerable",
            }
            about {
                /// What was told of it; the subject is the holder.
                story: Option<About<Story>> => [INCIDENT_STORY] until Incident,
            }
            begins { scope }
        }
        /// Somebody told more of it.
        IncidentNoted "breach.noted" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// Who told it.
                by: ActorId => "who is answerable",
            }
            about {
                /// What was told; the subject is the holder.
                story: About<Story> => [INCIDENT_STORY] until Incident,
            }
        }
        /// An incident was judged, or judged anew.
        IncidentClassified "breach.classified" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// How it is judged.
                assessment: Assessment => "what has to be done",
                /// Who judged.
                by: ActorId => "who is answerable",
            }
        }
        /// It is a data breach.
        BreachConfirmed "breach.confirmed" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// Since when the processor knows.
                confirmed_at: TimestampMicros => "since when the school must be told",
                /// Within how many hours the agreement wants the school told.
                notify_hours: u32 => "until when the school must be told",
                /// Whether the agreement wants everybody concerned told, whatever the risk.
                informs_all: bool => "whether people must be told",
                /// Who confirmed it.
                by: ActorId => "who is answerable",
            }
        }
        /// Who and what is concerned was fixed, or fixed anew.
        BreachScopeFrozen "breach.scope-frozen" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// Groups, kinds and numbers.
                concerns: FrozenScope => "who and what is concerned, also after an erasure",
                /// Who fixed it.
                by: ActorId => "who is answerable",
            }
        }
        /// People were found to be concerned.
        PeopleConcerned "breach.people-concerned" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// Who found it.
                by: ActorId => "who is answerable",
            }
            about {
                /// Who, each under their own key; at most [`CONCERNED_MAX`].
                people: Vec<About<Concerned>> => [CONCERNED] until Incident,
            }
        }
        /// What a notice says was stated: a full version.
        NoticeStated "breach.notice-stated" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// Which version, counted from 1.
                version: u32 => "telling versions apart",
                /// What it says.
                notice: Box<NoticeFacts> => "what the school is told",
                /// Who stated it.
                by: ActorId => "who is answerable",
            }
        }
        /// The school was told.
        SchoolNotified "breach.school-notified" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// Whom; at most [`NOTICE_CONTACTS_MAX`].
                to: Vec<ContactId> => "who was told",
                /// When.
                at: TimestampMicros => "whether it was in time",
                /// How.
                means: Means => "how the school was told",
                /// Which version.
                version: u32 => "what the school was told",
                /// Who told it.
                by: ActorId => "who is answerable",
            }
        }
        /// The school knew: its own 72 hours run from here. An earlier moment may follow.
        SchoolAware "breach.school-aware" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// Since when.
                at: TimestampMicros => "until when the authority must be told",
                /// Who says so.
                by: ActorId => "who is answerable",
            }
        }
        /// The school was told what became known since.
        FollowedUp "breach.followed-up" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// When.
                at: TimestampMicros => "whether it was without delay",
                /// How.
                means: Means => "how the school was told",
                /// Which version.
                version: u32 => "what the school was told",
                /// What was done since; names nobody; at most [`BREACH_TEXT_BYTES_MAX`].
                measures: String => "what was done to limit it",
                /// Who told it.
                by: ActorId => "who is answerable",
            }
        }
        /// The school reported it to the authority.
        AuthorityNotified "breach.authority-notified" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// The first report or a later one.
                phase: Phase => "which report it was",
                /// When.
                at: TimestampMicros => "whether it was in time",
                /// The authority's reference; at most [`BREACH_NAME_BYTES_MAX`].
                reference: Option<String> => "finding the report again",
                /// Why it was later than 72 hours; at most [`BREACH_TEXT_BYTES_MAX`].
                late_because: Option<String> => "why it was late (GDPR art. 33(1))",
                /// Who reported it.
                by: ActorId => "who is answerable",
            }
        }
        /// It was decided not to report it to the authority.
        NonNotificationDecided "breach.not-to-authority" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// Why; names nobody; at most [`BREACH_TEXT_BYTES_MAX`].
                reason: String => "why the authority was not told",
                /// Who decided.
                by: ActorId => "who is answerable",
            }
        }
        /// The people concerned were told.
        DataSubjectsInformed "breach.people-informed" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// When.
                at: TimestampMicros => "whether it was without delay",
                /// How.
                means: Means => "how people were told",
                /// How many.
                people: Count => "how many people were told",
                /// Who told them.
                by: ActorId => "who is answerable",
            }
        }
        /// It was decided not to tell the people concerned.
        NotInformedDecided "breach.not-to-people" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// On which ground.
                because: NotInformedBecause => "why people were not told",
                /// In words; names nobody; at most [`BREACH_TEXT_BYTES_MAX`].
                reason: String => "why people were not told",
                /// When a public notice was given, where telling each takes too much effort.
                public_notice_at: Option<TimestampMicros> => "whether people could know instead",
                /// Who decided.
                by: ActorId => "who is answerable",
            }
        }
        /// The parties agreed who bears which costs of notifying.
        CostsAgreed "breach.costs-agreed" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// What was agreed; names nobody; at most [`BREACH_TEXT_BYTES_MAX`].
                agreed: String => "who bears which costs",
                /// Who recorded it.
                by: ActorId => "who is answerable",
            }
        }
        /// What was learned from it; also after it is closed.
        LessonRecorded "breach.lesson-recorded" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// The lesson; names nobody; at most [`BREACH_TEXT_BYTES_MAX`].
                lesson: String => "preventing it from happening again",
                /// Who recorded it.
                by: ActorId => "who is answerable",
            }
        }
        /// What was confirmed as a breach is none.
        BreachReportWithdrawn "breach.withdrawn" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// Why; names nobody; at most [`BREACH_TEXT_BYTES_MAX`].
                reason: String => "why it is no breach",
                /// When the report to the authority was withdrawn, if there was one.
                authority_told_at: Option<TimestampMicros> => "whether the authority knows",
                /// Who decided.
                by: ActorId => "who is answerable",
            }
        }
        /// An incident was closed.
        IncidentClosed "breach.closed" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// How it ended.
                outcome: Outcome => "how it ended",
                /// Why; names nobody; at most [`BREACH_TEXT_BYTES_MAX`].
                reason: String => "why it could be closed",
                /// Who closed it.
                by: ActorId => "who is answerable",
            }
        }
        /// A closed incident was taken up again.
        IncidentReopened "breach.reopened" 1 {
            facts {
                /// Which incident.
                incident: IncidentId => "which incident",
                /// Why; names nobody; at most [`BREACH_TEXT_BYTES_MAX`].
                reason: String => "why it was taken up again",
                /// Who decided.
                by: ActorId => "who is answerable",
            }
        }
    }
}
