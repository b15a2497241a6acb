//! How a thing stands at one moment, as the views and the rules of that moment say.

use events::agreement::AgreementId;
use events::annex::AnnexId;
use events::breach::IncidentId;
use events::observe::ObservationId;
use events::request::RequestId;
use events::survey::RoundId;
use events::sync::CouplingId;
use projections::Views;
use record::{Seq, SubjectId};
use rules::State;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// Most looks that are counted; more are many.
const LOOKS_MAX: usize = 10_000;

/// A kind of thing that has a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A person, or a pseudonym.
    Person,
    /// An incident.
    Incident,
    /// An annex, in all its versions.
    Annex,
    /// A processor agreement.
    Agreement,
    /// A round of a survey.
    Round,
    /// An observation of a lesson.
    Observation,
    /// A request of a data subject.
    Request,
    /// A coupling with a system of the school.
    Coupling,
}

impl Kind {
    /// Every kind, with its name.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("person", Self::Person),
        ("incident", Self::Incident),
        ("annex", Self::Annex),
        ("agreement", Self::Agreement),
        ("round", Self::Round),
        ("observation", Self::Observation),
        ("request", Self::Request),
        ("coupling", Self::Coupling),
    ];

    /// The kind of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// How the thing stands; null when there is none.
    pub(super) fn standing(self, id: [u8; 16], views: &Views, state: &State) -> Value {
        match self {
            Self::Person => person(SubjectId::from_bytes(id), views, state),
            Self::Incident => written(views.incidents().dossier(IncidentId::from_bytes(id))),
            Self::Annex => {
                let id = AnnexId::from_bytes(id);
                written(views.annexes().list().find(|row| row.annex == id))
            }
            Self::Agreement => {
                let id = AgreementId::from_bytes(id);
                written(views.agreements().list().find(|row| row.agreement == id))
            }
            Self::Round => written(views.surveys().round(RoundId::from_bytes(id))),
            Self::Coupling => written(views.syncs().coupling(CouplingId::from_bytes(id))),
            Self::Request => written(views.requests().row(RequestId::from_bytes(id))),
            Self::Observation => {
                written(views.observations().observation(ObservationId::from_bytes(id)))
            }
        }
    }
}

/// What is kept of a person, in references and counts.
fn person(id: SubjectId, views: &Views, state: &State) -> Value {
    let account = state.account_of_person(id);
    let roles: Vec<_> = views
        .access()
        .grants()
        .filter(|grant| Some(grant.account) == account)
        .map(written)
        .collect();
    let schools: Vec<_> = state
        .affiliations_of(id)
        .map(|(school, position)| json!({ "school": school.to_string(), "position": format!("{position:?}").to_lowercase() }))
        .collect();
    let teams: Vec<_> = state.teams_of(id).map(|team| team.to_string()).collect();
    let lessons: Vec<_> = views.observations().of_teacher(id).map(written).collect();
    let observes: Vec<_> = views.observations().of_observer(id).map(written).collect();
    let incidents: Vec<_> =
        views.incidents().concerning(id).map(|(incident, _)| incident.to_string()).collect();
    json!({
        "known": views.people().registered_at(id).is_some(),
        "account": account.map(|account| account.to_string()),
        "suspended": account
            .and_then(|account| state.account(account))
            .is_some_and(|(_, account)| account.suspended.is_some()),
        "roles": roles,
        "schools": schools,
        "teams": teams,
        "pseudonyms": views.people().links_of(id).len(),
        "lessons-observed": lessons,
        "observes": observes,
        "incidents": incidents,
        "looked-at": views.trail().of(id, Seq(u64::MAX), LOOKS_MAX).len(),
    })
}

fn written<T: Serialize>(row: T) -> Value {
    serde_json::to_value(row).unwrap_or(Value::Null)
}
