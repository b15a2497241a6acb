//! The annexes of agreements: what a product does with which data, what the school accepted of it,
//! and what else must be said before a module runs.
//!
//! *Invariant:* facts alone; an annex names kinds of people and of data, never a person.

mod contents;
pub mod examples;
mod words;

use record::ActorId;

use crate::agreement::AgreementId;
use crate::declare::capability;

pub use contents::*;
pub use words::*;

/// Most annexes of one tenant.
pub const ANNEXES_MAX: usize = 50;
/// Most versions of one annex.
pub const VERSIONS_MAX: usize = 200;

record::random_id!(
    /// The annex of one product, in all its versions.
    #[derive(bincode::Encode, bincode::Decode)]
    AnnexId
);

capability! {
    /// Events of annexes.
    AnnexEvent in "annex" {
        /// The processor published a version.
        AnnexVersionPublished "annex.version-published" 1 {
            facts {
                /// The annex.
                annex: AnnexId => "naming the annex",
                /// The agreement that it belongs to.
                agreement: AgreementId => "under which agreement it holds",
                /// Its version; each is higher than those before.
                version: u32 => "which version bound which processing",
                /// Its date, like `2025-02-01`.
                date: String => "which version bound which processing",
                /// What it says.
                contents: Box<Contents> => "what is processed, what for, how long and where",
                /// Who published it.
                by: ActorId => "who is answerable",
            }
        }
        /// The school accepted a version: it governs until a later one is accepted.
        AnnexVersionAccepted "annex.version-accepted" 1 {
            facts {
                /// The annex.
                annex: AnnexId => "which annex governs",
                /// The version.
                version: u32 => "which version governs",
                /// Who accepted it.
                by: ActorId => "who is answerable",
            }
        }
        /// The school refused a version: the one before goes on.
        AnnexVersionRefused "annex.version-refused" 1 {
            facts {
                /// The annex.
                annex: AnnexId => "which annex was refused",
                /// The version.
                version: u32 => "which version was refused",
                /// Who refused it.
                by: ActorId => "who is answerable",
            }
        }
        /// The school accepted an optional service.
        OptionalServiceAccepted "annex.service-accepted" 1 {
            facts {
                /// The annex.
                annex: AnnexId => "which annex offers it",
                /// The code of the service.
                service: String => "which service may run",
                /// Who accepted it.
                by: ActorId => "who is answerable",
            }
        }
        /// The school wants an optional service no more.
        OptionalServiceWithdrawn "annex.service-withdrawn" 1 {
            facts {
                /// The annex.
                annex: AnnexId => "which annex offers it",
                /// The code of the service.
                service: String => "which service may run no more",
                /// Who withdrew it.
                by: ActorId => "who is answerable",
            }
        }
        /// A council consented to a module that follows staff.
        ParticipationConsentRecorded "annex.council-consented" 1 {
            facts {
                /// Which module.
                module: Module => "which module may run",
                /// Which council.
                council: Council => "who consented (WMS art. 12, WOR art. 27)",
                /// When it decided, like `2026-09-01`.
                date: String => "when the council consented",
                /// Where its decision is kept; at most [`ANNEX_NAME_BYTES_MAX`].
                reference: String => "finding the decision",
                /// Who recorded it.
                by: ActorId => "who is answerable",
            }
        }
        /// A council consents no more.
        ParticipationConsentWithdrawn "annex.council-withdrew" 1 {
            facts {
                /// Which module.
                module: Module => "which module may run no more",
                /// Who recorded it.
                by: ActorId => "who is answerable",
            }
        }
        /// The school stated what makes a purpose lawful.
        LegalBasisStated "annex.basis-stated" 1 {
            facts {
                /// The annex.
                annex: AnnexId => "which annex names the purpose",
                /// The code of the purpose.
                purpose: String => "what the basis is stated for",
                /// The basis.
                basis: LegalBasis => "what makes it lawful (GDPR art. 6(1))",
                /// Why; names nobody; at most [`ANNEX_TEXT_BYTES_MAX`].
                note: Option<String> => "why this basis",
                /// Who stated it.
                by: ActorId => "who is answerable",
            }
        }
    }
}
