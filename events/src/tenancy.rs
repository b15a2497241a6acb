//! The start of a tenant, its restores, and what the operator journal notes of tenants: public
//! parts only.

use record::public::{
    InstallationStarted, PublicPart, RestoreDeclared, TenantClosing, TenantRegistered,
    TenantStarted, TenantWitnessed,
};

/// Events of tenancy; each wraps the public part of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the public part of the same name")]
pub enum TenancyEvent {
    InstallationStarted(InstallationStarted),
    TenantRegistered(TenantRegistered),
    TenantWitnessed(TenantWitnessed),
    TenantClosing(TenantClosing),
    TenantStarted(TenantStarted),
    RestoreDeclared(RestoreDeclared),
}

impl TenancyEvent {
    pub(crate) fn public_part(&self) -> PublicPart {
        match self {
            Self::InstallationStarted(part) => PublicPart::InstallationStarted(part.clone()),
            Self::TenantRegistered(part) => PublicPart::TenantRegistered(part.clone()),
            Self::TenantWitnessed(part) => PublicPart::TenantWitnessed(part.clone()),
            Self::TenantClosing(part) => PublicPart::TenantClosing(part.clone()),
            Self::TenantStarted(part) => PublicPart::TenantStarted(part.clone()),
            Self::RestoreDeclared(part) => PublicPart::RestoreDeclared(part.clone()),
        }
    }
}
