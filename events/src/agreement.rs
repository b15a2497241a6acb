//! The agreements between the controller of a tenant and a processor, and who speaks for whom.
//!
//! *Invariant:* the parties are organisations; the people who speak for them are told apart from the
//! facts, each in a part of their own. Whether such a person may instruct is a fact.

pub mod examples;

use bincode::{Decode, Encode};
use record::{ActorId, TimestampMicros};

use crate::About;
use crate::declare::{capability, told};

/// Longest name, seat or address of a party, in bytes.
pub const PARTY_BYTES_MAX: usize = 200;
/// Longest description of an amendment or a deviation, in bytes.
pub const AGREEMENT_TEXT_BYTES_MAX: usize = 4_000;
/// Longest reference to an article or a contract, in bytes.
pub const REFERENCE_BYTES_MAX: usize = 200;
/// Most agreements of one tenant.
pub const AGREEMENTS_MAX: usize = 100;
/// Most contact persons of one tenant at a time.
pub const CONTACTS_MAX: usize = 200;
/// Most deviations and linked contracts of one agreement, each.
pub const DEVIATIONS_MAX: usize = 100;
/// Longest name, function, e-mail address or telephone number of a contact person, in bytes.
pub const CONTACT_BYTES_MAX: usize = 254;

record::random_id!(
    /// One processor agreement.
    #[derive(Encode, Decode)]
    AgreementId
);
record::random_id!(
    /// One contact person of one agreement.
    #[derive(Encode, Decode)]
    ContactId
);

/// An organisation that is a party, without anybody's name.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Party {
    /// Its name; at most [`PARTY_BYTES_MAX`], as all that follows.
    pub name: String,
    /// Its number in the trade register, 8 digits.
    pub kvk: String,
    /// Where it is established.
    pub seat: String,
    /// Where it can be reached.
    pub contact: String,
    /// Where its data protection officer can be reached, if it has one.
    pub fg_contact: Option<String>,
    /// Its representative in the Union, if it needs one (GDPR art. 27).
    pub representative: Option<String>,
}

/// Who agreed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Parties {
    /// The school board.
    pub controller: Party,
    /// Who processes for it.
    pub processor: Party,
}

/// Which text the agreement follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum AgreementModel {
    /// The model of covenant 4.0 for its participants.
    Covenant4,
    /// The general model of covenant 4.0.
    Covenant4General,
    /// The model of covenant 3.0.
    Covenant3,
    /// A text of the parties' own.
    Own,
}

/// What an agreement says about time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Terms {
    /// Its first moment.
    pub starts: TimestampMicros,
    /// The first moment after it; `None` as long as the underlying contract runs.
    pub ends: Option<TimestampMicros>,
    /// How long the school may object to a new subprocessor, like `P6W`.
    pub objection: String,
    /// Within how many hours the processor notifies a breach.
    pub breach_hours: u16,
}

/// For which party somebody speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Side {
    /// The school.
    Controller,
    /// The processor.
    Processor,
}

/// Why an agreement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum EndReason {
    /// Its term, or that of the underlying contract, is over.
    TermOver,
    /// The school ended it.
    ByController,
    /// The processor ended it.
    ByProcessor,
    /// Both ended it.
    Jointly,
}

told! {
    /// How a contact person is reached.
    pub struct Contact {
        /// At most [`CONTACT_BYTES_MAX`].
        name: String => "knowing who speaks for a party",
        /// The function; at most [`CONTACT_BYTES_MAX`].
        function: String => "knowing who speaks for a party",
        /// At most [`CONTACT_BYTES_MAX`].
        email: String => "reaching who speaks for a party",
        /// At most [`CONTACT_BYTES_MAX`].
        phone: Option<String> => "reaching who speaks for a party",
    }
}

capability! {
    /// Events of agreements.
    AgreementEvent in "agreement" {
        /// An agreement was signed.
        AgreementSigned "agreement.signed" 1 {
            facts {
                /// Its id.
                agreement: AgreementId => "naming the agreement",
                /// Between whom.
                parties: Box<Parties> => "naming controller and processor (GDPR art. 28(3))",
                /// Which text it follows.
                model: AgreementModel => "which duties hold",
                /// What it says about time.
                terms: Terms => "when it holds and which terms run",
                /// Who recorded it.
                by: ActorId => "who is answerable",
            }
        }
        /// Both parties changed an agreement in writing.
        AgreementAmended "agreement.amended" 1 {
            facts {
                /// Which agreement.
                agreement: AgreementId => "which agreement changed",
                /// What it says about time from now on.
                terms: Terms => "when it holds and which terms run",
                /// What changed; names nobody; at most [`AGREEMENT_TEXT_BYTES_MAX`].
                text: String => "what the parties changed",
                /// Who signed for the school.
                for_controller: ActorId => "who is answerable",
                /// Who signed for the processor.
                for_processor: ActorId => "who is answerable",
            }
        }
        /// A later agreement on the same services took the place of an earlier one.
        AgreementSuperseded "agreement.superseded" 1 {
            facts {
                /// The earlier one: it holds no more.
                agreement: AgreementId => "which agreement ended",
                /// The later one.
                successor: AgreementId => "which agreement holds now",
                /// Who recorded it.
                by: ActorId => "who is answerable",
            }
        }
        /// An agreement ended.
        AgreementEnded "agreement.ended" 1 {
            facts {
                /// Which agreement.
                agreement: AgreementId => "which agreement ended",
                /// Why.
                reason: EndReason => "why it ended",
                /// Who recorded it.
                by: ActorId => "who is answerable",
            }
        }
        /// Somebody may speak for a party.
        ContactAuthorised "agreement.contact-added" 1 {
            facts {
                /// The contact.
                contact: ContactId => "naming the contact person",
                /// For which agreement.
                agreement: AgreementId => "for which agreement this person speaks",
                /// For which party.
                side: Side => "for whom this person speaks",
                /// Whether instructions and acceptances may come from this person.
                may_instruct: bool => "whose instructions are followed",
                /// Who authorised.
                by: ActorId => "who is answerable",
            }
            about {
                /// Who it is.
                person: About<Contact> => [CONTACT] until Scope,
            }
        }
        /// Somebody speaks for a party no more.
        ContactRevoked "agreement.contact-revoked" 1 {
            facts {
                /// Which contact.
                contact: ContactId => "who speaks for a party no more",
                /// Who revoked it.
                by: ActorId => "who is answerable",
            }
        }
        /// The parties deviate from an article of the model, or add to it.
        DeviationRecorded "agreement.deviation" 1 {
            facts {
                /// Which agreement.
                agreement: AgreementId => "which agreement deviates",
                /// Which article; at most [`REFERENCE_BYTES_MAX`].
                article: String => "from what the parties deviate",
                /// How and why; names nobody; at most [`AGREEMENT_TEXT_BYTES_MAX`].
                text: String => "how the parties deviate, and why",
                /// Who recorded it.
                by: ActorId => "who is answerable",
            }
        }
        /// The contract was named that the agreement belongs to, and over which it prevails.
        UnderlyingContractLinked "agreement.contract-linked" 1 {
            facts {
                /// Which agreement.
                agreement: AgreementId => "which agreement prevails",
                /// Which contract; at most [`REFERENCE_BYTES_MAX`].
                contract: String => "over which contract the agreement prevails",
                /// Who recorded it.
                by: ActorId => "who is answerable",
            }
        }
    }
}
