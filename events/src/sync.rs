//! Couplings with a school's own system: what is fetched every week, and what becomes of it.
//!
//! *Invariant:* what a run brings of people lies in a scope of its own, that ends when the next run
//! takes its place, when the run comes to nothing, or when the coupling is switched off.
//! *Invariant:* no address and no name stands in the facts; a person is known again by a keyed digest
//! of the school e-mail, under the person's own key.
//! *Invariant:* no secret of a coupling stands in any event.

use bincode::{Decode, Encode};
use record::{ActorId, ScopeId};

use crate::About;
use crate::annex::FieldId;
use crate::declare::{capability, told};
use crate::organisation::SchoolId;

/// Most couplings of one tenant, those that are switched off included.
pub const COUPLINGS_MAX: usize = 50;
/// Most people of one run.
pub const SYNC_PEOPLE_MAX: u32 = 50_000;
/// Most people that one event says are missing or back: a record has at most 255 parts.
pub const MISSED_MAX: usize = 200;
/// Longest name or part of a name of a contact, in bytes.
pub const CONTACT_NAME_BYTES_MAX: usize = 200;
/// Longest address of a contact, in bytes.
pub const CONTACT_EMAIL_BYTES_MAX: usize = 254;
/// Most names that are counted in one run.
pub const COUNTED_MAX: usize = 100;
/// Longest name that is counted, in bytes.
pub const COUNTED_NAME_BYTES_MAX: usize = 64;
/// Longest reason of a failure, in bytes.
pub const FAILURE_BYTES_MAX: usize = 200;

record::random_id!(
    /// One coupling with one system of one school or board.
    #[derive(Encode, Decode)]
    CouplingId
);
record::random_id!(
    /// One run of a coupling.
    #[derive(Encode, Decode)]
    SyncRunId
);

/// A system that contacts are fetched from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum SyncSource {
    /// AFAS Profit.
    Afas,
    /// Somtoday.
    Somtoday,
}

impl SyncSource {
    /// Its name for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Afas => "afas",
            Self::Somtoday => "somtoday",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Afas, Self::Somtoday].into_iter().find(|source| source.name() == text)
    }
}

/// Why a whole download waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum HeldBecause {
    /// It brought nobody.
    Nobody,
    /// It brought far fewer people than the run before.
    FarFewer,
    /// Too many who were there last time are not there now.
    TooManyMissing,
}

/// What a person decides of somebody who was not delivered any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum MissingDecision {
    /// Still works here: the account can be used again.
    Keep,
    /// Works here no more: the account stays suspended.
    Leaves,
}

/// Something that was counted by its name.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Counted {
    /// A field of the source or a reason; at most [`COUNTED_NAME_BYTES_MAX`].
    pub name: String,
    /// How often.
    pub count: u64,
}

/// What a whole download came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Downloaded {
    /// People.
    pub people: u32,
    /// Rows of people who were there already.
    pub repeated: u64,
    /// Pages.
    pub pages: u64,
    /// Fields that were sent and not let in; at most [`COUNTED_MAX`].
    pub rejected: Vec<Counted>,
    /// Rows that were not let in, by reason; at most [`COUNTED_MAX`].
    pub stopped: Vec<Counted>,
}

told! {
    /// A member of staff, as the source delivered it and the annex allows it.
    pub struct StaffEntry {
        /// The name that someone is called by.
        given_name: Option<String> => "inviting and addressing the person",
        /// Initials of the first names.
        initials: Option<String> => "inviting and addressing the person",
        /// What stands before the surname.
        prefix: Option<String> => "inviting and addressing the person",
        /// The surname without its prefix.
        surname: Option<String> => "inviting and addressing the person",
        /// The address at school; at most [`CONTACT_EMAIL_BYTES_MAX`].
        email: String => "inviting the person",
    }
}

told! {
    /// What a delivered person is known again by.
    pub struct Match {
        /// The coupling that delivers the person.
        coupling: CouplingId => "which coupling delivers the person",
        /// Keyed digest of the school e-mail in lower case.
        index: [u8; 16] => "knowing next week that it is the same person",
    }
}

told! {
    /// That somebody was not delivered any more, or is again.
    pub struct Missed {
        /// By which coupling.
        coupling: CouplingId => "who is to decide about the person",
    }
}

told! {
    /// What was decided of somebody who was not delivered any more.
    pub struct DecidedOf {
        /// By which coupling.
        coupling: CouplingId => "which absence was decided about",
        /// What.
        decision: MissingDecision => "whether the person still works there",
    }
}

capability! {
    /// Events of couplings.
    SyncEvent in "sync" {
        /// A coupling was switched on, or set anew.
        CouplingSwitchedOn "sync.coupling-on" 1 {
            facts {
                /// Its id.
                coupling: CouplingId => "naming the coupling",
                /// The system.
                source: SyncSource => "where contacts are fetched from",
                /// The school whose staff it is; without one, the whole board's.
                school: Option<SchoolId> => "whose staff is fetched",
                /// The fields that are asked for, as far as the annex ticks them.
                fields: Vec<FieldId> => "which data are fetched",
                /// The code of the purpose in the annex; at most
                /// [`CODE_BYTES_MAX`](crate::annex::CODE_BYTES_MAX).
                purpose: String => "what for contacts are fetched",
                /// The hour of Sunday, in the Netherlands, from 0 to 23.
                hour: u8 => "when contacts are fetched",
                /// Who switched it on; nobody where the operator did.
                by: Option<ActorId> => "who is answerable",
            }
        }
        /// A coupling was switched off: its contacts are cut.
        CouplingSwitchedOff "sync.coupling-off" 1 {
            facts {
                /// Which coupling.
                coupling: CouplingId => "which coupling ended",
                /// Who switched it off; nobody where the operator did.
                by: Option<ActorId> => "who is answerable",
            }
        }
        /// A run began.
        SyncStarted "sync.started" 1 {
            facts {
                /// Which coupling.
                coupling: CouplingId => "which coupling runs",
                /// Its id.
                run: SyncRunId => "naming the run",
                /// The term of what it brings.
                scope: ScopeId => "ending what it brings, all at once",
            }
            begins { scope }
        }
        /// A run brought somebody; it does not count before the download is whole.
        ContactDelivered "sync.contact-delivered" 1 {
            facts {
                /// Which run.
                run: SyncRunId => "which run brought it",
            }
            about {
                /// Who, for the term of the run.
                contact: About<StaffEntry> => [STAFF_CONTACT] until Scope,
                /// What the person is known again by, unless that is known.
                known: Option<About<Match>> => [STAFF_MATCH] until Scope,
            }
        }
        /// All that the source holds was downloaded.
        DownloadCompleted "sync.download-completed" 1 {
            facts {
                /// Which run.
                run: SyncRunId => "which run is whole",
                /// What it came to.
                downloaded: Box<Downloaded> => "whether it can be right, and what was kept out",
            }
        }
        /// A whole download cannot be right by itself: a person decides.
        SyncHeld "sync.held" 1 {
            facts {
                /// Which run.
                run: SyncRunId => "which run waits",
                /// Why.
                because: HeldBecause => "why it waits",
                /// People in it.
                people: u32 => "whether it can be right",
                /// People of the run before it.
                before: u32 => "whether it can be right",
                /// Of those, who are not there now.
                missing: u32 => "whether it can be right",
            }
        }
        /// The contacts of a run took the place of those before.
        ContactsReplaced "sync.contacts-replaced" 1 {
            facts {
                /// Which run.
                run: SyncRunId => "whose contacts hold",
                /// Who let it, where it had been held.
                by: Option<ActorId> => "who is answerable",
            }
        }
        /// A run came to nothing: what holds stays.
        SyncFailed "sync.failed" 1 {
            facts {
                /// Which run.
                run: SyncRunId => "which run came to nothing",
                /// What went wrong; names nobody; at most [`FAILURE_BYTES_MAX`].
                because: String => "what has to be mended",
            }
        }
        /// A person rejected a run that was held: what holds stays.
        SyncRejected "sync.rejected" 1 {
            facts {
                /// Which run.
                run: SyncRunId => "which run came to nothing",
                /// Who rejected it.
                by: Option<ActorId> => "who is answerable",
            }
        }
        /// People who were delivered before are not delivered now.
        PeopleMissed "sync.people-missed" 1 {
            facts {
                /// In which run.
                run: SyncRunId => "since when they are missing",
            }
            about {
                /// Who; at most [`MISSED_MAX`].
                people: Vec<About<Missed>> => [STAFF_MATCH] until Scope,
            }
        }
        /// People who were missing are delivered again.
        PeopleReturned "sync.people-returned" 1 {
            facts {
                /// In which run.
                run: SyncRunId => "since when they are back",
            }
            about {
                /// Who; at most [`MISSED_MAX`].
                people: Vec<About<Missed>> => [STAFF_MATCH] until Scope,
            }
        }
        /// A person decided about somebody who is missing.
        MissingDecided "sync.missing-decided" 1 {
            facts {
                /// Who decided.
                by: ActorId => "who is answerable",
            }
            about {
                /// About whom, and what.
                person: About<DecidedOf> => [STAFF_MATCH] until Scope,
            }
        }
    }
}
