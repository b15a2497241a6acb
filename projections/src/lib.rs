//! What can be asked: views folded from events, that forget what was destroyed.
//!
//! *Invariant:* pure: no input or output, no clock, no randomness.
//! *Invariant:* live views after a forget equal views rebuilt from the records that still open; so
//! what a part about a person gives a view is kept under that part's keys and leaves with them.
//! *Invariant:* no names, answers or links: whoever shows them reopens the record by its sequence
//! number, which fails for an erased one by itself.

mod access;
mod agreement;
mod annex;
mod breach;
mod erasure;
mod gate;
mod import;
mod observe;
mod organisation;
mod people;
mod request;
mod retention;
mod survey;
mod sync;
mod tenancy;

mod discover;
mod processing;

mod moment;
mod ranges;
mod sentence;
mod text;

#[cfg(test)]
mod tests;

use bincode::{Decode, Encode};
use events::{Event, Forgotten, Place, canonical_bytes};

pub use access::{
    Access, AccountRow, GrantRow, ROLES, SupportRow, TokenRow, Trail, reach_name, role_name,
};
pub use agreement::{AgreementRow, Agreements, AmendmentRow, ContactRow, DeviationRow, PartyRow};
pub use annex::{
    AnnexRow, Annexes, ChangeRow, ContentsRow, CouncilRow, CouplingRow, FieldRow, GateRow,
    LocationRow, OptionalRow, PurposeRow, RetentionRow, ServiceRow, SubprocessorRow, TransferRow,
    VersionRow,
};
pub use breach::{
    Clocks, CountRow, CountedRow, DecisionRow, Dossier, FormRow, IncidentRow, Incidents,
    NOT_YET_KNOWN, NOTICE_LINK, NoticeItemRow, NoticeLanguage, NoticeRow, NoticeVersionRow,
    StepRow, Value, Words, authority_form, notice_text,
};
pub use discover::{Analyses, AnalysisList, PublishedAnalysis, PublishedCell, PublishedQuestion};
pub use erasure::{ErasureList, ErasureRow, ErasureStage, Erasures};
pub use gate::{RefusedRow, RejectedRow, Rejections};
pub use import::{ImportList, ImportProgress, ImportRow, Imports};
pub use moment::AsOf;
pub use observe::{
    AssessmentRow, CorrectionRow, DomainRow, DomainScore, InstrumentRow, Instruments, ItemRemark,
    ItemRow, LessonRow, ObservationCount, ObservationReport, ObservationRow, Observations, Opened,
    Places, RemarkRow, TrendPoint, WordingRow, domain_scores, observation_report, purpose_name,
    variant_name,
};
pub use organisation::{BoardRow, Organisation, OrganisationChart, SchoolRow, TeamRow};
pub use people::{People, PersonList, PersonRow};
pub use processing::{
    Art30, ControllerEntry, ControllerRegister, DataRow, GroundRow, KeptRow, ProcessorEntry,
    ProcessorRegister, SeatRow, StatedRow,
};
pub use request::{
    CategoryRow, RequestRow, RequestStepRow, Requests, TRAIL_GROUND, category_words, ground_words,
    request_kind_words,
};
pub use retention::{ExpiredRow, Retention, RunRow, TermRow, expired_row};
pub use sentence::{Sentence, sentence};
pub use survey::{AudienceRow, QuestionRow, RoundBoard, RoundRow, SurveyList, SurveyRow, Surveys};
pub use sync::{CountedName, MissingRow, SyncCouplingRow, SyncRunRow, Syncs};
pub use tenancy::Tenancy;

/// All views of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Views {
    tenancy: Tenancy,
    organisation: Organisation,
    people: People,
    access: Access,
    trail: Trail,
    agreements: Agreements,
    annexes: Annexes,
    rejections: Rejections,
    surveys: Surveys,
    analyses: Analyses,
    imports: Imports,
    instruments: Instruments,
    observations: Observations,
    incidents: Incidents,
    requests: Requests,
    retention: Retention,
    syncs: Syncs,
    erasures: Erasures,
}

impl Views {
    /// Folds one event.
    pub fn apply(&mut self, place: &Place, event: &Event) {
        match event {
            Event::Tenancy(event) => self.tenancy.apply(place, event),
            Event::Organisation(event) => self.organisation.apply(place, event),
            Event::People(event) => self.people.apply(place, event),
            Event::Access(event) => {
                self.access.apply(place, event);
                self.trail.apply(place, event);
            }
            Event::Breach(event) => self.incidents.apply(place, event),
            Event::Sync(event) => self.syncs.apply(place, event),
            Event::Agreement(event) => self.agreements.apply(place, event),
            Event::Annex(event) => self.annexes.apply(place, event),
            Event::Gate(event) => self.rejections.apply(place, event),
            Event::Request(event) => self.requests.apply(place, event),
            Event::Retention(event) => self.retention.apply(place, event),
            Event::Survey(event) => {
                self.surveys.apply(place, event);
                self.people.apply_survey(place, event);
                self.imports.apply_survey(event);
            }
            Event::Discover(event) => self.analyses.apply(place, event),
            Event::Import(event) => {
                self.imports.apply(place, event);
                self.surveys.apply_import(event);
                self.people.apply_import(event);
            }
            Event::Observe(event) => {
                self.instruments.apply(place, event);
                self.observations.apply(place, event);
            }
            Event::Erasure(event) => {
                self.erasures.apply(place, event);
                self.tenancy.apply_erasure(place, event);
                if self.tenancy.has_ended() {
                    self.forget_content();
                }
            }
        }
    }

    /// Removes everything that is kept under destroyed keys.
    ///
    /// The end of a tenant leaves what its public parts tell: its name and its erasures.
    pub fn forget(&mut self, gone: &Forgotten) {
        if gone.tenant {
            self.forget_content();
        }
        self.people.forget(gone);
        self.access.forget(gone);
        self.trail.forget(gone);
        self.observations.forget(gone);
        self.incidents.forget(gone);
        self.syncs.forget(gone);
        self.agreements.forget(gone);
        self.requests.forget(gone);
    }

    /// Canonical bytes of each view by name, to take digests of.
    #[must_use]
    pub fn digest_inputs(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("tenancy", canonical_bytes(&self.tenancy)),
            ("organisation", canonical_bytes(&self.organisation)),
            ("people", canonical_bytes(&self.people)),
            ("access", canonical_bytes(&self.access)),
            ("trail", canonical_bytes(&self.trail)),
            ("agreement", canonical_bytes(&self.agreements)),
            ("annex", canonical_bytes(&self.annexes)),
            ("gate", canonical_bytes(&self.rejections)),
            ("survey", canonical_bytes(&self.surveys)),
            ("discover", canonical_bytes(&self.analyses)),
            ("import", canonical_bytes(&self.imports)),
            ("instruments", canonical_bytes(&self.instruments)),
            ("observations", canonical_bytes(&self.observations)),
            ("breach", canonical_bytes(&self.incidents)),
            ("request", canonical_bytes(&self.requests)),
            ("retention", canonical_bytes(&self.retention)),
            ("sync", canonical_bytes(&self.syncs)),
            ("erasure", canonical_bytes(&self.erasures)),
        ]
    }

    /// The tenant itself.
    #[must_use]
    pub const fn tenancy(&self) -> &Tenancy {
        &self.tenancy
    }

    /// The board, its schools and teams.
    #[must_use]
    pub const fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    /// Accounts, roles, tokens and support.
    #[must_use]
    pub const fn access(&self) -> &Access {
        &self.access
    }

    /// Who looked at whose data.
    #[must_use]
    pub const fn trail(&self) -> &Trail {
        &self.trail
    }

    /// The register of agreements.
    #[must_use]
    pub const fn agreements(&self) -> &Agreements {
        &self.agreements
    }

    /// Annexes and what was accepted of them.
    #[must_use]
    pub const fn annexes(&self) -> &Annexes {
        &self.annexes
    }

    /// What the gate kept out.
    #[must_use]
    pub const fn rejections(&self) -> &Rejections {
        &self.rejections
    }

    /// The registers of processing activities.
    #[must_use]
    pub const fn processing(&self) -> Art30<'_> {
        Art30 { agreements: &self.agreements, annexes: &self.annexes }
    }

    /// People known by name, and their links.
    #[must_use]
    pub const fn people(&self) -> &People {
        &self.people
    }

    /// Surveys, rounds and the response board.
    #[must_use]
    pub const fn surveys(&self) -> &Surveys {
        &self.surveys
    }

    /// Published analyses.
    #[must_use]
    pub const fn analyses(&self) -> &Analyses {
        &self.analyses
    }

    /// Imports.
    #[must_use]
    pub const fn imports(&self) -> &Imports {
        &self.imports
    }

    /// Instruments to observe with.
    #[must_use]
    pub const fn instruments(&self) -> &Instruments {
        &self.instruments
    }

    /// Observations of lessons.
    #[must_use]
    pub const fn observations(&self) -> &Observations {
        &self.observations
    }

    /// Incidents and breaches.
    #[must_use]
    pub const fn incidents(&self) -> &Incidents {
        &self.incidents
    }

    /// Requests of data subjects.
    #[must_use]
    pub const fn requests(&self) -> &Requests {
        &self.requests
    }

    /// Terms and runs of retention.
    #[must_use]
    pub const fn retention(&self) -> &Retention {
        &self.retention
    }

    /// Couplings and their runs.
    #[must_use]
    pub const fn syncs(&self) -> &Syncs {
        &self.syncs
    }

    /// Erasures.
    #[must_use]
    pub const fn erasures(&self) -> &Erasures {
        &self.erasures
    }

    fn forget_content(&mut self) {
        self.organisation = Organisation::default();
        self.people = People::default();
        self.access = Access::default();
        self.trail = Trail::default();
        self.agreements = Agreements::default();
        self.annexes = Annexes::default();
        self.rejections = Rejections::default();
        self.surveys = Surveys::default();
        self.analyses = Analyses::default();
        self.imports = Imports::default();
        self.instruments = Instruments::default();
        self.observations = Observations::default();
        self.incidents = Incidents::default();
        self.requests = Requests::default();
        self.retention = Retention::default();
        self.syncs = Syncs::default();
    }
}
