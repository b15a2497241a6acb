//! What is told with the operations of requests.

use events::request::{
    Advised, CategoryDecision, Ending, ExtendedBecause, Ground, HandedBy, IdentityShown,
    RequestKind, Verdict,
};
use record::TimestampMicros;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::named::named;

named! {
    /// Which right is used.
    KindName = RequestKind {
        Access, Rectification, Erasure, Restriction, Portability, Objection,
    }
    /// How it was made sure who asks; never by a copy of an identity document.
    ShownName = IdentityShown { InPerson, KnownToTheSchool, SignedIn, KnownAddress }
    /// Why it takes two months more.
    BecauseName = ExtendedBecause { Complex, Many }
    /// What the FG advises.
    AdvisedName = Advised { Grant, GrantInPart, Refuse }
    /// On which ground something is withheld or kept.
    GroundName = Ground {
        RightsOfOthers, LegalDuty, OpenIncident, PublicInterest, LegalClaims, NoGroundToErase,
        Unfounded,
    }
    /// How the answer reached whoever asked.
    HandedName = HandedBy { InPerson, RegisteredMail, OwnDownload }
    /// How a request ended.
    EndingName = Ending { Done, DoneInPart, Refused, Withdrawn }
}

/// A request that came in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Received {
    /// Whose request it is.
    pub(super) person: String,
    pub(super) kind: KindName,
    /// When the school received it, in microseconds since 1970.
    pub(super) school_at: Option<u64>,
    /// When the processor received it, in microseconds since 1970.
    pub(super) processor_at: Option<u64>,
}

/// A request of one's own.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnRequest {
    pub(super) kind: KindName,
}

/// When the school had it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Forwarding {
    /// Microseconds since 1970.
    pub(super) at: u64,
}

/// How it was made sure who asks.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Identifying {
    pub(super) shown: ShownName,
    /// Whether the person is under 16.
    pub(super) under_16: bool,
    /// For a child under 16: who acts for it, with parental authority.
    pub(super) representative: Option<String>,
}

/// An extension.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Extending {
    pub(super) because: BecauseName,
    /// When the person was told, in microseconds since 1970.
    pub(super) told_at: u64,
}

/// Advice of the FG.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Advising {
    pub(super) advised: AdvisedName,
    /// In words; goes with the person.
    pub(super) text: Option<String>,
}

/// What is done with a category.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum VerdictBody {
    Given {},
    Withheld {
        ground: GroundName,
    },
    Erased {},
    Kept {
        ground: GroundName,
        /// Microseconds since 1970; nothing where an open incident holds it.
        until: Option<u64>,
    },
}

/// One category.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CategoryBody {
    /// As numbered by the catalogue.
    category: u16,
    verdict: VerdictBody,
}

/// A decision.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Deciding {
    /// Every category that the preview lists, for access, portability and erasure; else none.
    pub(super) decisions: Vec<CategoryBody>,
    /// Whether an access package names who looked.
    pub(super) names_lookers: Option<bool>,
}

/// A package that was handed over.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Handing {
    pub(super) handed: HandedName,
    /// Microseconds since 1970.
    pub(super) at: u64,
}

/// How it ended.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Closing {
    pub(super) ending: EndingName,
    /// When the person was told, in microseconds since 1970.
    pub(super) told_at: u64,
}

impl From<CategoryBody> for CategoryDecision {
    fn from(body: CategoryBody) -> Self {
        let verdict = match body.verdict {
            VerdictBody::Given {} => Verdict::Given,
            VerdictBody::Withheld { ground } => Verdict::Withheld { ground: ground.into() },
            VerdictBody::Erased {} => Verdict::Erased,
            VerdictBody::Kept { ground, until } => {
                Verdict::Kept { ground: ground.into(), until: until.map(TimestampMicros) }
            }
        };
        Self { category: body.category, verdict }
    }
}
